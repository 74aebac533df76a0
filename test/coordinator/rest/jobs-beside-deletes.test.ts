// A job and a delete in the same moment: whichever comes second finds the first, and no job holds a node that is gone.
import { expect } from 'chai';
import pg from 'pg';
import { openDatabase } from '../../../coordinator/store/database.ts';
import { insertJob } from '../../../coordinator/store/jobs.ts';
import { silentLogger } from '../../../shared/log.ts';
import { uuidv7 } from '../../../shared/uuid.ts';
import {
  type Answer,
  modelCluster,
  startTestCoordinator,
  type TestCoordinator,
} from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';

describe('a job beside a delete', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let other: pg.Client;
  let watcher: pg.Client;
  let made = 0;
  before(async () => {
    coordinator = await startTestCoordinator();
    const client = () => new pg.Client({ connectionString: coordinator.databaseUrl });
    [other, watcher] = [client(), client()];
    await Promise.all([other.connect(), watcher.connect()]);
  });
  afterEach(() => other.query('rollback'));
  after(async () => {
    await Promise.all([other.end(), watcher.end()]);
    await coordinator.remove();
  });

  const cluster = (...nodes: string[]) => {
    made += 1;
    return modelCluster(coordinator, `c${made}`, nodes);
  };
  const somebodyWaits = () =>
    eventually(async () => {
      const { rows } = await watcher.query(
        "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      expect(rows).to.have.length(1);
    });
  /** What the POST of a job is answered that comes while this is being deleted. */
  const postBeside = async (
    deleted: [table: string, id: string | undefined],
    scope: string,
    id: string | undefined,
  ): Promise<Answer> => {
    const [table, deletedId] = deleted;
    await other.query('begin');
    await other.query(`select 1 from ${table} where id = $1 for update`, [deletedId]);
    const answer = coordinator.call('POST', 'actions/restart', { 'job-scope': scope, 'resource-id': id });
    await somebodyWaits();
    await other.query(`delete from ${table} where id = $1`, [deletedId]);
    await other.query('commit');
    return await answer;
  };

  it('of its own resource finds nothing to work on any more', async () => {
    const { clusterId, datacenterId, nodeIds } = await cluster('n1', 'n2');
    const node = await postBeside(['node', nodeIds[0]], 'node', nodeIds[0]);
    expect([node.status, node.body.message]).to.deep.equal([404, `There is no node with id ${nodeIds[0]}`]);
    const datacenter = await postBeside(['datacenter', datacenterId], 'datacenter', datacenterId);
    expect(datacenter.status).to.equal(404);
    const whole = await cluster('n1');
    expect((await postBeside(['cluster', whole.clusterId], 'cluster', whole.clusterId)).status).to.equal(404);
    expect((await coordinator.call('GET', `clusters/${clusterId}/jobs/`)).body.count).to.equal(0);
  });

  it('of one of its nodes works on those that are left', async () => {
    const { clusterId, nodeIds } = await cluster('n1', 'n2', 'n3');
    const { status, body } = await postBeside(['node', nodeIds[1]], 'cluster', clusterId);
    expect(status).to.equal(201);
    const nodes = (await coordinator.call('GET', `jobs/${body.id}/job_nodes/`)).body.results;
    const names = nodes.map((node: Record<string, string>) => node['node-name']);
    expect(names).to.have.members(['n1', 'n3']);
  });

  it('of all its nodes is refused as one that has none', async () => {
    const { clusterId, datacenterId } = await cluster('n1', 'n2');
    const { status, body } = await postBeside(['datacenter', datacenterId], 'cluster', clusterId);
    expect(status).to.equal(400);
    expect(body.errors).to.deep.equal([
      { pointer: '/resource-id', message: 'has no nodes: there is nothing to work on' },
    ]);
  });

  for (const table of ['nodes', 'datacenters', 'clusters'] as const) {
    it(`that comes second is refused: of one of its ${table}`, async () => {
      const ids = await cluster('n1', 'n2');
      const id = { nodes: ids.nodeIds[1], datacenters: ids.datacenterId, clusters: ids.clusterId }[table];
      const { db } = openDatabase({ url: coordinator.databaseUrl }, silentLogger, 1);
      const jobId = uuidv7();
      const deleted = await db.transaction().execute(async (trx) => {
        const job = await insertJob(trx, {
          id: jobId,
          type: 'restart',
          scope: 'cluster',
          cluster: { id: ids.clusterId, name: 'c' },
          datacenterId: null,
          datacenterName: null,
          nodeId: null,
          nodeName: null,
          description: null,
          jobData: {},
          sealedSecrets: null,
          isLooking: false,
          continueOnError: false,
          holdOnError: false,
          askedBy: null,
          canary: null,
          retryOf: null,
          scheduleId: null,
          idleAfterS: null,
          nodes: ids.nodeIds.map((nodeId, at) => ({
            batch: at,
            jobNodeId: uuidv7(),
            id: nodeId,
            name: `n${at + 1}`,
            datacenterName: 'dc1',
            rack: 'rack1',
            seed: false,
          })),
        });
        expect(job?.id).to.equal(jobId);
        const answer = coordinator.call('DELETE', `${table}/${id}`);
        await somebodyWaits();
        return { answer };
      });
      const { status, body } = await deleted.answer;
      await db.destroy();
      expect([status, body.type]).to.deep.equal([409, 'Conflict']);
      expect(body.message).to.include(`Job ${jobId} (PENDING) still uses this`);
    });
  }
});
