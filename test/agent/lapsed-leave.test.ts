// Leave that counts no more: asked for again before anything is done to a node that has come back, or where it was given too long ago.
import { expect } from 'chai';
import { recipes } from '../../agent/recipes/index.ts';
import type { Step } from '../../agent/steps/step.ts';
import type { AgentMessage } from '../../shared/wire/messages.ts';
import { AptHost } from '../support/apt-host.ts';
import { eventually } from '../support/eventually.ts';
import type { FakeHost } from '../support/fake-host.ts';
import { tarballHost } from '../support/tarball-host.ts';
import { Scratch } from './disk/scratch.ts';
import { beginIn, endOf } from './reverting-rig.ts';
import { type Rig, RUN, step, untilAborted } from './run-rig.ts';
import { inputFor, packagedInputFor } from './steps/step-driver.ts';

const input = inputFor('restart', '/srv/node1');

describe('leave that has lapsed', () => {
  const scratch = new Scratch();
  afterEach(() => scratch.end());
  let host: FakeHost;
  beforeEach(() => {
    host = tarballHost();
  });

  const STEPS = recipes.restart(input).filter(({ name }) => name !== 'await-peers');
  /** With what happens right before a step. */
  const before = (name: string, work: Parameters<typeof step>[1]): Step[] =>
    STEPS.flatMap((one) => (one.name === name ? [step('in-between', work), one] : [one]));

  /** A coordinator that lets the node go as often as it is told to, and what it was asked. */
  function gateOf({ stopLeave }: Rig, passes: number) {
    const asked: string[] = [];
    stopLeave.attached((message: AgentMessage) => {
      if (message.kind !== 'stop-question') return;
      asked.push(message.questionId);
      const verdict = asked.length <= passes ? 'allowed' : 'wait';
      const { questionId } = message;
      setImmediate(() =>
        stopLeave.answered({ kind: 'stop-answer', questionId, verdict, message: 'b', notes: [] }),
      );
    });
    return asked;
  }
  const begin = async (steps: readonly Step[], passes: number, directory?: string, of = input) => {
    const rig = await beginIn(scratch, () => host)([...steps], of, directory);
    return { rig, asked: gateOf(rig, passes) };
  };

  /** Its node is drained when the agent ends; then both are started again, somewhere before the stop. */
  async function cutOffBefore(name: string): Promise<string> {
    const directory = await scratch.directory();
    const { rig } = await begin(before(name, untilAborted), 1, directory);
    await eventually(() => expect(rig.runner.progress()[0]?.step).to.equal('in-between'));
    await rig.close();
    host.startNode();
    host.done.length = 0;
    return directory;
  }

  it('is asked for again where the node was started anew, and everything before the stop is done to that one', async () => {
    for (const name of ['drain-node', 'stop-node']) {
      const { rig, asked } = await begin(STEPS, 1, await cutOffBefore(name));
      const { outcome, subtypes } = await endOf(rig);
      expect(outcome, name).to.equal('succeeded');
      expect(asked, name).to.have.length(1);
      expect(
        subtypes.filter((one) => one.startsWith('gate')),
        name,
      ).to.deep.equal([...['gate', 'gate-passed', 'gate-lapsed', 'gate', 'gate-passed']]);
      expect(host.done, name).to.deep.equal(['stop native transport', 'drain', 'SIGTERM', 'spawn']);
      host.done.length = 0;
    }
  });

  it('leaves that node as it is while it waits, and is stopped there as asked', async () => {
    const { rig, asked } = await begin(STEPS, 0, await cutOffBefore('drain-node'));
    await eventually(() => expect(asked).to.have.length(1));
    await rig.runner.stop(RUN);
    expect((await endOf(rig)).outcome).to.equal('stopped');
    expect(host.done).to.deep.equal([]);
    expect(host.running).not.to.equal(null);
  });

  it('is asked for again by the run that got it, once that is half a minute ago by either clock', async () => {
    for (const clock of ['nowMs', 'upMs'] as const) {
      const late = async (): Promise<void> => {
        if (asleep) return;
        asleep = true;
        const ms = host[clock]();
        host[clock] = () => ms + 31_000;
      };
      let asleep = false;
      const { rig, asked } = await begin(before('check-restart', late), 2);
      const { outcome, events } = await endOf(rig);
      expect(outcome, clock).to.equal('succeeded');
      expect(asked, clock).to.have.length(2);
      expect(events.find(({ subtype }) => subtype === 'gate-lapsed')?.message).to.match(
        / 31 s ago: asking again$/,
      );
      expect(host.done).to.deep.equal(['stop native transport', 'drain', 'SIGTERM', 'spawn']);
      host.done.length = 0;
    }
  });

  it('is asked for again where a boot has started the old version before its packages are replaced, and that is stopped first', async () => {
    const packaged = new AptHost();
    host = packaged;
    packaged.has('cassandra', '5.0.7-1');
    packaged.offered.set('cassandra', ['5.0.8-1', '5.0.7-1']);
    packaged.startNode();
    const of = packagedInputFor('upgrade');
    const steps = recipes.upgrade(of).filter(({ name }) => name !== 'await-peers');
    const cut = steps.map((one) => ({
      ...one,
      ...(one.name === 'replace-packages' && step(one.name, untilAborted)),
    }));
    const directory = await scratch.directory();
    const { rig: first } = await begin(cut, 1, directory, of);
    await eventually(() => expect(first.runner.progress()[0]?.step).to.equal('replace-packages'));
    await first.close();
    packaged.boot();
    host.done.length = 0;
    const { rig, asked } = await begin(steps, 1, directory, of);
    const { outcome, subtypes } = await endOf(rig);
    expect(outcome).to.equal('succeeded');
    expect(asked).to.have.length(1);
    expect(subtypes).to.include('gate-lapsed');
    const stops = host.done.filter((done) => /^(?:stop|drain|start)/.test(done));
    expect(stops).to.deep.equal(['stop native transport', 'drain', 'stop service', 'start service']);
    expect(packaged.packages.get('cassandra')?.version).to.equal('5.0.8-1');
  });

  it('is good for longer each time, where a host takes so long to its stop', async () => {
    const ages: number[] = [];
    const slow = async (): Promise<void> => {
      const ms = host.nowMs();
      ages.push(ms);
      host.nowMs = () => ms + 50_000;
    };
    const { rig, asked } = await begin(before('check-restart', slow), 2);
    const { outcome, subtypes } = await endOf(rig);
    expect(outcome).to.equal('succeeded');
    expect(asked).to.have.length(2);
    expect(ages).to.have.length(2);
    expect(subtypes.filter((one) => one === 'gate-lapsed')).to.have.length(1);
  });

  it('is asked for again where the agent ended in the step that closes the node, unless that had closed it', async () => {
    const never = () => new Promise<never>(() => {});
    for (const hasClosed of [false, true]) {
      host.startNode();
      host.done.length = 0;
      host.clients = { connections: 1, requests: 0 };
      host.clientsLeaveAfterMs = null;
      const directory = await scratch.directory();
      const { jmx, wait } = host;
      let isThere = false;
      const hang = (): Promise<never> => {
        isThere = true;
        return never();
      };
      if (hasClosed) {
        host.wait = (...of) => (host.done.includes('stop native transport') ? hang() : wait.apply(host, of));
      } else host.jmx = hang;
      const { rig: first } = await begin(STEPS, 1, directory);
      await eventually(() => expect(isThere).to.equal(true));
      await first.close();
      Object.assign(host, { jmx, wait });
      await host.wait(600_000);
      host.clientsLeaveAfterMs = 0;
      const { rig, asked } = await begin(STEPS, 1, directory);
      expect((await endOf(rig)).outcome).to.equal('succeeded');
      expect(asked, String(hasClosed)).to.have.length(hasClosed ? 0 : 1);
      expect(host.done).to.deep.equal(['stop native transport', 'drain', 'SIGTERM', 'spawn']);
    }
  });

  it('does not grow old once the node is closed: another agent stops it without asking', async () => {
    const directory = await scratch.directory();
    const { rig: first } = await begin(before('drain-node', untilAborted), 1, directory);
    await eventually(() => expect(first.runner.progress()[0]?.step).to.equal('in-between'));
    await first.close();
    await host.wait(600_000);
    const { rig, asked } = await begin(STEPS, 0, directory);
    expect((await endOf(rig)).outcome).to.equal('succeeded');
    expect(asked).to.deep.equal([]);
  });
});
