// Jobs paused, resumed and retried from the command line.
import { expect } from 'chai';
import type { Step } from '../../../../agent/steps/step.ts';
import { StepFailed } from '../../../../shared/errors.ts';
import { cli } from '../../../support/cli.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../../support/coordinator.ts';
import { eventually } from '../../../support/eventually.ts';
import { startLinkAgent } from '../../../support/link-agent.ts';

describe('ringmaster job pause, resume and retry', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let nodeIds: string[];
  const agents: { stop(): Promise<void> }[] = [];
  before(async () => {
    coordinator = await startTestCoordinator();
    ({ nodeIds } = await modelCluster(coordinator, 'prod', ['n1', 'n2']));
  });
  after(async () => {
    for (const agent of agents) await agent.stop();
    await coordinator.remove();
  });
  let fails = false;
  const mayFail: Step = {
    name: 'may-fail',
    // biome-ignore lint/correctness/useYield: it fails before it has anything to tell
    async *run() {
      if (fails) throw new StepFailed('disk-full', 'no space left');
    },
  };
  const run = (line: string) => cli(coordinator.restUrl, line.split(' '));
  const shown = async (id: string) => JSON.parse((await run(`job show ${id} -o json`)).out);

  it('pauses a job and has it go on', async () => {
    const id = (await run('job run restart --cluster prod -q')).out.trim();
    const paused = await run(`job pause ${id}`);
    expect(paused.err)
      .to.match(/^restart of prod is paused$/m)
      .and.to.contain(`ringmaster job resume ${id}`);
    await eventually(async () =>
      expect((await run(`job show ${id}`)).out).to.match(/^waiting for +.*Paused/m),
    );
    expect((await run(`job pause ${id}`)).err).to.match(/^restart of prod is paused already$/m);
    expect((await run(`job resume ${id}`)).err).to.match(/^restart of prod is resumed$/m);
    expect((await run(`job events ${id}`)).out).to.contain('Resumed: the pause is over');
    await eventually(async () => expect((await shown(id))['waiting-for']?.kind).not.to.equal('paused'));
    expect((await run(`job resume ${id}`)).err).to.match(
      /^restart of prod was not paused and does not hold: nothing is changed$/m,
    );
    expect((await shown(id))['paused-on']).to.equal(null);
    expect((await run(`job terminate ${id} --wait`)).code).to.equal(0);
    expect((await run(`job pause ${id}`)).code).to.equal(6);
    const over = await run(`job resume ${id} --retry`);
    expect([over.code, over.err]).to.satisfy(
      ([code, err]: [number, string]) =>
        code === 6 && err.includes('is over (TERMINATED)') && err.includes(`ringmaster job retry ${id}\n`),
    );
  });

  it('retries the nodes of a job that were not COMPLETE, unless it is told to take all', async () => {
    for (const nodeId of nodeIds) {
      const { body } = await coordinator.call('POST', `nodes/${nodeId}/enrolment`);
      agents.push(await startLinkAgent(body.bundle, () => [mayFail]));
    }
    const [terminated] = (await coordinator.call('GET', 'jobs/')).body.results;
    for (const all of ['', ' --all-nodes'])
      expect((await run(`job retry ${terminated.id} --plan${all}`)).out).to.match(/^\d batch(es)?, about /m);
    const retried = await run(`job retry ${terminated.id} --wait -q`);
    expect([retried.code, await shown(retried.out.trim())]).to.satisfy(
      ([code, job]: [number, Record<string, unknown>]) => code === 0 && job['retry-of'] === terminated.id,
    );
    const again = await run(`job retry ${retried.out.trim()}`);
    expect(again.code).to.equal(6);
    expect(again.err).to.contain('there is nothing to retry');
    expect((await run(`job retry ${retried.out.trim()} --all-nodes --wait`)).code).to.equal(0);
  });

  it('has a held job try again what failed, and shows each node once, with the events of all its tries', async () => {
    fails = true;
    const id = (await run('job run restart --cluster prod --hold-on-error -q')).out.trim();
    await eventually(async () =>
      expect((await run(`job show ${id}`)).out).to.match(
        /^waiting for +.*Held since n2 failed: resume .* Why: n2(, last at may-fail)?: .*no space left\. /m,
      ),
    );
    const watching = run(`job watch ${id} --timeout 60s`);
    fails = false;
    expect((await run(`job resume ${id} --retry`)).err).to.match(
      /^restart of prod tries again what failed$/m,
    );
    const watched = await watching;
    expect(watched.code).to.equal(0);
    const { out } = await run(`job show ${id}`);
    expect(out.match(/^n\d .*$/gm), out).to.have.length(2);
    const failed = JSON.parse((await run(`job events ${id} -o json`)).out).find(
      (event: Record<string, unknown>) => event['event-subtype'] === 'disk-full',
    );
    const of = await run(`job events ${id} --node ${failed['node-id']} -o json`);
    expect(JSON.parse(of.out).some((event: { id: string }) => event.id === failed.id)).to.equal(true);
    expect((await run(`job resume ${id} --retry`)).code).to.equal(6);
  });
});
