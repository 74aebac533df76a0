// What a job says while its agent is away in the middle of a run, and that saying it is all that is done meanwhile.
import { expect } from 'chai';
import type { Step } from '../../../agent/steps/step.ts';
import { plan } from '../../../coordinator/core/plan.ts';
import { openDatabase } from '../../../coordinator/store/database.ts';
import { readWorld } from '../../../coordinator/store/world.ts';
import { silentLogger } from '../../../shared/log.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { gatedStep } from '../../support/gated-step.ts';
import { becomes, jobOf, postRestart, sawEvent, waitsFor } from '../../support/jobs.ts';
import { type LinkAgent, type LinkAgentOptions, startLinkAgent } from '../../support/link-agent.ts';
import { PASS_DEFAULTS } from '../../support/worlds.ts';

describe('a job whose agent is away', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  const agents: LinkAgent[] = [];
  before(async () => {
    coordinator = await startTestCoordinator();
  });
  afterEach(async () => {
    for (const agent of agents.splice(0)) await agent.stop();
  });
  after(() => coordinator.remove());

  const join = async (nodeId: string | undefined, step: Step, options: LinkAgentOptions = {}) => {
    const { body } =
      options.before === undefined
        ? await coordinator.call('POST', `nodes/${nodeId}/enrolment`)
        : { body: { bundle: '' } };
    const agent = await startLinkAgent(body.bundle, () => [step], options);
    agents.push(agent);
    return agent;
  };
  /** What a pass would do now. */
  const passes = async (jobId: string) => {
    const { db } = openDatabase({ url: coordinator.databaseUrl }, silentLogger, 1);
    const world = await readWorld(db, jobId, PASS_DEFAULTS);
    await db.destroy();
    return world === null ? null : plan(world).commands;
  };

  it('in the middle of a run says so, stays RUNNING, and goes on once it is back', async () => {
    const { clusterId, nodeIds } = await modelCluster(coordinator, 'midway', ['n1']);
    const agent = await join(nodeIds[0], gatedStep().step);
    const id = await postRestart(coordinator, clusterId);
    await sawEvent(coordinator, id, 'at-gate');
    expect((await jobOf(coordinator, id))['waiting-for']).to.equal(null);
    await agent.leave();
    agents.splice(0);
    await waitsFor(coordinator, id, 'agent');
    const job = await jobOf(coordinator, id);
    expect(job['status']).to.equal('RUNNING');
    expect(job['waiting-for']).to.have.all.keys('kind', 'ids', 'since', 'what');
    expect(job['waiting-for'].ids).to.deep.equal(nodeIds);
    expect(await passes(id)).to.deep.equal([]);
    const gate = gatedStep();
    await join(nodeIds[0], gate.step, { before: agent });
    gate.open();
    await becomes(coordinator, id, 'COMPLETE');
    expect((await jobOf(coordinator, id))['waiting-for']).to.equal(null);
  });

  it('for an IDLE job, or one behind another, no pass finds anything to do either', async () => {
    const { clusterId, nodeIds } = await modelCluster(coordinator, 'still', ['n1']);
    const gate = gatedStep();
    await join(nodeIds[0], gate.step);
    const id = await postRestart(coordinator, clusterId, { 'idle-timeout': 1 });
    const next = await postRestart(coordinator, clusterId);
    await becomes(coordinator, id, 'IDLE');
    await waitsFor(coordinator, id, 'silent-run');
    await waitsFor(coordinator, next, 'job');
    expect((await jobOf(coordinator, next))['waiting-for'].ids).to.deep.equal([id]);
    expect(await passes(id)).to.deep.equal([]);
    gate.open();
    await becomes(coordinator, id, 'COMPLETE');
  });
});
