// How far a job node's run has come: in the API's words, while it runs and once it has ended.
import { expect } from 'chai';
import type { Step } from '../../../agent/steps/step.ts';
import { askDatabase } from '../../support/ask-database.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { gatedStep } from '../../support/gated-step.ts';
import { becomes, postRestart, sawEvent } from '../../support/jobs.ts';
import { type LinkAgent, startLinkAgent } from '../../support/link-agent.ts';

describe('the progress of a job node', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let agent: LinkAgent;
  let clusterId: string;
  let steps: readonly Step[] = [];
  before(async () => {
    coordinator = await startTestCoordinator();
    const model = await modelCluster(coordinator, 'progress', ['n1']);
    clusterId = model.clusterId;
    const { body } = await coordinator.call('POST', `nodes/${model.nodeIds[0]}/enrolment`);
    agent = await startLinkAgent(body.bundle, () => steps);
  });
  after(async () => {
    await agent.stop();
    await coordinator.remove();
  });

  const progressOf = async (jobId: string) => {
    const { body } = await coordinator.call('GET', `jobs/${jobId}/job_nodes/`);
    const [{ id, progress }] = body.results;
    expect((await coordinator.call('GET', `job_nodes/${id}`)).body.progress).to.deep.equal(progress);
    return progress;
  };
  /** As a heartbeat does, which come every ten seconds only. */
  const heard = (jobId: string, progress: object) =>
    askDatabase(coordinator.databaseUrl, 'update run set progress = $1 where job_id = $2', [
      JSON.stringify(progress),
      jobId,
    ]);
  const atGate = (step: string, stepCount: number) => ({
    runId: 'r',
    stepNumber: 1,
    stepCount,
    step,
    ticks: 7,
  });

  it('is the step it was last heard of at, and none once it is COMPLETE', async () => {
    const gate = gatedStep();
    steps = [gate.step];
    const id = await postRestart(coordinator, clusterId);
    await sawEvent(coordinator, id, 'at-gate');
    await heard(id, atGate(gate.step.name, 1));
    await eventually(async () =>
      expect(await progressOf(id)).to.deep.equal({
        step: gate.step.name,
        'step-number': 1,
        'step-count': 1,
      }),
    );
    gate.open();
    await becomes(coordinator, id, 'COMPLETE');
    expect(await progressOf(id)).to.equal(null);
  });

  it('stays what it was where the node failed', async () => {
    const gate = gatedStep();
    const fails: Step = {
      name: 'fail-at-once',
      // biome-ignore lint/correctness/useYield: it comes to nothing
      async *run() {
        throw new Error('no');
      },
    };
    steps = [gate.step, fails];
    const id = await postRestart(coordinator, clusterId);
    await sawEvent(coordinator, id, 'at-gate');
    await heard(id, atGate(gate.step.name, 2));
    gate.open();
    await becomes(coordinator, id, 'FAILED');
    expect((await progressOf(id))['step-count']).to.equal(2);
  });
});
