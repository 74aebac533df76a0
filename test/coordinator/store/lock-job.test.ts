// What a pass locks, and that it never waits for a lock; and whose turn it is when a job has ended.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import type { Executor } from '../../../coordinator/store/database.ts';
import { type JobLock, lockJob, nextJobOfCluster } from '../../../coordinator/store/jobs.ts';
import { createMigratedDatabase } from '../../support/database.ts';

describe('the locks of a pass', function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  let clusterId: string;
  before(async () => {
    database = await createMigratedDatabase();
  });
  after(() => database.drop());
  beforeEach(async () => {
    clusterId = randomUUID();
    await sql`insert into cluster (id, name) values (${clusterId}, ${clusterId})`.execute(database.db);
  });

  const job = async (startedOn: Date | null = null): Promise<string> => {
    const id = randomUUID();
    await sql`insert into job (id, job_type, job_scope, cluster_id, cluster_name, job_data, started_on)
      values (${id}, 'restart', 'cluster', ${clusterId}, 'c', '{}', ${startedOn})`.execute(database.db);
    return id;
  };
  /** As another pass would; one that waits for a lock fails. */
  const lock = (id: string): Promise<JobLock> =>
    database.db.transaction().execute(async (trx) => {
      await sql`set local lock_timeout = '500ms'`.execute(trx);
      return await lockJob(trx, id);
    });
  /** What `work` finds while another transaction has done this and is still under way. */
  const beside = <T>(first: (trx: Executor) => Promise<unknown>, work: () => Promise<T>): Promise<T> =>
    database.db.transaction().execute(async (trx) => {
      await first(trx);
      return await work();
    });

  it('are free for one pass at a time of a job', async () => {
    const id = await job();
    expect(
      await beside(
        (trx) => lockJob(trx, id),
        () => lock(id),
      ),
    ).to.equal('locked');
    expect(await lock(id)).to.equal('held');
  });

  it('are held by one of the jobs of a cluster that may start, beside the one that has', async () => {
    const [running, first, second] = [await job(new Date()), await job(), await job()];
    const locks = await beside(
      (trx) => lockJob(trx, first),
      async () => [await lock(second), await lock(running)],
    );
    expect(locks).to.deep.equal(['locked', 'held']);
    expect(await lock(second)).to.equal('held');
  });

  it('are not waited for when the cluster is being changed or deleted', async () => {
    const id = await job();
    const change = (trx: Executor) =>
      sql`update cluster set comment = 'x' where id = ${clusterId}`.execute(trx);
    expect(await beside(change, () => lock(id))).to.equal('locked');
    const remove = (trx: Executor) => sql`delete from cluster where id = ${clusterId}`.execute(trx);
    expect(await beside(remove, () => lock(id))).to.equal('locked');
  });

  it('are not looked for again where there is no such job', async () => {
    expect(await lock(randomUUID())).to.equal('gone');
  });

  it('go on to the oldest of the jobs that wait for the one that has ended', async () => {
    const [ended, next] = [await job(new Date()), await job(), await job()];
    await sql`update job set ended_on = now() where id = ${ended}`.execute(database.db);
    expect(await nextJobOfCluster(database.db, ended)).to.equal(next);
    await sql`update job set ended_on = now() where cluster_id = ${clusterId}`.execute(database.db);
    expect(await nextJobOfCluster(database.db, ended)).to.equal(null);
  });
});
