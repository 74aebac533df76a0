// Pauses and passes at the same moment, on a real database: what a pass has done counts, also for who waited for it.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import { pauseJob, resumeJob } from '../../../coordinator/store/pauses.ts';
import { createMigratedDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';

describe('a job that is told to go on while a pass is at it', function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  before(async () => {
    database = await createMigratedDatabase();
  });
  after(() => database.drop());

  const isWaitedFor = async (): Promise<void> => {
    const { rows } = await sql`select from pg_locks where not granted`.execute(database.db);
    expect(rows).to.have.length.greaterThan(0);
  };

  it('holds for a node that failed in that pass', async () => {
    const { db } = database;
    const [jobId, jobNodeId, clusterId] = [randomUUID(), randomUUID(), randomUUID()];
    await sql`insert into cluster (id, name) values (${clusterId}, 'c')`.execute(db);
    await sql`insert into job (id, job_type, job_scope, cluster_id, cluster_name, job_data, hold_on_error, status, started_on)
      values (${jobId}, 'restart', 'cluster', ${clusterId}, 'c', '{}', true, 'RUNNING', now())`.execute(db);
    await sql`insert into job_counter (job_id) values (${jobId})`.execute(db);
    await sql`insert into job_node (id, job_id, node_id, node_name, datacenter_name, position, status, started_on)
      values (${jobNodeId}, ${jobId}, ${randomUUID()}, 'n', 'd', 0, 'RUNNING', now())`.execute(db);
    await pauseJob(db, jobId, 'ops');
    const resumed = await db.transaction().execute(async (pass) => {
      await sql`select from job where id = ${jobId} for update`.execute(pass);
      const asked = resumeJob(db, jobId, 'ops', { retry: false });
      await eventually(isWaitedFor);
      await sql`update job_node set status = 'FAILED', ended_on = clock_timestamp() where id = ${jobNodeId}`.execute(
        pass,
      );
      await sql`update job set status = 'WILL_FAIL' where id = ${jobId}`.execute(pass);
      return { asked };
    });
    expect(await resumed.asked).to.equal(true);
    const { rows } = await sql<{ message: string; resumed: boolean }>`
      select message, (select resumed_on is not null from job where id = ${jobId}) as resumed from job_event
      where job_id = ${jobId} order by number desc limit 1`.execute(db);
    expect(rows).to.deep.equal([
      { message: 'Resumed by ops: the pause is over, and the job holds since nodes failed', resumed: false },
    ]);
  });
});
