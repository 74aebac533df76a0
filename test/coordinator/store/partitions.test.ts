// The monthly partitions of job events: ahead of time, and not hindered by events of agents whose clocks are.
import { expect } from 'chai';
import { sql } from 'kysely';
import { keepPartitions } from '../../../coordinator/store/partitions.ts';
import { uuidv7 } from '../../../shared/uuid.ts';
import { createMigratedDatabase } from '../../support/database.ts';

describe('partitions of job events', () => {
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  before(async () => {
    database = await createMigratedDatabase();
  });
  after(() => database.drop());

  const nextYear = new Date().getUTCFullYear() + 1;
  const partitionOf = async (id: string): Promise<string> =>
    String(
      (
        await sql<{
          name: string;
        }>`select tableoid::regclass::text as name from job_event where id = ${id}`.execute(database.db)
      ).rows[0]?.name,
    );

  it('take events along that came long before their month, and make it nevertheless', async () => {
    const id = uuidv7(Date.UTC(nextYear, 5, 15));
    await sql`insert into job_event (id, job_id, number, event_type, event_subtype, message, created_on)
      values (${id}, ${uuidv7()}, 1, 'check', 'facts', 'early', now())`.execute(database.db);
    expect(await partitionOf(id)).to.equal('job_event_other');
    await keepPartitions(database.db, Date.UTC(nextYear, 4, 1));
    expect(await partitionOf(id)).to.equal(`job_event_${nextYear}_06`);
  });

  it('are made once by coordinators that start side by side', async () => {
    const at = Date.UTC(nextYear + 1, 0, 1);
    await Promise.all([keepPartitions(database.db, at), keepPartitions(database.db, at)]);
    const id = uuidv7(at);
    await sql`insert into job_event (id, job_id, number, event_type, event_subtype, message, created_on)
      values (${id}, ${uuidv7()}, 1, 'check', 'facts', 'in time', now())`.execute(database.db);
    expect(await partitionOf(id)).to.equal(`job_event_${nextYear + 1}_01`);
  });
});
