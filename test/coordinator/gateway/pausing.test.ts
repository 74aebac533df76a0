// Jobs paused and held between their nodes, and retried: over REST, with agents on real streams.
import { expect } from 'chai';
import type { Step } from '../../../agent/steps/step.ts';
import { StepFailed } from '../../../shared/errors.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { gatedStep } from '../../support/gated-step.ts';
import {
  becomes,
  jobOf,
  nodesOf,
  postRestart,
  sawEvent,
  subtypesOf,
  terminate,
  waitsFor,
} from '../../support/jobs.ts';
import { startLinkAgent } from '../../support/link-agent.ts';

describe('a job between two nodes', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  const ends: (() => Promise<unknown>)[] = [];
  before(async () => {
    coordinator = await startTestCoordinator({}, { timings: { sweepEveryMs: 100 } });
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  after(() => coordinator.remove());

  const say = async (id: string, what: 'pause' | 'resume' | 'retry') =>
    await coordinator.call('POST', `jobs/${id}/${what}`);
  /** Its nodes in the order in which a restart comes to them. */
  async function ring(name: string, steps: Readonly<Record<string, readonly Step[]>>) {
    const names = Object.keys(steps);
    const { clusterId, nodeIds } = await modelCluster(coordinator, name, [...names].reverse());
    for (const [at, of] of names.reverse().entries()) {
      const { body } = await coordinator.call('POST', `nodes/${nodeIds[at]}/enrolment`);
      const agent = await startLinkAgent(body.bundle, () => steps[of] ?? []);
      ends.push(() => agent.stop());
    }
    return clusterId;
  }
  /** Fails until it is mended. */
  function brokenStep() {
    let isMended = false;
    const step: Step = {
      name: 'may-fail',
      // biome-ignore lint/correctness/useYield: it fails before it has anything to tell
      async *run() {
        if (!isMended) throw new StepFailed('disk-full', 'no space left');
      },
    };
    return {
      step,
      mend: () => {
        isMended = true;
      },
    };
  }

  it('is paused, says since when, starts no node, and goes on when it is resumed', async () => {
    const gate = gatedStep();
    const id = await postRestart(coordinator, await ring('paused', { n1: [gate.step], n2: [] }));
    await sawEvent(coordinator, id, 'at-gate');
    const { status, body } = await say(id, 'pause');
    expect([status, body.status]).to.deep.equal([200, 'RUNNING']);
    expect(Date.parse(body['paused-on'])).to.be.closeTo(Date.now(), 60_000);
    await waitsFor(coordinator, id, 'paused');
    expect((await say(id, 'pause')).body['paused-on'], 'once').to.equal(body['paused-on']);
    gate.open();
    await eventually(async () =>
      expect(await nodesOf(coordinator, id)).to.deep.equal(['n1 COMPLETE', 'n2 PENDING']),
    );
    await waitsFor(coordinator, id, 'paused');
    expect((await say(id, 'resume')).body).to.include({ 'paused-on': null });
    await becomes(coordinator, id, 'COMPLETE');
    expect(await subtypesOf(coordinator, id)).to.deep.equal([
      ...['start', 'at-gate', 'job-paused', 'past-gate', 'job-resumed', 'end'],
    ]);
    for (const what of ['pause', 'resume'] as const) expect((await say(id, what)).status).to.equal(409);
  });

  it('is paused before it begins, and ended while it is paused', async () => {
    const { clusterId } = await modelCluster(coordinator, 'pending', ['n1']);
    const id = await postRestart(coordinator, clusterId);
    await say(id, 'pause');
    await waitsFor(coordinator, id, 'paused');
    await terminate(coordinator, id);
    await becomes(coordinator, id, 'TERMINATED');
    expect((await say('0191d1f0-0000-7000-8000-000000000000', 'pause')).status).to.equal(404);
  });

  it('waits there when its cluster is frozen, and goes on when that is over', async () => {
    const gate = gatedStep();
    const clusterId = await ring('frozen', { n1: [gate.step], n2: [] });
    const id = await postRestart(coordinator, clusterId);
    await sawEvent(coordinator, id, 'at-gate');
    const freeze = await coordinator.call('POST', 'maintenance_windows/', {
      name: 'now',
      'cluster-id': clusterId,
      kind: 'freeze',
      from: '2026-01-01T00:00:00Z',
    });
    await waitsFor(coordinator, id, 'window');
    gate.open();
    await eventually(async () =>
      expect(await nodesOf(coordinator, id)).to.deep.equal(['n1 COMPLETE', 'n2 PENDING']),
    );
    const { status, 'waiting-for': waiting } = await jobOf(coordinator, id);
    expect([status, waiting.ids]).to.deep.equal(['RUNNING', [freeze.body.id]]);
    await coordinator.call('DELETE', `maintenance_windows/${freeze.body.id}`);
    await becomes(coordinator, id, 'COMPLETE');
  });

  it('holds for what failed while it was paused, and shows no failure any more once that is mended', async () => {
    const [broken, gate, last] = [brokenStep(), gatedStep(), gatedStep()];
    const steps = { n1: [gate.step, broken.step], n2: [last.step] };
    const id = await postRestart(coordinator, await ring('both', steps), { 'hold-on-error': true });
    await sawEvent(coordinator, id, 'at-gate');
    await say(id, 'pause');
    gate.open();
    await becomes(coordinator, id, 'WILL_FAIL');
    await waitsFor(coordinator, id, 'paused');
    expect((await say(id, 'resume')).body['paused-on']).to.equal(null);
    await waitsFor(coordinator, id, 'failure');
    broken.mend();
    const retried = await coordinator.call('POST', `jobs/${id}/resume`, { retry: true });
    expect(retried.status).to.equal(200);
    await becomes(coordinator, id, 'RUNNING');
    last.open();
    await becomes(coordinator, id, 'COMPLETE');
  });

  it('holds after a failure, goes on without the node that failed, and is retried on that alone', async () => {
    const broken = brokenStep();
    const steps = { n1: [broken.step], n2: [], n3: [] };
    const id = await postRestart(coordinator, await ring('held', steps), { 'hold-on-error': true });
    await waitsFor(coordinator, id, 'failure');
    expect(await nodesOf(coordinator, id)).to.deep.equal(['n1 FAILED', 'n2 PENDING', 'n3 PENDING']);
    expect((await jobOf(coordinator, id)).status).to.equal('WILL_FAIL');
    expect((await say(id, 'retry')).status, 'not over').to.equal(409);
    expect((await say(id, 'resume')).status).to.equal(200);
    await becomes(coordinator, id, 'FAILED');
    expect(await nodesOf(coordinator, id)).to.deep.equal(['n1 FAILED', 'n2 COMPLETE', 'n3 COMPLETE']);
    expect((await jobOf(coordinator, id))['job-data']).to.deep.include({ 'hold-on-error': true });
    broken.mend();
    const retry = await say(id, 'retry');
    expect(retry.status).to.equal(201);
    await becomes(coordinator, retry.body.id, 'COMPLETE');
    expect(await nodesOf(coordinator, retry.body.id)).to.deep.equal(['n1 COMPLETE']);
    const { 'retry-of': of, 'job-data': data } = await jobOf(coordinator, retry.body.id);
    expect([of, data['hold-on-error']]).to.deep.equal([id, true]);
    const again = await say(retry.body.id, 'retry');
    expect([again.status, again.body.message]).to.deep.equal([
      409,
      `All nodes of job ${retry.body.id} are COMPLETE: there is nothing to retry`,
    ]);
  });

  it('tries the node again for which it holds, in its place, holds again where that fails, and is COMPLETE with it', async () => {
    const broken = brokenStep();
    const clusterId = await ring('again', { n1: [], n2: [broken.step], n3: [] });
    const id = await postRestart(coordinator, clusterId, { 'hold-on-error': true });
    const resume = async (body: object) => await coordinator.call('POST', `jobs/${id}/resume`, body);
    const holdsWith = async (...nodes: string[]) => {
      await eventually(async () => expect(await nodesOf(coordinator, id)).to.deep.equal(nodes));
      await waitsFor(coordinator, id, 'failure');
    };
    await holdsWith('n1 COMPLETE', 'n2 FAILED', 'n3 PENDING');
    expect(JSON.stringify((await resume({ again: true })).body.errors)).to.contain('a resume takes retry');
    expect((await resume({ retry: 'perhaps' })).status).to.equal(400);
    expect((await resume({ retry: true })).status).to.equal(200);
    await holdsWith('n1 COMPLETE', 'n2 FAILED', 'n2 FAILED', 'n3 PENDING');
    expect((await jobOf(coordinator, id))['node-counts'], 'of each node its last try').to.deep.equal({
      ...{ COMPLETE: 1, FAILED: 1, PENDING: 1 },
    });
    broken.mend();
    expect((await resume({ retry: true })).body.status).to.be.oneOf(['WILL_FAIL', 'RUNNING']);
    await becomes(coordinator, id, 'COMPLETE');
    expect(await nodesOf(coordinator, id)).to.deep.equal([
      ...['n1 COMPLETE', 'n2 FAILED', 'n2 FAILED', 'n2 COMPLETE', 'n3 COMPLETE'],
    ]);
    expect((await jobOf(coordinator, id))['node-counts']).to.deep.equal({ COMPLETE: 3 });
    const { results } = (await coordinator.call('GET', `jobs/${id}/job_nodes/`)).body;
    expect(results.map((node: Record<string, unknown>) => typeof node['retried-on'])).to.deep.equal([
      ...['object', 'string', 'string', 'object', 'object'],
    ]);
    expect(results.map((node: Record<string, unknown>) => node['batch'])).to.deep.equal([1, 2, 2, 2, 3]);
    const of = `node-id=${results[1]['node-id']}`;
    const { body } = await coordinator.call('GET', `jobs/${id}/job_events/?${of}&event-type=error`);
    expect(body.results, 'of all tries').to.have.length(2);
    expect((await say(id, 'retry')).body.message).to.contain('there is nothing to retry');
    expect((await resume({ retry: true })).status, 'over').to.equal(409);
  });

  it('is not told to try again where nothing has failed, or it is about to end', async () => {
    const gate = gatedStep();
    const clusterId = await ring('not again', { n1: [gate.step] });
    const id = await postRestart(coordinator, clusterId, { 'hold-on-error': true });
    await sawEvent(coordinator, id, 'at-gate');
    const { status, body } = await coordinator.call('POST', `jobs/${id}/resume`, { retry: true });
    expect([status, body.message].join()).to.match(
      /^409,Job .* holds for no node that failed and is still in /,
    );
    expect((await coordinator.call('POST', `jobs/${id}/resume`, { retry: false })).status).to.equal(200);
    await terminate(coordinator, id);
    expect((await coordinator.call('POST', `jobs/${id}/resume`, { retry: true })).body.message).to.contain(
      'is being terminated',
    );
    gate.open();
    await becomes(coordinator, id, 'COMPLETE');
  });

  it('waits after its canary until it is resumed, or for as long as was asked, pauses left out', async () => {
    const steps = { n1: [], n2: [], n3: [] };
    const clusterId = await ring('canary', steps);
    const canary = { canary: 'first-node', 'canary-wait': 0 };
    const id = await postRestart(coordinator, clusterId, canary);
    await waitsFor(coordinator, id, 'canary');
    const stood = ['n1 COMPLETE', 'n2 PENDING', 'n3 PENDING'];
    expect(await nodesOf(coordinator, id)).to.deep.equal(stood);
    await say(id, 'pause');
    await waitsFor(coordinator, id, 'paused');
    await say(id, 'resume');
    await waitsFor(coordinator, id, 'canary');
    expect(await nodesOf(coordinator, id), 'the pause alone was ended').to.deep.equal(stood);
    await say(id, 'resume');
    await becomes(coordinator, id, 'COMPLETE');
    expect(await subtypesOf(coordinator, id)).to.deep.equal([
      ...['start', 'canary-wait', 'job-paused', 'job-resumed', 'job-resumed', 'end'],
    ]);
    const short = await postRestart(coordinator, clusterId, { ...canary, 'canary-wait': 1 });
    await becomes(coordinator, short, 'COMPLETE');
    const { results } = (await coordinator.call('GET', `jobs/${short}/job_nodes/`)).body;
    const [first = 0, second = 0] = results.map((one: Record<string, string>) =>
      Date.parse(one['modified-on'] ?? ''),
    );
    expect(second - first).to.be.at.least(900);
  });

  it('waits no more after its canary once it was resumed, also while its cluster was shut', async () => {
    const clusterId = await ring('shut-canary', { n1: [], n2: [] });
    const id = await postRestart(coordinator, clusterId, { canary: 'first-node', 'canary-wait': 0 });
    await waitsFor(coordinator, id, 'canary');
    const freeze = { name: 'f', 'cluster-id': clusterId, kind: 'freeze', from: '2026-01-01T00:00:00Z' };
    const { body } = await coordinator.call('POST', 'maintenance_windows/', freeze);
    await waitsFor(coordinator, id, 'window');
    expect((await say(id, 'resume')).status).to.equal(200);
    await coordinator.call('DELETE', `maintenance_windows/${body.id}`);
    await becomes(coordinator, id, 'COMPLETE');
  });

  it('holds after a canary that failed, though it was to go on after failures', async () => {
    const broken = brokenStep();
    const id = await postRestart(coordinator, await ring('bad-canary', { n1: [broken.step], n2: [] }), {
      'continue-on-error': true,
      canary: 'first-node',
    });
    await waitsFor(coordinator, id, 'failure');
    expect(await nodesOf(coordinator, id)).to.deep.equal(['n1 FAILED', 'n2 PENDING']);
    expect((await say(id, 'resume')).status).to.equal(200);
    await becomes(coordinator, id, 'FAILED');
    expect(await nodesOf(coordinator, id)).to.deep.equal(['n1 FAILED', 'n2 COMPLETE']);
  });

  it('is ended instead of going on, and its retry has the nodes that were left too', async () => {
    const broken = brokenStep();
    const id = await postRestart(coordinator, await ring('ended', { n1: [], n2: [broken.step], n3: [] }), {
      'hold-on-error': true,
    });
    await waitsFor(coordinator, id, 'failure');
    await terminate(coordinator, id);
    await becomes(coordinator, id, 'TERMINATED');
    broken.mend();
    const { body } = await say(id, 'retry');
    await becomes(coordinator, body.id, 'COMPLETE');
    expect(await nodesOf(coordinator, body.id)).to.deep.equal(['n2 COMPLETE', 'n3 COMPLETE']);
  });

  it('is not retried with a secret that is not kept, nor on nodes that are gone', async () => {
    const { clusterId, nodeIds } = await modelCluster(coordinator, 'gone', ['n1']);
    const target = { 'job-scope': 'cluster', 'resource-id': clusterId };
    const secret = { 'change-default-cassandra-password': 'hidden' };
    const given = await coordinator.call('POST', '/api/v2/lcm/actions/install', { ...target, ...secret });
    await terminate(coordinator, given.body.id);
    await becomes(coordinator, given.body.id, 'TERMINATED');
    const refused = await say(given.body.id, 'retry');
    expect([refused.status, refused.body.message]).to.satisfy(
      ([status, message]: [number, string]) =>
        status === 409 && message.includes('change-default-cassandra-password, which is not kept'),
    );
    const id = await postRestart(coordinator, clusterId);
    await terminate(coordinator, id);
    await becomes(coordinator, id, 'TERMINATED');
    expect((await coordinator.call('DELETE', `nodes/${nodeIds[0]}`)).status).to.equal(200);
    expect((await say(id, 'retry')).status).to.equal(400);
  });
});
