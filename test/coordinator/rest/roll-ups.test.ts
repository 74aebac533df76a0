// job-status and last-job-id of clusters, datacenters and nodes: the latest attempt of each node, whatever job it was of.
import { expect } from 'chai';
import type { Recipe } from '../../../agent/steps/step.ts';
import { StepFailed } from '../../../shared/errors.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { becomes, nodesOf, terminate, waitsFor } from '../../support/jobs.ts';
import { type LinkAgent, startLinkAgent } from '../../support/link-agent.ts';

type Outcome = 'done' | 'fail' | 'hold';

describe('what jobs a cluster, datacenter or node shows', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  /** by name: cluster c1, dc1 with n1 and n2, dc2 with n3 */
  const at: Record<string, string> = {};
  const agents: LinkAgent[] = [];
  /** by name of a node: what its next run does */
  let outcomes: Record<string, Outcome> = {};
  let gate: Promise<void>;
  let release: () => void;

  const recipe: Recipe = ({ node }) => [
    {
      name: 'as-asked',
      async *run() {
        yield { type: 'check', subtype: 'as-asked', resource: null, message: 'As asked', changes: false };
        const outcome = outcomes[node.name] ?? 'done';
        if (outcome === 'hold') await gate;
        if (outcome === 'fail') throw new StepFailed('as-asked', 'This one fails');
      },
    },
  ];

  const post = async (scope: string, name: string, more: Record<string, Outcome> = {}, options = {}) => {
    outcomes = { ...outcomes, ...more };
    const body = { 'job-scope': scope, 'resource-id': at[name]?.split('/')[1], ...options };
    const answer = await coordinator.call('POST', 'actions/restart', body);
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
    return String(answer.body.id);
  };
  const run = async (scope: string, name: string, status: string, more: Record<string, Outcome> = {}) => {
    const id = await post(scope, name, more);
    await becomes(coordinator, id, status);
    outcomes = {};
    return id;
  };
  const shown = async (name: string) => {
    const path = at[name] ?? '';
    const record = (await coordinator.call('GET', path)).body;
    const list = (await coordinator.call('GET', `${path.split('/')[0]}/`)).body.results;
    const listed = list.find(({ id }: { id: string }) => id === record.id);
    expect(listed, 'the list says the same').to.deep.equal(record);
    return [record['job-status'], record['last-job-id']];
  };
  const shows = async (expected: Record<string, [string | null, string | null]>) => {
    for (const [name, pair] of Object.entries(expected)) expect(await shown(name), name).to.deep.equal(pair);
  };
  const none: [null, null] = [null, null];

  beforeEach(async () => {
    outcomes = {};
    gate = new Promise((resolve) => {
      release = resolve;
    });
    coordinator = await startTestCoordinator();
    const ids = await modelCluster(coordinator, 'c1', ['n1', 'n2']);
    Object.assign(at, {
      c1: `clusters/${ids.clusterId}`,
      dc1: `datacenters/${ids.datacenterId}`,
      n1: `nodes/${ids.nodeIds[0]}`,
      n2: `nodes/${ids.nodeIds[1]}`,
    });
    const made = async (path: string, body: unknown) =>
      `${path}/${(await coordinator.call('POST', path, body)).body.id}`;
    at['dc2'] = await made('datacenters', { name: 'dc2', 'cluster-id': ids.clusterId });
    const dc2 = at['dc2'].split('/')[1];
    const n3 = { name: 'n3', 'datacenter-id': dc2, 'ssh-management-address': '127.0.0.3' };
    at['n3'] = await made('nodes', n3);
    for (const name of ['n1', 'n2', 'n3']) {
      const { body } = await coordinator.call('POST', `${at[name]}/enrolment`);
      agents.push(await startLinkAgent(body.bundle, recipe));
    }
  });
  afterEach(async () => {
    release();
    for (const agent of agents.splice(0)) await agent.stop();
    await coordinator.remove();
  });

  it('is nothing until a job got to a node, one that was terminated before its turn included', async () => {
    await shows({ c1: none, dc1: none, dc2: none, n1: none });
    const held = await post('node', 'n1', { n1: 'hold' });
    await becomes(coordinator, held, 'RUNNING');
    const queued = await post('datacenter', 'dc2');
    await shows({ dc2: ['PENDING', queued], n3: ['PENDING', queued], c1: ['RUNNING', held] });
    await terminate(coordinator, queued);
    await becomes(coordinator, queued, 'TERMINATED');
    await shows({ dc2: none, n3: none, n2: none, c1: ['RUNNING', held] });
    release();
    await becomes(coordinator, held, 'COMPLETE');
    await shows({ c1: ['COMPLETE', held], dc1: ['COMPLETE', held], n1: ['COMPLETE', held], n2: none });
  });

  it('clears a failed job of a datacenter by a good one of its cluster', async () => {
    const failed = await run('datacenter', 'dc1', 'FAILED', { n2: 'fail' });
    // a restart comes to seeds last
    expect(await nodesOf(coordinator, failed)).to.deep.equal(['n2 FAILED', 'n1 TERMINATED']);
    await shows({
      c1: ['FAILED', failed],
      dc1: ['FAILED', failed],
      dc2: none,
      n2: ['FAILED', failed],
      n1: none,
    });
    const good = await run('cluster', 'c1', 'COMPLETE');
    const complete: [string, string] = ['COMPLETE', good];
    await shows({ c1: complete, dc1: complete, dc2: complete, n1: complete, n2: complete, n3: complete });
  });

  it('leaves a node that failed in sight, with the job to blame, whatever went well elsewhere since', async () => {
    const first = await run('cluster', 'c1', 'COMPLETE');
    const failed = await run('node', 'n3', 'FAILED', { n3: 'fail' });
    await shows({ n3: ['FAILED', failed], dc2: ['FAILED', failed], c1: ['FAILED', failed] });
    const elsewhere = await run('datacenter', 'dc1', 'COMPLETE');
    await shows({ dc1: ['COMPLETE', elsewhere], dc2: ['FAILED', failed], c1: ['FAILED', failed] });
    const good = await run('node', 'n3', 'COMPLETE');
    await shows({ n3: ['COMPLETE', good], dc2: ['COMPLETE', good], c1: ['COMPLETE', good] });
    expect(first).to.not.equal(good);
    await run('node', 'n3', 'FAILED', { n3: 'fail' });
    expect((await coordinator.call('DELETE', at['n3'] ?? '')).status).to.equal(200);
    await shows({ dc2: none, c1: ['COMPLETE', elsewhere] });
  });

  it("shows the job under way in the job's own words, and a node the one that is at it", async () => {
    const before = await run('cluster', 'c1', 'COMPLETE');
    const options = { 'continue-on-error': true };
    const id = await post('datacenter', 'dc1', { n2: 'fail', n1: 'hold' }, options);
    await eventually(async () => {
      expect((await coordinator.call('GET', `jobs/${id}`)).body.status).to.equal('WILL_FAIL');
    });
    const queued = await post('cluster', 'c1');
    await waitsFor(coordinator, queued, 'job');
    await shows({
      c1: ['WILL_FAIL', id],
      dc1: ['WILL_FAIL', id],
      n1: ['RUNNING', id],
      dc2: ['PENDING', queued],
      n3: ['PENDING', queued],
    });
    await terminate(coordinator, queued);
    await becomes(coordinator, queued, 'TERMINATED');
    await shows({ dc2: ['COMPLETE', before], n3: ['COMPLETE', before] });
    release();
    await becomes(coordinator, id, 'FAILED');
    await shows({
      c1: ['FAILED', id],
      dc1: ['FAILED', id],
      n2: ['FAILED', id],
      n1: ['COMPLETE', id],
      dc2: ['COMPLETE', before],
    });
  });
});
