// An agent without a link for tests: real journal and outbox in a directory that outlives it, recipes of the test's, a fake host.
import { join } from 'node:path';
import { expect } from 'chai';
import { type JournalOptions, openJournal } from '../../agent/disk/journal.ts';
import { type OutboxOptions, openOutbox } from '../../agent/disk/outbox.ts';
import type { Host } from '../../agent/host/host.ts';
import { Peers } from '../../agent/peers.ts';
import { describeDropped } from '../../agent/run-events.ts';
import { Runner } from '../../agent/runner.ts';
import type { Step, StepContext } from '../../agent/steps/step.ts';
import { StopLeave } from '../../agent/stop-leave.ts';
import { type Clock, realClock } from '../../shared/clock.ts';
import type { StepEvent } from '../../shared/events.ts';
import { silentLogger } from '../../shared/log.ts';
import type { RecordBody } from '../../shared/wire/messages.ts';
import { eventually } from '../support/eventually.ts';
import { FakeHost } from '../support/fake-host.ts';
import { oneRecipe } from '../support/one-recipe.ts';
import { type Scratch, takeAll } from './disk/scratch.ts';
import { inputFor } from './steps/step-driver.ts';

export const RUN = '0192f000-0000-7000-8000-000000000001';
export const inputJson = JSON.stringify(inputFor('restart', '/opt/c'));

export const said = (message: string): StepEvent => ({
  type: 'check',
  subtype: 'test',
  resource: null,
  message,
  changes: false,
});

/** A step that tells its name, then does `work`. */
export const step = (
  name: string,
  work: (context: StepContext) => Promise<unknown> = async () => undefined,
  mustReach?: string,
): Step => ({
  name,
  ...(mustReach === undefined ? {} : { mustReach }),
  async *run(context) {
    yield said(name);
    return await work(context);
  },
});

/** Work that ends only when the run is fenced or the agent ends. */
export const untilAborted = ({ aborted }: StepContext): Promise<never> =>
  new Promise((_, reject) => {
    if (aborted.aborted) reject(aborted.reason);
    else aborted.addEventListener('abort', () => reject(aborted.reason), { once: true });
  });

export interface RigOptions {
  host?: Host;
  clock?: Clock;
  journal?: Partial<JournalOptions>;
  outbox?: Partial<OutboxOptions>;
}

export async function openRig(directory: string, steps: readonly Step[], options: RigOptions = {}) {
  const log = silentLogger;
  const journal = await openJournal({ directory: join(directory, 'journal'), log, ...options.journal });
  const outbox = await openOutbox({
    directory: join(directory, 'outbox'),
    describeDropped,
    log,
    ...options.outbox,
  });
  const host = options.host ?? new FakeHost();
  const peers = new Peers(host, () => null, realClock, silentLogger);
  const stopLeave = new StopLeave(host, () => null, silentLogger);
  const recipes = oneRecipe(() => steps);
  const runner = new Runner({
    journal,
    outbox,
    host,
    recipes,
    peers,
    stopLeave,
    clock: options.clock ?? realClock,
    log,
  });
  await runner.resume();
  return {
    journal,
    outbox,
    peers,
    stopLeave,
    runner,
    /** all that is pending, in the order told */
    told: (): RecordBody[] => {
      outbox.rewind();
      return takeAll(outbox).map(({ body }) => body as RecordBody);
    },
    close: async (): Promise<void> => {
      await runner.close();
      await outbox.close();
      await journal.close();
    },
  };
}
export type Rig = Awaited<ReturnType<typeof openRig>>;

/** Messages of events, and the outcome of the finish. */
export const inWords = (records: readonly RecordBody[]): string[] =>
  records.map((record) => {
    if (record.kind === 'event') return record.event.message;
    return record.kind === 'finished' ? record.finish.outcome : record.what;
  });

/** Opens rigs that are closed at the end of the test. */
export const rigsIn =
  (scratch: Scratch) =>
  async (directory: string, steps: readonly Step[]): Promise<Rig> => {
    const rig = await openRig(directory, steps);
    scratch.atEnd(() => rig.close());
    return rig;
  };

export async function finished({ outbox }: Rig): Promise<void> {
  await eventually(() => expect(outbox.isFinished(RUN)).to.equal(true));
}
