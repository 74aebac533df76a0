// A cold start: what was under way is ORPHANED, is adopted by agents that come back with it, or ends when they do not.
import { expect } from 'chai';
import type { Step } from '../../agent/steps/step.ts';
import { askDatabase } from '../support/ask-database.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../support/coordinator.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { deafStep, type GatedStep, gatedStep } from '../support/gated-step.ts';
import {
  becomes,
  jobOf,
  nodesOf,
  postRestart,
  sawEvent,
  subtypesOf,
  terminate,
  waitsFor,
} from '../support/jobs.ts';
import { type LinkAgent, startLinkAgent } from '../support/link-agent.ts';
import { followLive } from '../support/live-stream.ts';
import { startWire, type Wire } from '../support/wire.ts';

describe('a cold start', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let wire: Wire;
  /** null: agents do not get through */
  let open: { host: string; port: number } | null = null;
  let coordinator: TestCoordinator;
  const ends: (() => Promise<unknown>)[] = [];
  beforeEach(async () => {
    database = await createTestDatabase();
    wire = await startWire(() => open);
    await start();
    letThrough();
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    await coordinator.remove();
    await wire.close();
    await database.drop();
  });

  async function start(env: Record<string, string> = {}): Promise<void> {
    open = null;
    const options = { databaseUrl: database.url, timings: { sweepEveryMs: 100, beatEveryMs: 100 } };
    coordinator = await startTestCoordinator(env, options);
  }
  function letThrough(): void {
    open = { host: '127.0.0.1', port: coordinator.grpcPort };
  }
  /** The coordinator ends and another starts, which agents do not reach before `letThrough`. */
  async function restart(env: Record<string, string> = {}): Promise<void> {
    await coordinator.remove();
    await start(env);
  }
  const join = async (nodeId: string | undefined, steps: readonly Step[]): Promise<LinkAgent> => {
    const { body } = await coordinator.call('POST', `nodes/${nodeId}/enrolment`);
    const agent = await startLinkAgent(body.bundle, () => steps, { addresses: [`127.0.0.1:${wire.port}`] });
    ends.push(() => agent.stop());
    return agent;
  };
  /** Two nodes, of which the first is at a gate. */
  async function startAtGate(gate: GatedStep) {
    const { clusterId, nodeIds } = await modelCluster(coordinator, 'c', ['n2', 'n1']);
    const agents = [await join(nodeIds[1], [gate.step]), await join(nodeIds[0], [])];
    const id = await postRestart(coordinator, clusterId);
    await sawEvent(coordinator, id, 'at-gate');
    return { id, clusterId, agents };
  }
  const watch = async (id: string) => {
    const live = await followLive(coordinator.restUrl, id);
    ends.push(async () => live.close());
    return live;
  };

  it('shows a job under way ORPHANED at once, until an agent comes back with its run', async () => {
    const gate = gatedStep();
    const { id } = await startAtGate(gate);
    await restart();
    const live = await watch(id);
    await becomes(coordinator, id, 'ORPHANED');
    await waitsFor(coordinator, id, 'adoption');
    expect(await nodesOf(coordinator, id)).to.deep.equal(['n1 ORPHANED', 'n2 PENDING']);
    await eventually(() => expect(live.statuses.at(-1)).to.equal('ORPHANED'));
    letThrough();
    await eventually(() => expect(live.statuses.at(-1)).to.equal('RUNNING'));
    expect(await nodesOf(coordinator, id)).to.deep.equal(['n1 RUNNING', 'n2 PENDING']);
    gate.open();
    await becomes(coordinator, id, 'COMPLETE');
    await live.ended;
    expect(live.statuses.slice(-3)).to.deep.equal(['ORPHANED', 'RUNNING', 'COMPLETE']);
    expect(await subtypesOf(coordinator, id)).to.deep.equal(['start', 'at-gate', 'past-gate', 'end']);
    expect((await jobOf(coordinator, id))['events-complete']).to.equal(true);
  });

  it('lets a run that ended meanwhile count: the job goes on from ORPHANED with what comes out of its outbox', async () => {
    const gate = gatedStep();
    const { id, agents } = await startAtGate(gate);
    await restart();
    gate.open();
    await eventually(() => expect(agents[0]?.outbox.pendingCount()).to.equal(2));
    await becomes(coordinator, id, 'ORPHANED');
    letThrough();
    await becomes(coordinator, id, 'COMPLETE');
    expect(await nodesOf(coordinator, id)).to.deep.equal(['n1 COMPLETE', 'n2 COMPLETE']);
  });

  it('adopts a job with nothing in flight at once', async () => {
    const { clusterId, nodeIds } = await modelCluster(coordinator, 'c', ['n2', 'n1']);
    await join(nodeIds[1], []);
    const id = await postRestart(coordinator, clusterId);
    await eventually(async () =>
      expect(await nodesOf(coordinator, id)).to.deep.equal(['n1 COMPLETE', 'n2 PENDING']),
    );
    await restart();
    const live = await watch(id);
    const orphaned = 'select 1 from job where orphaned_on is not null';
    await eventually(async () => expect(await askDatabase(database.url, orphaned)).to.deep.equal([]));
    await waitsFor(coordinator, id, 'agent-not-enrolled');
    letThrough();
    await join(nodeIds[0], []);
    await becomes(coordinator, id, 'COMPLETE');
    await live.ended;
    expect(live.statuses).to.deep.equal(['RUNNING', 'COMPLETE']);
  });

  /** The job is over as ORPHANED, its cluster is free, and the agent that comes too late has to let go first. */
  async function endsOrphaned(job: { id: string; clusterId: string }, letGo: () => void): Promise<void> {
    const { id, clusterId } = job;
    await eventually(async () => expect(await subtypesOf(coordinator, id)).to.include('run-expired'));
    await becomes(coordinator, id, 'ORPHANED');
    expect(await nodesOf(coordinator, id)).to.deep.equal(['n1 ORPHANED', 'n2 ORPHANED']);
    expect((await terminate(coordinator, id)).status).to.equal(409);
    expect(await jobOf(coordinator, id)).to.deep.include({ 'waiting-for': null, 'events-complete': false });
    const next = await postRestart(coordinator, clusterId);
    await waitsFor(coordinator, next, 'agent');
    letThrough();
    await waitsFor(coordinator, next, 'fenced-run');
    letGo();
    await becomes(coordinator, next, 'COMPLETE');
    const held = 'select 1 from run where fenced_on is not null and let_go_on is null';
    await eventually(async () => expect(await askDatabase(database.url, held)).to.deep.equal([]));
    expect((await jobOf(coordinator, id)).status).to.equal('ORPHANED');
  }

  it('ends the job as ORPHANED once the adoption window has passed, and the late agent lets go first', async () => {
    const deaf = deafStep();
    const job = await startAtGate(deaf);
    await restart({ RINGMASTER_ADOPTION_WINDOW: '1' });
    await becomes(coordinator, job.id, 'ORPHANED');
    await endsOrphaned(job, deaf.open);
  });

  it('ends the job as ORPHANED at once where adopt-orphans is false', async () => {
    const deaf = deafStep();
    const job = await startAtGate(deaf);
    await restart({ RINGMASTER_ADOPT_ORPHANS: 'false' });
    await endsOrphaned(job, deaf.open);
  });

  it('ends a job with nothing in flight too where adopt-orphans is false', async () => {
    const { clusterId, nodeIds } = await modelCluster(coordinator, 'c', ['n2', 'n1']);
    await join(nodeIds[1], []);
    const id = await postRestart(coordinator, clusterId);
    await eventually(async () =>
      expect(await nodesOf(coordinator, id)).to.deep.equal(['n1 COMPLETE', 'n2 PENDING']),
    );
    await restart({ RINGMASTER_ADOPT_ORPHANS: 'false' });
    await eventually(async () =>
      expect(await nodesOf(coordinator, id)).to.deep.equal(['n1 COMPLETE', 'n2 ORPHANED']),
    );
    await becomes(coordinator, id, 'ORPHANED');
    expect((await terminate(coordinator, id)).status).to.equal(409);
  });

  it('shows nothing within the orphan grace to agents that come back in time', async () => {
    const gate = gatedStep();
    const { id } = await startAtGate(gate);
    await restart({ RINGMASTER_ORPHAN_GRACE: '60' });
    const live = await watch(id);
    letThrough();
    gate.open();
    await becomes(coordinator, id, 'COMPLETE');
    await live.ended;
    expect(live.statuses).to.deep.equal(['RUNNING', 'COMPLETE']);
  });

  it('shows ORPHANED after the orphan grace when nobody came', async () => {
    const gate = gatedStep();
    const { id } = await startAtGate(gate);
    await restart({ RINGMASTER_ORPHAN_GRACE: '5' });
    const live = await watch(id);
    await eventually(() => expect(live.statuses).to.deep.equal(['RUNNING', 'ORPHANED']));
    letThrough();
    await becomes(coordinator, id, 'RUNNING');
    gate.open();
    await becomes(coordinator, id, 'COMPLETE');
  });

  it('is none while another coordinator lives: no job becomes ORPHANED', async () => {
    const gate = gatedStep();
    const { id } = await startAtGate(gate);
    const other = await startTestCoordinator({}, { databaseUrl: database.url });
    ends.push(() => other.remove());
    await restart();
    const live = await watch(id);
    letThrough();
    gate.open();
    await becomes(coordinator, id, 'COMPLETE');
    await live.ended;
    expect(live.statuses).to.deep.equal(['RUNNING', 'COMPLETE']);
  });
});
