// What a run that did not come to its end says of the database node: how it is left, and what is to be done.
import { expect } from 'chai';
import { recipes } from '../../agent/recipes/index.ts';
import type { Step } from '../../agent/steps/step.ts';
import type { RunInput } from '../../shared/run-input.ts';
import { eventually } from '../support/eventually.ts';
import { FakeHost } from '../support/fake-host.ts';
import { Scratch } from './disk/scratch.ts';
import { finished, openRig, RUN, step } from './run-rig.ts';
import { inputFor } from './steps/step-driver.ts';

const CONF = '/srv/node1/cassandra-5.0.8/conf';
const WROTE = ['cassandra.yaml', 'cassandra-env.sh', 'cassandra-rackdc.properties'];

describe('how a run leaves the database node', () => {
  const scratch = new Scratch();
  afterEach(() => scratch.end());
  let host: FakeHost;
  beforeEach(() => {
    host = new FakeHost();
    for (const [path, text] of host.packed) host.files.set(`/srv/node1/cassandra-5.0.8/${path}`, text);
    host.startNode();
  });

  const ELSEWHERE = ['await-peers', 'await-leave', 'fetch-tarball', 'unpack-tarball'];
  /** Without the steps that go through a coordinator, or to a repository. */
  const stepsOf = (input: RunInput): Step[] =>
    recipes[input.recipe](input).filter(({ name }) => !ELSEWHERE.includes(name));
  const begin = async (input: RunInput, steps = stepsOf(input)) => {
    const rig = await openRig(await scratch.directory(), steps, { host });
    scratch.atEnd(() => rig.close());
    expect(await rig.runner.take(RUN, JSON.stringify(input), '')).to.equal(null);
    return rig;
  };
  /** The last event of the run, by then over. */
  const lastEvent = async (rig: Awaited<ReturnType<typeof begin>>) => {
    await finished(rig);
    const event = rig.told().at(-2);
    if (event?.kind !== 'event') throw new Error('the last but the finish is an event');
    const { type, subtype, message, afterJson } = event.event;
    const after = JSON.parse(afterJson ?? '{}') as Record<string, unknown>;
    return { type, subtype, message, runs: after['node-runs'], wrote: after['files-written'] };
  };
  const after = async (recipe: RunInput['recipe']) => lastEvent(await begin(inputFor(recipe, '/srv/node1')));

  it('is told as down when it does not come up, with the files written and the way back', async () => {
    host.diesAtStart = true;
    const { message, ...rest } = await after('configure');
    expect(rest).to.deep.equal({
      type: 'error',
      subtype: 'node-died',
      runs: false,
      wrote: WROTE.map((name) => `${CONF}/${name}`),
    });
    expect(message).to.equal(
      `The database node ended while it was starting. The database node is down now. ` +
        'This run wrote cassandra.yaml, cassandra-env.sh, cassandra-rackdc.properties: before and after of each are in its file-contents event. ' +
        'If one of these settings is the cause, put its former value back in the config profile; ' +
        'once the cause is mended, run configure again, which starts the node',
    );
    expect((await after('restart')).message).to.equal(
      'The database node ended while it was starting. The database node is down now. ' +
        'Once the cause is mended, run restart again, which starts the node',
    );
  });

  it('is not told as down where a failure left it running, or came before anything was touched', async () => {
    host.javaOutput = 'java version "1.8.0_402"';
    expect(await after('configure')).to.include({ subtype: 'java-unsupported', runs: undefined });
    host.javaOutput = 'openjdk version "17.0.15" 2025-04-15';
    host.answersAfterMs = null;
    expect(await after('restart')).to.include({
      subtype: 'node-not-up',
      message: 'The native port does not answer after 120000 ms',
      runs: undefined,
    });
  });

  it('is told as perhaps closed when it is neither stopped nor started again', async () => {
    host.signal = async () => true;
    const { message, runs } = await after('restart');
    expect(message).to.match(
      / does not end\. The database node still runs, but may be closed to clients and/,
    );
    expect(runs).to.equal(true);
  });

  it('is the last thing that a run tells which was stopped as asked', async () => {
    const stopped = async (recipe: RunInput['recipe'], before: string) => {
      let go = (): void => {};
      const going = new Promise<void>((resolve) => {
        go = resolve;
      });
      const gate = step('gate', () => going);
      const input = inputFor(recipe, '/srv/node1');
      const steps = [...stepsOf(input), step('last')];
      const rig = await begin(
        input,
        steps.flatMap((one) => (one.name === before ? [gate, one] : [one])),
      );
      await eventually(() => expect(rig.runner.progress()[0]?.step).to.equal('gate'));
      await rig.runner.stop(RUN);
      go();
      return await lastEvent(rig);
    };
    expect(await stopped('configure', 'stop-native-transport')).to.deep.equal({
      type: 'check',
      subtype: 'run-stopped',
      message:
        'Stopped as asked before the step stop-native-transport was done: the database node runs as it did before; ' +
        'of what this run wrote (cassandra.yaml, cassandra-env.sh, cassandra-rackdc.properties) it hears when it is restarted. ' +
        'Run configure again for the rest',
      runs: true,
      wrote: WROTE.map((name) => `${CONF}/${name}`),
    });
    await after('configure');
    expect((await stopped('install', 'last')).message, 'nothing to restart').to.equal(
      'Stopped as asked before the step last was done: the database node runs as it did before. Run install again for the rest',
    );
    expect((await stopped('restart', 'last')).message).to.equal(
      'Stopped as asked before the step last was done: the database node was started, and runs. Run restart again for the rest',
    );
    host.running = null;
    expect((await stopped('restart', 'stop-native-transport')).message).to.contain(
      ': the database node does not run. Run restart again for the rest, which starts it',
    );
    expect((await stopped('check', 'last')).message, 'a look').to.match(
      / was done: nothing was touched\. Ask for the same job again for the rest$/,
    );
  });
});
