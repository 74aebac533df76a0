// Asking before a stop: whom a node asks, what is told of the wait, and that a stop, a refusal or an older coordinator end it.
import { expect } from 'chai';
import { recipes } from '../../../agent/recipes/index.ts';
import { awaitLeave } from '../../../agent/steps/await-leave.ts';
import type { LeaveAnswer } from '../../../agent/stop-leave.ts';
import { StepFailed } from '../../../shared/errors.ts';
import type { StopAnswer } from '../../../shared/ring-view.ts';
import type { FakeHost } from '../../support/fake-host.ts';
import { tarballHost } from '../../support/tarball-host.ts';
import { type DriveOptions, drive, inputFor } from './step-driver.ts';

const input = inputFor('restart', '/srv/node1');
const wait = (message: string): StopAnswer => ({ verdict: 'wait', message, notes: [] });
const allowed: StopAnswer = { verdict: 'allowed', message: 'Every range keeps its level', notes: [] };

describe('leave to stop a database node', () => {
  let host: FakeHost;
  let asked: string[];
  beforeEach(() => {
    host = tarballHost();
    asked = [];
  });
  const answering = (...answers: LeaveAnswer[]): DriveOptions => ({
    host,
    input,
    async *askLeave(address) {
      asked.push(address);
      yield* answers;
    },
  });
  const subtypes = async (options: DriveOptions): Promise<string[]> =>
    (await drive([awaitLeave], options)).events.map(({ subtype }) => subtype);

  it('is asked for before anything is done to a node that runs, and passed with what was overlooked', async () => {
    const notes = [
      { subtype: 'gate-relaxed', message: 'one', loud: false },
      { subtype: 'gate-forced', message: 'two', loud: true },
    ];
    const { events } = await drive([awaitLeave], answering(wait('b is away'), { ...allowed, notes }));
    expect(events.map(({ type, subtype }) => [type, subtype])).to.deep.equal([
      ['check', 'gate'],
      ['check', 'gate-waiting'],
      ['check', 'gate-relaxed'],
      ['error', 'gate-forced'],
      ['milestone', 'gate-passed'],
    ]);
    expect(events[1]?.message).to.equal('Waiting before the stop: b is away');
    expect(asked).to.deep.equal(['127.0.0.1']);
    expect(host.done).to.deep.equal([]);
  });

  it('is followed by looks that are as old as it: an agent that asks for it again takes them anew too', () => {
    for (const [name, recipe] of Object.entries(recipes)) {
      const steps = recipe(inputFor('restart', '/srv/node1'));
      const from = steps.findIndex((step) => step.name === awaitLeave.name);
      const looks = steps.slice(from + 1).filter((step) => /^(read|validate)-.*-again$/.test(step.name));
      if (name.startsWith('restart')) expect(looks, name).to.have.length(2);
      expect(
        looks.map(({ goodUntil }) => goodUntil),
        name,
      ).to.deep.equal(looks.map(() => awaitLeave.goodUntil));
    }
  });

  it('is refused before anything was done', async () => {
    const refused: StopAnswer = { verdict: 'refused', message: 'once has one replica', notes: [] };
    const failure = await drive(recipes.restart(input), answering(refused)).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(StepFailed);
    expect(failure).to.include({ subtype: 'gate-refused', message: 'once has one replica' });
    expect(host.done).to.deep.equal([]);
  });

  it('is not asked for where no node runs', async () => {
    host.running = null;
    expect(await subtypes(answering(allowed))).to.deep.equal(['gate', 'gate']);
    expect(asked).to.deep.equal([]);
  });

  it('is gone without where the coordinator does not know of it, and an event says so', async () => {
    expect(await subtypes(answering('unsupported'))).to.deep.equal(['gate', 'gate-unknown']);
  });

  it('is waited for in few words however often the reason changes', async () => {
    const all = await subtypes(answering(wait('1'), wait('2'), wait('3'), allowed));
    expect(all).to.deep.equal(['gate', 'gate-waiting', 'gate-passed']);
  });

  it('is not waited for once the run is to stop', async () => {
    const stopping = new AbortController();
    const ended = await drive([awaitLeave], {
      host,
      input,
      stopping: stopping.signal,
      async *askLeave(_, signal) {
        yield wait('b is away');
        stopping.abort();
        expect(signal.aborted).to.equal(true);
      },
    }).catch((error: unknown) => error);
    expect(ended).to.equal(stopping.signal.reason);
  });
});
