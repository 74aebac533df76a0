// A configure that goes back: what it puts back once the node has not come back, what it tells of that, and an agent killed meanwhile.
import { expect } from 'chai';
import { recipes } from '../../agent/recipes/index.ts';
import type { Step } from '../../agent/steps/step.ts';
import { StepFailed } from '../../shared/errors.ts';
import { eventually } from '../support/eventually.ts';
import type { FakeHost } from '../support/fake-host.ts';
import { Scratch } from './disk/scratch.ts';
import {
  beginIn,
  CONF,
  configFilesOf,
  configuredHost,
  endOf,
  input,
  REPLACED,
  stepsOf,
  untilWritten,
  YAML,
} from './reverting-rig.ts';
import { openRig, type Rig, RUN, step, untilAborted } from './run-rig.ts';
import { drive, inputFor } from './steps/step-driver.ts';

describe('a configure that goes back', () => {
  const scratch = new Scratch();
  afterEach(() => scratch.end());
  let host: FakeHost;
  let before: Map<string, string>;
  const begin = beginIn(scratch, () => host);
  const isDropped = () => eventually(() => expect(host.files.has(REPLACED)).to.equal(false));
  const configFiles = () => configFilesOf(host);
  beforeEach(async () => {
    host = await configuredHost();
    before = configFiles();
  });

  it('puts back what it wrote, removes what was not there, starts the node with that, and fails saying so', async () => {
    const { outcome, reason, events, subtypes } = await endOf(await begin());
    expect(outcome).to.equal('failed');
    expect(reason).to.equal(
      'The database node ended while it was starting. The configuration of before was put back, and the database node is back with it',
    );
    expect(configFiles()).to.deep.equal(before);
    expect(host.running).to.not.equal(null);
    await isDropped();
    expect(host.done.filter((done) => !done.startsWith('write'))).to.deep.equal([
      ...['stop native transport', 'drain', 'SIGTERM', 'spawn'],
      ...[`remove ${CONF}/cassandra-rackdc.properties`, 'spawn', `remove ${REPLACED}`],
    ]);
    const failure = events.find(({ type }) => type === 'error');
    expect(failure?.message).to.equal(
      'The database node ended while it was starting. The files that this run wrote are put back now, and the database node is started with them',
    );
    const back = events.find(({ subtype }) => subtype === 'config-files-reverted');
    const after = JSON.parse(back?.afterJson ?? '{}');
    expect(after.files).to.have.members([YAML, `${CONF}/cassandra-rackdc.properties`]);
    expect(after.states.find(({ path }: { path: string }) => path === YAML)).to.include({
      ...{ state: 'as-pushed', stale: true },
    });
    expect(subtypes.slice(subtypes.indexOf('config-files-reverted') + 1)).to.include.members([
      ...['node-started', 'native-port-answers', 'node-reverted'],
    ]);
    expect(events.findLast(({ subtype }) => subtype === 'native-port-answers')?.resource).to.equal(
      '127.0.0.1:9042',
      'where the old file has it',
    );
  });

  it('keeps what it replaces for its own user alone, and no longer than it lasts, whatever its end', async () => {
    const good = { ...input, profile: { 'cassandra-yaml': { concurrent_reads: 9 } } };
    const isKept: boolean[] = [];
    const look = step('look', async () => void isKept.push(host.files.has(REPLACED)));
    const { outcome } = await endOf(await begin([...stepsOf(good), look], good));
    expect(outcome).to.equal('succeeded');
    expect(isKept).to.deep.equal([true]);
    expect(host.rights.get(REPLACED)).to.equal(0o600);
    await isDropped();
  });

  it('keeps it until its finish is on disk, since whoever takes the run up before may have to go back', async () => {
    const isOver: boolean[] = [];
    const remove = host.remove.bind(host);
    host.remove = async (path) => {
      if (path === REPLACED) isOver.push(rig.outbox.isFinished(RUN));
      await remove(path);
    };
    const rig = await begin();
    await endOf(rig);
    await isDropped();
    expect(isOver).to.deep.equal([true]);
  });

  for (const where of ['the journal', 'the outbox alone'])
    it(`drops it when the agent was killed with the finish in ${where}`, async () => {
      const directory = await scratch.directory();
      const first = await begin(stepsOf(input), input, directory);
      if (where === 'the outbox alone')
        first.journal.finished = async () => {
          throw new Error('killed');
        };
      await endOf(first);
      await isDropped();
      await first.close();
      host.files.set(REPLACED, '{}');
      await openRig(directory, stepsOf(input), { host }).then((rig) => scratch.atEnd(() => rig.close()));
      expect(host.files.has(REPLACED)).to.equal(false);
    });

  it('keeps that of a run under way when the agent is restarted, though an earlier run is over', async () => {
    const directory = await scratch.directory();
    let isHeld = false;
    const last = step('last', async (context) => (isHeld ? await untilAborted(context) : undefined));
    const steps = [...untilWritten, last];
    const first = await begin(steps, input, directory);
    await endOf(first);
    await isDropped();
    isHeld = true;
    await first.runner.take(`${RUN.slice(0, -1)}2`, JSON.stringify(input), '');
    await eventually(() => expect(host.files.has(REPLACED)).to.equal(true));
    await first.close();
    await openRig(directory, steps, { host }).then((rig) => scratch.atEnd(() => rig.close()));
    expect(host.files.has(REPLACED)).to.equal(true);
  });

  it('keeps it no longer when its run is fenced', async () => {
    const rig = await begin([...untilWritten, step('last', untilAborted)]);
    await eventually(() => expect(rig.runner.progress()[0]?.step).to.equal('last'));
    expect(host.files.has(REPLACED)).to.equal(true);
    await rig.runner.fence(RUN);
    expect(host.files.has(REPLACED)).to.equal(false);
  });

  it('says that the node did not come back with the former files either, and what to do', async () => {
    host.spawnDetached = async () => {
      host.done.push('spawn');
      return { pid: 1, startTicks: 1 };
    };
    const { reason, events } = await endOf(await begin());
    expect(reason).to.equal(
      'The database node ended while it was starting. Going back to the configuration of before failed too: The database node ended while it was starting',
    );
    expect(configFiles()).to.deep.equal(before);
    expect(events.at(-1)?.message).to.equal(
      'The database node ended while it was starting. The database node is down now, with its configuration files as they were before this run. ' +
        'Once the cause is mended, restart the node, which starts it',
    );
    expect(JSON.parse(events.at(-1)?.afterJson ?? '{}')).to.deep.include({ 'files-written': [] });
  });

  it('puts nothing back where it changed nothing, and says so', async () => {
    host.files.set(`${CONF}/cassandra-rackdc.properties`, '');
    const good = inputFor('configure-reverting', '/srv/node1');
    await drive(recipes.configure(good), { host, input: good });
    host.spawnDetached = async () => ({ pid: 1, startTicks: 1 });
    const { reason, events, subtypes } = await endOf(await begin(stepsOf(good), good));
    expect(reason).to.equal('The database node ended while it was starting');
    expect(subtypes).to.not.include('config-files-reverted');
    expect(events.at(-1)?.message).to.contain(
      'This run changed no configuration file: there is nothing to put back',
    );
  });

  it('leaves a node up that answers and that its peers do not see: a second stop would be without leave', async () => {
    const good = { ...input, profile: { 'cassandra-yaml': { concurrent_reads: 9 } } };
    const failing = step('await-peers', async () => {
      throw new StepFailed('peers-do-not-see-node', 'No');
    });
    const steps = stepsOf(good).flatMap((one) => (one.name === 'await-native-port' ? [one, failing] : [one]));
    const { outcome, reason, subtypes } = await endOf(await begin(steps, good));
    expect([outcome, reason]).to.deep.equal(['failed', 'No']);
    expect(subtypes).to.include('peers-do-not-see-node').and.not.include('config-files-reverted');
    expect(host.done.filter((done) => ['SIGTERM', 'spawn'].includes(done))).to.deep.equal([
      'SIGTERM',
      'spawn',
    ]);
    expect(host.running).to.not.equal(null);
    expect(configFiles().get(YAML)).to.contain('concurrent_reads: 9');
  });

  it('goes back from a port that it was given and that somebody else holds, to the one it had', async () => {
    const taken = step('taken', async () => void host.takenPorts.add(9999));
    const steps = stepsOf(input).flatMap((one) => (one.name === 'start-node' ? [taken, one] : [one]));
    const { reason, subtypes } = await endOf(await begin(steps));
    expect(reason).to.match(/^The native transport port 9999 .* is back with it$/);
    expect(subtypes).to.include('port-in-use');
    expect(configFiles()).to.deep.equal(before);
  });

  for (const [old, end] of [
    [{}, /is back with it$/],
    [{ native_transport_port_ssl: 9142 }, /failed too: The native transport \(TLS\) port 9142 /],
  ] as const)
    it(`starts the node with the former files by their TLS port: ${JSON.stringify(old)}`, async () => {
      const good = inputFor('configure', '/srv/node1', { profile: { 'cassandra-yaml': old } });
      await drive(recipes.configure(good), { host, input: good });
      const of = { ...input, profile: { 'cassandra-yaml': { native_transport_port_ssl: 9143 } } };
      const taken = step('taken', async () => {
        for (const port of [9142, 9143]) host.takenPorts.add(port);
      });
      const steps = stepsOf(of).flatMap((one) => (one.name === 'start-node' ? [taken, one] : [one]));
      const { reason } = await endOf(await begin(steps, of));
      expect(reason)
        .to.match(/^The native transport \(TLS\) port 9143 /)
        .and.match(end);
    });

  it('goes back on stale nodes alone as well', async () => {
    const stale = { ...input, recipe: 'configure-stale-reverting' as const };
    const { reason, subtypes } = await endOf(await begin(stepsOf(stale), stale));
    expect(subtypes).to.include.members(['stale', 'node-reverted']);
    expect(reason).to.contain('is back with it');
    expect(configFiles()).to.deep.equal(before);
  });

  it('leaves its files where it fails before the node is stopped, as without it', async () => {
    const taken = step('taken', async () => void host.holders.set(9999, { pid: 7, program: 'nc' }));
    const steps = stepsOf(input).flatMap((one) => (one.name === 'check-restart' ? [taken, one] : [one]));
    const { reason } = await endOf(await begin(steps));
    expect(reason).to.contain('port 9999');
    expect(configFiles().get(YAML)).to.contain('concurrent_reads: 17');
    expect(host.done).to.not.include('spawn');
  });

  it('goes on going back when the agent is restarted, and is not stopped on the way', async () => {
    const directory = await scratch.directory();
    const cut = stepsOf(input).flatMap((one) =>
      one.name === 'start-node-again'
        ? [step('cut', untilAborted)].map((held) => ({ ...held, isAfterFailure: true as const }))
        : [one],
    );
    const first = await begin(cut, input, directory);
    await eventually(() => expect(first.runner.progress()[0]?.step).to.equal('cut'));
    await first.runner.stop(RUN);
    await first.close();
    const { reason, subtypes } = await endOf(await begin(stepsOf(input), input, directory));
    expect(reason).to.contain('is back with it');
    expect(host.done.filter((done) => done === 'spawn')).to.have.length(2);
    expect(subtypes.filter((one) => one === 'node-died')).to.have.length(1);
    expect(configFiles()).to.deep.equal(before);
  });

  /** Does `work` when the first step of the way back is about to be journalled. */
  const atTurn = async (rig: Rig, work: () => Promise<void>): Promise<void> => {
    const { journal } = rig;
    const stepStarted = journal.stepStarted.bind(journal);
    journal.stepStarted = async (...asked) => {
      if (asked[2] === 'revert-config-files') await work();
      await stepStarted(...asked);
    };
  };

  it('is not stopped either while its going back is being journalled', async () => {
    // Without the rule that keeps a run from being stopped while the node is down.
    const free = stepsOf(input).map(({ mustReach: _, ...one }): Step => one);
    const listening = step('listen', async ({ stopping }) => stopping.throwIfAborted());
    const steps = [...free, { ...listening, isAfterFailure: true as const }];
    const rig = await begin(steps);
    await atTurn(rig, () => rig.runner.stop(RUN));
    const { outcome, reason } = await endOf(rig);
    expect([outcome, reason]).to.deep.equal([
      'failed',
      'The database node ended while it was starting. The configuration of before was put back, and the database node is back with it',
    ]);
  });

  it('tells why the node did not come back when its going back cannot be journalled', async () => {
    const rig = await begin();
    await atTurn(rig, async () => {
      throw new StepFailed('disk-full', 'No space left while writing the journal');
    });
    const { reason, events } = await endOf(rig);
    expect(reason).to.equal('The database node ended while it was starting');
    expect(events.filter(({ type }) => type === 'error').map(({ subtype }) => subtype)).to.deep.equal([
      'node-died',
    ]);
    expect(events.at(-1)?.message).to.contain('The database node is down now. This run wrote ');
    expect(configFiles().get(YAML)).to.contain('concurrent_reads: 17');
  });
});
