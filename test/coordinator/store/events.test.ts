// Events in the database: stored once, numbered densely in the order given, whatever plan the database picks.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import { insertEvents, type NewEvent } from '../../../coordinator/store/events.ts';
import { eventsAfter } from '../../../coordinator/store/job-reads.ts';
import { uuidv7 } from '../../../shared/uuid.ts';
import { createMigratedDatabase } from '../../support/database.ts';

const event = (jobId: string, message: string): NewEvent => ({
  id: uuidv7(),
  job_id: jobId,
  job_node_id: null,
  node_id: null,
  event_type: 'check',
  event_subtype: 'test',
  event_resource: null,
  message,
  changes: false,
  before: null,
  after: '{"a":1}',
  traceback: null,
  created_on: new Date().toISOString(),
});

describe('job events in the store', function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  let jobId: string;
  before(async () => {
    database = await createMigratedDatabase();
  });
  after(() => database.drop());
  beforeEach(async () => {
    jobId = randomUUID();
    await sql`insert into job (id, job_type, job_scope, cluster_id, cluster_name, job_data, idle_after_s)
      values (${jobId}, 'restart', 'cluster', ${randomUUID()}, 'c', '{}', 300)`.execute(database.db);
    await sql`insert into job_counter (job_id) values (${jobId})`.execute(database.db);
  });
  const store = (events: readonly NewEvent[]) =>
    database.db.transaction().execute((trx) => insertEvents(trx, events));

  it('keep the order in which they were told, large batches included', async () => {
    const told = Array.from({ length: 1_500 }, (_, at) => event(jobId, `event ${at}`));
    expect(await store(told)).to.equal(1_500);
    const stored = await eventsAfter(database.db, jobId, 0, 2_000);
    expect(stored.map(({ message }) => message)).to.deep.equal(told.map(({ message }) => message));
    expect(stored.map(({ number }) => number)).to.deep.equal(told.map((_, at) => at + 1));
  });

  it('are stored once however often they come, and numbers stay dense', async () => {
    const [first, second, third] = [event(jobId, 'first'), event(jobId, 'second'), event(jobId, 'third')];
    await store([first, second]);
    expect(await store([first, second, third])).to.equal(1);
    const stored = await eventsAfter(database.db, jobId, 0, 10);
    expect(stored.map(({ number, message }) => [number, message])).to.deep.equal([
      [1, 'first'],
      [2, 'second'],
      [3, 'third'],
    ]);
  });

  it('are numbered densely when many transactions store at once', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, at) => store([event(jobId, `a${at}`), event(jobId, `b${at}`)])),
    );
    const stored = await eventsAfter(database.db, jobId, 0, 100);
    expect(stored.map(({ number }) => number)).to.deep.equal(Array.from({ length: 40 }, (_, at) => at + 1));
  });
});
