// What a node sees of its ring while it is checked: kept for the plans of jobs, before any stop was allowed.
import { expect } from 'chai';
import type { RingView } from '../../../shared/ring-view.ts';
import { uuidv7 } from '../../../shared/uuid.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { terminate } from '../../support/jobs.ts';
import { enrolRawAgent, type RawStream } from '../../support/raw-agent.ts';
import { helloOf } from '../../support/raw-stream.ts';
import { inDatabase } from '../../support/sign-in.ts';

/** Of a node that keeps all its ranges alone. */
const viewOf = (address: string, live: string[], joining: string[]): RingView => ({
  ...{ live, unreachable: [], joining, leaving: [], moving: [] },
  ...{ schemaVersions: 1, streamsWith: [], datacenters: { [address]: 'dc1' } },
  keyspaces: [
    { name: 'ks', copies: { dc1: 1 }, replicaSets: [{ replicas: [address], ranges: 1, sample: '(0, 1]' }] },
  ],
});

describe('a check of a node', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  const streams: RawStream[] = [];
  before(async () => {
    coordinator = await startTestCoordinator();
  });
  after(async () => {
    for (const stream of streams) stream.close();
    await coordinator.remove();
  });

  const attach = async (nodeId: string): Promise<RawStream> => {
    const { bundle } = (await coordinator.call('POST', `nodes/${nodeId}/enrolment`)).body;
    const stream = (await enrolRawAgent(bundle))();
    streams.push(stream);
    stream.say(helloOf(uuidv7()));
    await stream.hear('welcome');
    return stream;
  };
  const ask = async (action: string, clusterId: string, options: object = {}) => {
    const target = { 'job-scope': 'cluster', 'resource-id': clusterId };
    return (await coordinator.call('POST', `actions/${action}`, { ...target, ...options })).body;
  };

  it('has plans know who shares token ranges with it, also where it was never restarted', async () => {
    const { clusterId, nodeIds } = await modelCluster(coordinator, 'checked', ['n1', 'n2', 'n3']);
    const batches = async (): Promise<string[]> => {
      const plan = await ask('restart', clusterId, { 'concurrency-strategy': 'fastest-safe', plan: true });
      return plan.batches.map(({ nodes }: { nodes: { name: string }[] }) =>
        nodes.map(({ name }) => name).join(' '),
      );
    };
    expect(await batches()).to.deep.equal(['n2', 'n3', 'n1']);
    const agents = await Promise.all(nodeIds.map(attach));
    const { id: jobId } = await ask('check', clusterId);
    const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
    for (const [at, agent] of agents.entries()) {
      const address = addresses[at] ?? '';
      const [start] = await agent.hear('start-run');
      expect(
        agent.heard.some(({ kind }) => kind === 'look-at-ring'),
        'before its agent is at it',
      ).to.equal(false);
      agent.say({ kind: 'run-accepted', runId: start?.runId ?? '' });
      const [look] = await agent.hear('look-at-ring');
      expect(look).to.deep.include({ questionId: start?.runId, address });
      const view = viewOf(address, addresses, []);
      const { questionId = '', round = 0 } = look ?? {};
      agent.say({
        kind: 'ring-view',
        questionId,
        round,
        viewJson: JSON.stringify(view),
        problem: '',
        down: false,
      });
    }
    // A seed stays up.
    await eventually(async () => expect(await batches()).to.deep.equal(['n2 n3', 'n1']));
    await terminate(coordinator, jobId);
  });

  it('goes on where its node is down', async () => {
    const { clusterId, nodeIds } = await modelCluster(coordinator, 'gone', ['n1']);
    const agent = await attach(nodeIds[0] ?? '');
    const { id: jobId } = await ask('check', clusterId);
    const [start] = await agent.hear('start-run');
    agent.say({ kind: 'run-accepted', runId: start?.runId ?? '' });
    const [look] = await agent.hear('look-at-ring');
    const { questionId = '', round = 0 } = look ?? {};
    agent.say({
      kind: 'ring-view',
      questionId,
      round,
      viewJson: '',
      problem: 'no database node',
      down: true,
    });
    // Answered once: a second one is of no question that is open.
    agent.say({ kind: 'ring-view', questionId, round, viewJson: '{}', problem: '', down: false });
    await terminate(coordinator, jobId);
    expect((await agent.hear('stop-run'))[0]?.runId).to.equal(questionId);
  });

  it('keeps nothing of a ring that is on the move, nor asks for what was told within the hour', async () => {
    const { clusterId, nodeIds } = await modelCluster(coordinator, 'moving', ['n1', 'n2']);
    const [moving = '', known = ''] = nodeIds;
    const isKnown = async (id: string) =>
      (await inDatabase(coordinator.databaseUrl, `select from ring_sharing where node_id = '${id}'`)).length >
      0;
    await inDatabase(
      coordinator.databaseUrl,
      `insert into ring_sharing (node_id, address, groups) values ('${known}', '127.0.0.2', '[]')`,
    );
    const agents = [await attach(moving), await attach(known)] as const;
    const { id: jobId } = await ask('check', clusterId);
    for (const agent of agents) {
      const [start] = await agent.hear('start-run');
      agent.say({ kind: 'run-accepted', runId: start?.runId ?? '' });
    }
    const [look] = await agents[0].hear('look-at-ring');
    const { questionId = '', round = 0 } = look ?? {};
    const address = '127.0.0.1';
    const view = viewOf(address, [address], ['127.0.0.3']);
    agents[0].say({
      kind: 'ring-view',
      questionId,
      round,
      viewJson: JSON.stringify(view),
      problem: '',
      down: false,
    });
    await terminate(coordinator, jobId);
    for (const agent of agents) await agent.hear('stop-run');
    expect(agents[1].heard.map(({ kind }) => kind)).to.not.include('look-at-ring');
    expect(await isKnown(moving)).to.equal(false);
  });
});
