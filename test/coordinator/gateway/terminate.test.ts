// Terminating jobs: pending ones, runs that stop, agents that do not listen or are away, and what has to be let go first.
import { expect } from 'chai';
import type { Step } from '../../../agent/steps/step.ts';
import { askDatabase } from '../../support/ask-database.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { deafStep, gatedStep } from '../../support/gated-step.ts';
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
import { type LinkAgent, startLinkAgent } from '../../support/link-agent.ts';

const STRICT = { prefer: 'handling=strict' };

/** What a job's events say of requests to terminate it. */
const requestsOf = async (at: TestCoordinator, jobId: string): Promise<string[]> =>
  (await at.call('GET', `jobs/${jobId}/job_events/?event-subtype=terminate-requested`)).body.results.map(
    ({ message }: { message: string }) => message,
  );

describe('terminating a job', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  const ends: (() => Promise<unknown>)[] = [];
  before(async () => {
    // In place of a minute.
    coordinator = await startTestCoordinator(
      {},
      { timings: { terminateAwayMs: 1_000, terminateAgainMs: 0, sweepEveryMs: 100 } },
    );
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  after(() => coordinator.remove());

  const join = async (nodeId: string | undefined, steps: readonly Step[]): Promise<LinkAgent> => {
    const { body } = await coordinator.call('POST', `nodes/${nodeId}/enrolment`);
    const agent = await startLinkAgent(body.bundle, () => steps);
    ends.push(() => agent.stop());
    return agent;
  };
  /** Two nodes, of which the first is at its gate. */
  async function startAtGate(name: string, steps: readonly Step[]) {
    const { clusterId, nodeIds } = await modelCluster(coordinator, name, ['n2', 'n1']);
    const agent = await join(nodeIds[1], steps);
    await join(nodeIds[0], []);
    const id = await postRestart(coordinator, clusterId);
    await sawEvent(coordinator, id, 'at-gate');
    return { id, clusterId, agent };
  }

  it('that is pending ends it at once', async () => {
    const { clusterId } = await modelCluster(coordinator, 'pending', ['n1', 'n2']);
    const first = await postRestart(coordinator, clusterId);
    const behind = await postRestart(coordinator, clusterId);
    await waitsFor(coordinator, behind, 'job');
    expect((await terminate(coordinator, behind)).status).to.equal(200);
    await becomes(coordinator, behind, 'TERMINATED');
    expect((await jobOf(coordinator, first)).status).to.equal('PENDING');
    await terminate(coordinator, first);
    await becomes(coordinator, first, 'TERMINATED');
    expect(await nodesOf(coordinator, first)).to.deep.equal(['n2 TERMINATED', 'n1 TERMINATED']);
    expect(await subtypesOf(coordinator, first)).to.deep.equal(['terminate-requested', 'end']);
    expect(await requestsOf(coordinator, first)).to.deep.equal([
      'Termination was asked for: no node is started',
    ]);
  });

  it('lets the node under way come to its safe point, and starts no other', async () => {
    const gate = gatedStep();
    const { id } = await startAtGate('safe', [gate.step, gatedStep('wait-again').step]);
    const askedOn = async () => (await jobOf(coordinator, id))['terminate-requested-on'];
    expect(await askedOn()).to.equal(null);
    await terminate(coordinator, id);
    const first = await askedOn();
    expect(Date.parse(first), 'at once, no pass needed').to.be.closeTo(Date.now(), 60_000);
    await waitsFor(coordinator, id, 'terminate');
    expect(await nodesOf(coordinator, id)).to.deep.equal(['n1 RUNNING', 'n2 TERMINATED']);
    await eventually(() => expect(gate.isToStop()).to.equal(true));
    gate.open();
    await becomes(coordinator, id, 'TERMINATED');
    expect(await nodesOf(coordinator, id)).to.deep.equal(['n1 TERMINATED', 'n2 TERMINATED']);
    expect(await subtypesOf(coordinator, id)).to.deep.equal([
      ...['start', 'at-gate', 'terminate-requested', 'past-gate', 'run-stopped', 'end'],
    ]);
    expect(await requestsOf(coordinator, id)).to.deep.equal([
      'Termination was asked for: what is under way stops at its next safe point, nothing else is started',
    ]);
    expect((await terminate(coordinator, id)).status).to.equal(409);
    expect(await askedOn(), 'of a job that is over too').to.equal(first);
  });

  it('asked twice gives the run up, and the node gets no other before its agent has let go', async () => {
    const deaf = deafStep();
    const { id, clusterId } = await startAtGate('deaf', [deaf.step]);
    await terminate(coordinator, id);
    await waitsFor(coordinator, id, 'terminate');
    const first = (await jobOf(coordinator, id))['terminate-requested-on'];
    await terminate(coordinator, id);
    await becomes(coordinator, id, 'TERMINATED');
    expect((await jobOf(coordinator, id))['terminate-requested-on'], 'the first').to.equal(first);
    expect((await requestsOf(coordinator, id))[1]).to.equal(
      'Termination was asked for again: what is under way is given up, safe point or not',
    );
    const [nodeId = ''] = (await coordinator.call('GET', `clusters/${clusterId}/nodes/`)).body.results
      .filter(({ name }: { name: string }) => name === 'n1')
      .map((node: { id: string }) => node.id);
    const next = await postRestart(coordinator, clusterId);
    await waitsFor(coordinator, next, 'fenced-run');
    expect(await nodesOf(coordinator, next)).to.deep.equal(['n1 PENDING', 'n2 PENDING']);
    await terminate(coordinator, next);
    await becomes(coordinator, next, 'TERMINATED');
    const refused = await coordinator.call('DELETE', `nodes/${nodeId}`);
    expect(refused.status).to.equal(409);
    expect(refused.body.message).to.contain('has not yet let go');
    const later = await postRestart(coordinator, clusterId);
    deaf.open();
    await becomes(coordinator, later, 'COMPLETE');
    expect((await jobOf(coordinator, id)).status).to.equal('TERMINATED');
  });

  it('asked twice at once, as by a double click, still lets the node come to its safe point', async () => {
    const patient = await startTestCoordinator({}, { timings: { sweepEveryMs: 100 } });
    ends.push(() => patient.remove());
    const { clusterId, nodeIds } = await modelCluster(patient, 'double', ['n1']);
    const gate = gatedStep();
    const { body } = await patient.call('POST', `nodes/${nodeIds[0]}/enrolment`);
    const agent = await startLinkAgent(body.bundle, () => [gate.step, gatedStep('wait-again').step]);
    ends.push(() => agent.stop());
    const id = await postRestart(patient, clusterId);
    await eventually(async () => expect(await subtypesOf(patient, id)).to.include('at-gate'));
    expect((await terminate(patient, id)).status).to.equal(200);
    await waitsFor(patient, id, 'terminate');
    const before = await jobOf(patient, id);
    expect((await terminate(patient, id)).status).to.equal(200);
    const strict = await patient.call('POST', 'actions/terminate', { 'job-id': id }, STRICT);
    expect(strict.status).to.equal(409);
    expect(strict.body.message).to.match(
      /a second request, which gives up what is under way, counts in \d+ s$/,
    );
    expect(await jobOf(patient, id), 'as if nobody had asked').to.deep.equal(before);
    await eventually(() => expect(gate.isToStop()).to.equal(true));
    gate.open();
    await becomes(patient, id, 'TERMINATED');
    expect(await subtypesOf(patient, id)).to.not.include('run-fenced');
    expect(await requestsOf(patient, id)).to.have.length(1);
  });

  it('gives up the run of an agent that stays away, and never one whose agent is there, however long it takes', async () => {
    const [there, away] = [gatedStep(), gatedStep()];
    const slow = await startAtGate('slow', [there.step]);
    await terminate(coordinator, slow.id);
    await waitsFor(coordinator, slow.id, 'terminate');

    const { id, clusterId, agent } = await startAtGate('away', [away.step]);
    await agent.leave();
    const { identity, directory } = agent;
    await terminate(coordinator, id);
    await becomes(coordinator, id, 'TERMINATED');
    expect(await subtypesOf(coordinator, id)).to.include('run-fenced');
    // Asked earlier than the one that was given up.
    expect((await jobOf(coordinator, slow.id)).status).to.equal('RUNNING');
    there.open();
    await becomes(coordinator, slow.id, 'TERMINATED');
    expect(await subtypesOf(coordinator, slow.id)).to.not.include('run-fenced');

    const next = await postRestart(coordinator, clusterId);
    await waitsFor(coordinator, next, 'agent');
    const back = await startLinkAgent('', () => [], { before: { identity, directory } });
    ends.push(() => back.stop());
    await becomes(coordinator, next, 'COMPLETE');
    const held =
      'select 1 from run where fenced_on is not null and let_go_on is null and finished_on is null';
    await eventually(async () => expect(await askDatabase(coordinator.databaseUrl, held)).to.deep.equal([]));
    expect(await subtypesOf(coordinator, id)).to.not.include('past-gate');
  });
});
