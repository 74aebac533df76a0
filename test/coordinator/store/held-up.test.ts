// What a node takes, on a real database: without the time for which it was held up before its stop.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import { readJobToEnd } from '../../../coordinator/store/jobs-to-end.ts';
import { readSeconds } from '../../../coordinator/store/ring-sharing.ts';
import { createMigratedDatabase } from '../../support/database.ts';

/** Seconds since its node was begun with; null: not yet. */
interface Course {
  accepted: number | null;
  asked: number | null;
  allowed: number | null;
  ended: number | null;
}

describe('what a node takes', function () {
  this.timeout(60_000);
  const BEGUN_S = 100_000;
  let begunMs: number;
  const since = (seconds: number | null) => (seconds === null ? null : new Date(begunMs + seconds * 1_000));
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  const nodeId = randomUUID();
  let jobId: string;
  before(async () => {
    database = await createMigratedDatabase();
  });
  after(() => database.drop());

  async function course({ accepted, asked, allowed, ended }: Course, jobData = {}): Promise<void> {
    const { db } = database;
    begunMs = Date.now() - BEGUN_S * 1_000;
    const [clusterId, jobNodeId, runId] = [randomUUID(), randomUUID(), randomUUID()];
    jobId = randomUUID();
    await sql`insert into cluster (id, name) values (${clusterId}, ${clusterId})`.execute(db);
    await sql`insert into job (id, job_type, job_scope, cluster_id, cluster_name, job_data, status)
      values (${jobId}, 'restart', 'cluster', ${clusterId}, 'c', ${JSON.stringify(jobData)}, 'RUNNING')`.execute(
      db,
    );
    await sql`insert into job_node (id, job_id, node_id, node_name, datacenter_name, position, status, started_on, ended_on)
      values (${jobNodeId}, ${jobId}, ${nodeId}, 'n', 'd', 0, ${ended === null ? 'RUNNING' : 'COMPLETE'}, ${since(0)}, ${since(ended)})`.execute(
      db,
    );
    if (accepted === null) return;
    await sql`insert into run (id, job_id, job_node_id, node_id, input, accepted_on, finished_on, outcome)
      values (${runId}, ${jobId}, ${jobNodeId}, ${nodeId}, '{}', ${since(accepted)}, ${since(ended)}, ${ended === null ? null : 'succeeded'})`.execute(
      db,
    );
    if (asked !== null)
      await sql`insert into stop_question (run_id, id, node_id, address, asked_on, allowed_on)
        values (${runId}, ${randomUUID()}, ${nodeId}, '10.0.0.1', ${since(asked)}, ${since(allowed)})`.execute(
        db,
      );
  }
  const measured = async (times: Course, jobData = {}) => {
    await course(times, jobData);
    return (await readSeconds(database.db, 'restart', [nodeId])).get(nodeId);
  };

  it('is measured without a night at the gate, as in a job that was paused, and with what every stop waits for', async () => {
    expect(await measured({ accepted: 0, asked: 10, allowed: 43_210, ended: 43_290 })).to.equal(90);
    expect(await measured({ accepted: 0, asked: 10, allowed: 70, ended: 150 })).to.equal(150);
  });

  it('is measured from when its agent took it on, and whole where nothing was asked', async () => {
    expect(await measured({ accepted: 600, asked: null, allowed: null, ended: 660 })).to.equal(60);
    expect(await measured({ accepted: null, asked: null, allowed: null, ended: 80 })).to.equal(80);
  });

  it('is measured without what it was left in peace for, where it was', async () => {
    const [settled, left] = [
      { accepted: 0, asked: 5, allowed: 10, ended: 690 },
      { accepted: 0, asked: null, allowed: null, ended: 8 },
    ];
    expect(await measured(settled, { 'settle-seconds': 600 })).to.equal(90);
    expect(await measured(left, { 'settle-seconds': 600 }), 'not stopped').to.equal(8);
  });

  it('is told of a job under way in the same way, up to now while it waits', async () => {
    await course({ accepted: 40, asked: null, allowed: null, ended: null }, { 'settle-seconds': 7 });
    expect((await readJobToEnd(database.db, jobId))?.settleMs).to.equal(7_000);
    const heldS = async (times: Course) => {
      await course(times);
      return Math.floor(((await readJobToEnd(database.db, jobId))?.nodes[0]?.heldMs ?? -1) / 1_000);
    };
    expect(await heldS({ accepted: 40, asked: 50, allowed: 5_050, ended: 6_000 })).to.equal(5_040);
    expect(await heldS({ accepted: 40, asked: 50, allowed: null, ended: null })).to.be.within(
      99_990,
      100_200,
    );
    expect(await heldS({ accepted: null, asked: null, allowed: null, ended: null })).to.be.at.least(BEGUN_S);
  });
});
