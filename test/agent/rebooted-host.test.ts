// A host that is booted anew in the middle of a run: said, and the run goes on with the node as it is found after that.
import { expect } from 'chai';
import { recipes } from '../../agent/recipes/index.ts';
import type { RunInput } from '../../shared/run-input.ts';
import { AptHost } from '../support/apt-host.ts';
import { eventually } from '../support/eventually.ts';
import { FakeHost } from '../support/fake-host.ts';
import { Scratch } from './disk/scratch.ts';
import { beginIn, configuredHost, endOf, input as reverting, stepsOf } from './reverting-rig.ts';
import { step, untilAborted } from './run-rig.ts';
import { inputFor, packagedInputFor } from './steps/step-driver.ts';

describe('a host that is rebooted in the middle of a run', () => {
  const scratch = new Scratch();
  afterEach(() => scratch.end());
  let host: FakeHost;

  const tarballHost = (): FakeHost => {
    const made = new FakeHost();
    for (const [path, text] of made.packed) made.files.set(`/srv/node1/cassandra-5.0.8/${path}`, text);
    made.startNode();
    return made;
  };
  const packagedHost = (): AptHost => {
    const made = new AptHost();
    made.has('cassandra', '5.0.8-1');
    made.startNode();
    return made;
  };
  /** Nothing there starts a node at a boot. */
  const bootsWithout = (): void => {
    host.running = null;
    host.booted += ' again';
  };

  /** Runs it until that step, boots the host there, and goes on to the end with another agent. */
  async function rebootedBefore(name: string, input: RunInput, boot: () => void) {
    const steps = stepsOf(input);
    const inBetween = step('in-between', untilAborted);
    const cut = steps.flatMap((one) => (one.name === name ? [{ ...one, ...inBetween }, one] : [one]));
    const directory = await scratch.directory();
    const begin = beginIn(scratch, () => host);
    const before = await begin(cut, input, directory);
    await eventually(() => expect(before.runner.progress()[0]?.step).to.equal('in-between'));
    await before.close();
    host.done.length = 0;
    boot();
    return { ...(await endOf(await begin(steps, input, directory))), directory };
  }
  const restart = inputFor('restart', '/srv/node1');
  const lifecycle = () => host.done.filter((done) => /spawn|service|SIG|drain/.test(done));

  it('waits for the node that was started at the boot', async () => {
    for (const name of ['start-node', 'await-native-port', 'await-settling']) {
      host = packagedHost();
      const input = packagedInputFor('restart');
      const { outcome, events } = await rebootedBefore(name, input, () => (host as AptHost).boot());
      expect(outcome, name).to.equal('succeeded');
      const told = events.filter(({ subtype }) => subtype === 'host-rebooted');
      expect(told, name).to.have.length(1);
      expect(told[0]?.message).to.match(
        new RegExp(`^The host was rebooted in the middle of this run, before the step ${name} was done\\. `),
      );
      expect(lifecycle(), name).to.deep.equal(['start service']); // by the boot
    }
  });

  it('waits for the node that systemd has yet to start, or is starting', async () => {
    const states = [
      'ActiveState=inactive\nSubState=dead\nJob=17\n',
      'ActiveState=activating\nSubState=start\nJob=17\n',
    ];
    for (const state of states) {
      const packaged = packagedHost();
      host = packaged;
      const { run } = packaged;
      let shown = 0;
      const { outcome } = await rebootedBefore('await-native-port', packagedInputFor('restart'), () => {
        bootsWithout();
        packaged.run = async (argv, options) => {
          if (argv[1] !== 'show' || packaged.running !== null) return await run.call(packaged, argv, options);
          shown += 1;
          if (shown === 3) packaged.startNode();
          return { exitCode: 0, stdout: `LoadState=loaded\n${state}`, stderr: '' };
        };
      });
      expect(outcome, state).to.equal('succeeded');
      expect(shown, state).to.equal(3);
      expect(lifecycle(), state).to.deep.equal([]);
    }
  });

  it('starts the node where nobody starts it at a boot', async () => {
    for (const name of ['drain-node', 'stop-node', 'start-node', 'await-native-port', 'await-settling']) {
      host = tarballHost();
      const { outcome, subtypes } = await rebootedBefore(name, restart, bootsWithout);
      expect(outcome, name).to.equal('succeeded');
      expect(subtypes, name).to.include('host-rebooted');
      expect(lifecycle(), name).to.deep.equal(['spawn']);
      expect(subtypes.at(-1), name).to.equal('facts');
    }
  });

  it('is named by the failure where the node does not come up after it', async () => {
    host = tarballHost();
    const { outcome, events } = await rebootedBefore('await-native-port', restart, () => {
      bootsWithout();
      host.diesAtStart = true;
    });
    expect(outcome).to.equal('failed');
    const error = events.find(({ type }) => type === 'error');
    expect(error?.subtype).to.equal('node-died');
    expect(error?.message).to.contain('The host was rebooted in the middle of this run (host-rebooted)');
  });

  it('is told once, and not for an agent that is restarted on it', async () => {
    host = tarballHost();
    const directory = await scratch.directory();
    const begin = beginIn(scratch, () => host);
    const cut = [...stepsOf(restart).slice(0, 2), step('in-between', untilAborted)];
    const reached = async () => {
      const rig = await begin(cut, restart, directory);
      await eventually(() => expect(rig.runner.progress()[0]?.step).to.equal('in-between'));
      const told = rig.told().filter((one) => one.kind === 'event' && one.event.subtype === 'host-rebooted');
      await rig.close();
      return told.length;
    };
    expect([await reached(), await reached()]).to.deep.equal([0, 0]);
    bootsWithout();
    expect([await reached(), await reached()]).to.deep.equal([1, 1]);
  });

  it('starts the node with what was put back where it was going back', async () => {
    host = await configuredHost();
    const { outcome, reason, subtypes } = await rebootedBefore(
      'await-native-port-again',
      reverting,
      bootsWithout,
    );
    expect(outcome).to.equal('failed');
    expect(reason).to.contain('the database node is back with it');
    expect(subtypes).to.include('host-rebooted');
    expect(lifecycle()).to.deep.equal(['spawn']);
    expect(host.running).to.not.equal(null);
  });

  it('knows its steps for what they are in every recipe that starts a node', () => {
    for (const [name, recipe] of Object.entries(recipes)) {
      const names = recipe(packagedInputFor('restart')).map((one) => one.name);
      if (names.includes('start-node')) expect(names, name).to.include('await-settling');
    }
  });
});
