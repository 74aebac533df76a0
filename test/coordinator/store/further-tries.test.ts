// Where further tries of nodes stand in a held job, on a real database: behind what failed, in its batch, with room made for all.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import { readJob } from '../../../coordinator/store/job-reads.ts';
import { resumeJob } from '../../../coordinator/store/pauses.ts';
import { readRetried } from '../../../coordinator/store/retries.ts';
import { Conflict } from '../../../shared/errors.ts';
import { createMigratedDatabase } from '../../support/database.ts';

describe('further tries of nodes', function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  let jobId: string;
  before(async () => {
    database = await createMigratedDatabase();
  });
  after(() => database.drop());

  /** In their order; one that failed did so a minute ago. */
  async function held(...nodes: { name: string; batch: number; status: string }[]): Promise<void> {
    const { db } = database;
    const [clusterId, datacenterId] = [randomUUID(), randomUUID()];
    jobId = randomUUID();
    await sql`insert into cluster (id, name) values (${clusterId}, ${clusterId})`.execute(db);
    await sql`insert into datacenter (id, name, cluster_id) values (${datacenterId}, 'd', ${clusterId})`.execute(
      db,
    );
    await sql`insert into job (id, job_type, job_scope, cluster_id, cluster_name, job_data, hold_on_error, status, started_on)
      values (${jobId}, 'restart', 'cluster', ${clusterId}, 'c', '{}', true, 'WILL_FAIL', now())`.execute(db);
    await sql`insert into job_counter (job_id) values (${jobId})`.execute(db);
    for (const [position, { name, batch, status }] of nodes.entries()) {
      const nodeId = randomUUID();
      await sql`insert into node (id, name, datacenter_id, ssh_management_address)
        values (${nodeId}, ${name}, ${datacenterId}, ${`10.0.0.${position + 1}`})`.execute(db);
      await sql`insert into job_node (id, job_id, node_id, node_name, datacenter_name, position, batch, status, ended_on)
        values (${randomUUID()}, ${jobId}, ${nodeId}, ${name}, 'd', ${position}, ${batch}, ${status},
          ${status === 'PENDING' ? null : new Date(Date.now() - 60_000)})`.execute(db);
    }
  }
  const stands = async () => {
    const { rows } = await sql<{ told: string }>`
      select concat_ws(' ', position, node_name, batch, status, case when retried_on is not null then 'retried' end) as told
      from job_node where job_id = ${jobId} order by position`.execute(database.db);
    return rows.map(({ told }) => told);
  };
  const refusalOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => null,
      (error: unknown) => error,
    );
  const one = (name: string, batch: number, status: string) => ({ name, batch, status });

  it('stand in the order of what failed, each right behind it, and count in its stead', async () => {
    await held(
      ...[one('a', 0, 'COMPLETE'), one('b', 1, 'FAILED'), one('c', 1, 'COMPLETE'), one('d', 1, 'FAILED')],
      ...[one('e', 2, 'PENDING'), one('f', 3, 'PENDING')],
    );
    expect(await resumeJob(database.db, jobId, 'ops', { retry: true })).to.equal(true);
    expect(await stands()).to.deep.equal([
      ...[
        '0 a 0 COMPLETE',
        '1 b 1 FAILED retried',
        '2 b 1 PENDING',
        '3 c 1 COMPLETE',
        '4 d 1 FAILED retried',
      ],
      ...['5 d 1 PENDING', '6 e 2 PENDING', '7 f 3 PENDING'],
    ]);
    expect((await readJob(database.db, jobId)).node_counts).to.deep.equal({ COMPLETE: 2, PENDING: 4 });
    const told = await sql<{
      message: string;
    }>`select message from job_event where job_id = ${jobId}`.execute(database.db);
    expect(told.rows).to.deep.equal([
      { message: 'Resumed by ops: b, d are tried again, and the job goes on with the nodes that are left' },
    ]);
  });

  it('are counted by jobs that retry this one as one node each', async () => {
    await held(one('a', 0, 'FAILED'), one('b', 1, 'PENDING'));
    await resumeJob(database.db, jobId, null, { retry: true });
    await sql`update job_node set status = 'COMPLETE', ended_on = now() where job_id = ${jobId} and status = 'PENDING'`.execute(
      database.db,
    );
    await sql`update job set status = 'COMPLETE', ended_on = now() where id = ${jobId}`.execute(database.db);
    expect(await refusalOf(readRetried(database.db, jobId))).to.be.instanceOf(Conflict);
  });

  it('are none of nodes that failed before the job was last told to go on, nor of those that are gone', async () => {
    await held(one('a', 0, 'FAILED'), one('b', 1, 'PENDING'));
    expect(await resumeJob(database.db, jobId, null, { retry: false })).to.equal(true);
    expect(await refusalOf(resumeJob(database.db, jobId, null, { retry: true }))).to.be.instanceOf(Conflict);
    await held(one('a', 0, 'FAILED'), one('b', 1, 'PENDING'));
    await sql`delete from node where name = 'a'`.execute(database.db);
    const before = await stands();
    expect(await refusalOf(resumeJob(database.db, jobId, null, { retry: true }))).to.be.instanceOf(Conflict);
    expect(await stands()).to.deep.equal(before);
  });
});
