// Coordinator and agents over real TLS, gRPC and PostgreSQL, with recipes of the test's in place of a machine.
import { expect } from 'chai';
import type { Step } from '../../../agent/steps/step.ts';
import {
  modelCluster,
  startTestCoordinator,
  type TestCoordinator,
  WITH_PASSWORDS,
} from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { gatedStep } from '../../support/gated-step.ts';
import { startLinkAgent } from '../../support/link-agent.ts';

type LinkAgent = Awaited<ReturnType<typeof startLinkAgent>>;

describe('a coordinator and its agents', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  const agents: LinkAgent[] = [];
  before(async () => {
    coordinator = await startTestCoordinator({}, { timings: { terminateAgainMs: 0 } });
  });
  afterEach(async () => {
    for (const agent of agents.splice(0)) await agent.stop();
  });
  after(() => coordinator.remove());

  const join = async (nodeId: string | undefined, steps: () => readonly Step[]): Promise<LinkAgent> => {
    const { body } = await coordinator.call('POST', `nodes/${nodeId}/enrolment`);
    const agent = await startLinkAgent(body.bundle, steps);
    agents.push(agent);
    return agent;
  };
  const post = async (clusterId: string, options = {}): Promise<string> =>
    (
      await coordinator.call('POST', 'actions/restart', {
        'job-scope': 'cluster',
        'resource-id': clusterId,
        ...options,
      })
    ).body.id;
  const becomes = (jobId: string, status: string) =>
    eventually(async () =>
      expect((await coordinator.call('GET', `jobs/${jobId}`)).body.status).to.equal(status),
    );
  const subtypes = async (jobId: string): Promise<string[]> =>
    (await coordinator.call('GET', `jobs/${jobId}/job_events/?per-page=500`)).body.results.map(
      (event: Record<string, string>) => event['event-subtype'],
    );

  it('takes a job node by node through all its rows', async () => {
    const { clusterId, nodeIds } = await modelCluster(coordinator, 'rows', ['seed', 'other']);
    const gates = nodeIds.map(() => gatedStep());
    for (const [at, nodeId] of nodeIds.entries()) await join(nodeId, () => [gates[at]?.step as Step]);
    const id = await post(clusterId);
    const nodes = async () =>
      (await coordinator.call('GET', `jobs/${id}/job_nodes/`)).body.results.map(
        (node: Record<string, string>) => `${node['node-name']} ${node['status']}`,
      );
    await eventually(async () => expect(await nodes()).to.deep.equal(['other RUNNING', 'seed PENDING']));
    gates[1]?.open();
    await eventually(async () => expect(await nodes()).to.deep.equal(['other COMPLETE', 'seed RUNNING']));
    gates[0]?.open();
    await becomes(id, 'COMPLETE');
    expect(await subtypes(id)).to.deep.equal([
      'start',
      'at-gate',
      'past-gate',
      'at-gate',
      'past-gate',
      'end',
    ]);
  });

  it('calls a silent job IDLE, and RUNNING again when it is heard', async () => {
    const { clusterId, nodeIds } = await modelCluster(coordinator, 'idle', ['n1']);
    const [first, second] = [gatedStep(), gatedStep('wait-again')];
    await join(nodeIds[0], () => [first.step, second.step]);
    const id = await post(clusterId, { 'idle-timeout': 4 });
    await becomes(id, 'IDLE');
    first.open();
    await becomes(id, 'RUNNING');
    second.open();
    await becomes(id, 'COMPLETE');
  });

  it('lets the newest stream of a node win, and the older agent stops dialling', async () => {
    const { nodeIds } = await modelCluster(coordinator, 'newest', ['n1']);
    const older = await join(nodeIds[0], () => []);
    await join(nodeIds[0], () => []);
    expect(await older.ended).to.equal('superseded');
  });

  it('ends a run as lost when its agent comes back without it', async () => {
    const { clusterId, nodeIds } = await modelCluster(coordinator, 'lost', ['n1']);
    const agent = await join(nodeIds[0], () => [gatedStep().step]);
    const id = await post(clusterId);
    await eventually(async () => expect(await subtypes(id)).to.include('at-gate'));
    await agent.stop();
    agents.splice(0);
    await join(nodeIds[0], () => []);
    await becomes(id, 'FAILED');
    expect(await subtypes(id)).to.include('run-lost');
  });

  it('fences a run on a second terminate, and gives the node no other before its agent has let go', async () => {
    const { clusterId, nodeIds } = await modelCluster(coordinator, 'fence', ['n1']);
    const gate = gatedStep();
    let rounds = 0;
    await join(nodeIds[0], () => (rounds++ === 0 ? [gate.step] : []));
    const id = await post(clusterId);
    await eventually(async () => expect(await subtypes(id)).to.include('at-gate'));
    for (let asked = 0; asked < 2; asked += 1) {
      expect((await coordinator.call('POST', 'actions/terminate', { 'job-id': id })).status).to.equal(200);
    }
    await becomes(id, 'TERMINATED');
    expect(await subtypes(id)).to.include('run-fenced');
    expect((await coordinator.call('POST', 'actions/terminate', { 'job-id': id })).status).to.equal(409);
    await becomes(await post(clusterId), 'COMPLETE');
  });

  it('makes a job wait for an agent that is away, and goes on by itself when it comes', async () => {
    const { clusterId, nodeIds } = await modelCluster(coordinator, 'away', ['n1']);
    const id = await post(clusterId);
    await eventually(async () =>
      expect((await coordinator.call('GET', `jobs/${id}`)).body['waiting-for'].kind).to.equal(
        'agent-not-enrolled',
      ),
    );
    await join(nodeIds[0], () => []);
    await becomes(id, 'COMPLETE');
  });

  it('gives secrets to the runs whose steps use them, and to no others', async () => {
    const { clusterId, repositoryId, nodeIds } = await modelCluster(
      coordinator,
      'secrets',
      ['n1'],
      WITH_PASSWORDS,
    );
    await coordinator.call('PUT', `repositories/${repositoryId}`, {
      username: 'me',
      password: 'of-repository',
    });
    const given: unknown[] = [];
    await join(nodeIds[0], () => [
      {
        name: 'take-secrets',
        async *run({ secrets }) {
          given.push(secrets);
          yield { type: 'check', subtype: 'taken', resource: null, message: 'taken', changes: false };
        },
      },
    ]);
    const none = {
      repositoryPassword: null,
      newCassandraPassword: null,
      oldCassandraPassword: null,
      profile: {},
    };
    await becomes(await post(clusterId), 'COMPLETE');
    const install = async (options: object) => {
      const body = { 'job-scope': 'cluster', 'resource-id': clusterId, ...options };
      await becomes((await coordinator.call('POST', 'actions/install', body)).body.id, 'COMPLETE');
    };
    await install({});
    await install({ 'change-default-cassandra-password': 'of-job' });
    expect(given).to.deep.equal([
      none,
      { ...none, repositoryPassword: 'of-repository' },
      { ...none, repositoryPassword: 'of-repository', newCassandraPassword: 'of-job' },
    ]);
  });

  it('tells of an event that the database cannot hold, and keeps all the others', async () => {
    const { clusterId, nodeIds } = await modelCluster(coordinator, 'refused', ['n1']);
    const tell = (message: string) =>
      ({ type: 'check', subtype: 'told', resource: null, message, changes: false }) as const;
    await join(nodeIds[0], () => [
      {
        name: 'say-three',
        async *run() {
          yield tell('one');
          yield tell('two \0');
          yield tell('three');
        },
      },
    ]);
    const id = await post(clusterId);
    await becomes(id, 'COMPLETE');
    expect(await subtypes(id)).to.deep.equal(['start', 'told', 'record-unsupported', 'told', 'end']);
  });

  it('shows an event on the live stream at once, though it moves no status', async () => {
    const { clusterId, nodeIds } = await modelCluster(coordinator, 'live', ['n1']);
    const [first, second] = [gatedStep(), gatedStep('wait-again')];
    await join(nodeIds[0], () => [first.step, second.step]);
    const id = await post(clusterId);
    await becomes(id, 'RUNNING');
    const { body } = await fetch(`${coordinator.restUrl}/api/v1/lcm/jobs/${id}/stream`);
    let shown = '';
    const read = (async () => {
      for await (const chunk of (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()))
        shown += chunk;
    })();
    await eventually(() => expect(shown).to.include('at the gate'));
    first.open(); // the coordinator's own heartbeat would show it as well, but only later than this waits
    await eventually(() => expect(shown).to.include('past the gate'));
    second.open();
    await read; // it ends with the job
    expect(shown).to.include('"status":"COMPLETE"');
  });
});
