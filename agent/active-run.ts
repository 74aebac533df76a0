// One run being carried out: executes the recipe's steps in order, journals each, tells their events, and ends with one finish.
import type { Clock } from '../shared/clock.ts';
import type { StepEvent } from '../shared/events.ts';
import type { Logger } from '../shared/log.ts';
import type { RunInput, RunSecrets } from '../shared/run-input.ts';
import type { RecordBody, RunProgress, WireFinish } from '../shared/wire/messages.ts';
import type { Journal } from './disk/journal.ts';
import type { Outbox } from './disk/outbox.ts';
import type { Host } from './host/host.ts';
import type { Peers } from './peers.ts';
import { eventRecord, failureEvent, finishReason, isAbort } from './run-events.ts';
import type { Recipe, Step, StepContext } from './steps/step.ts';

export interface RunParts {
  journal: Journal;
  outbox: Outbox;
  host: Host;
  recipes: Readonly<Record<RunInput['recipe'], Recipe>>;
  peers: Pick<Peers, 'ask'>;
  clock: Clock;
  log: Logger;
}

/** What a run is ended with, in the outbox and then in the journal. */
type Ending = Pick<RunParts, 'journal' | 'outbox' | 'clock' | 'log'>;

/** The agent is ending, or the run was fenced: nothing more is told of it. */
class LetGo extends Error {}

export class ActiveRun {
  /** Resolves, whatever happens, when nothing is being done for the run any more. */
  readonly done: Promise<void>;
  readonly #runId: string;
  readonly #input: RunInput;
  readonly #parts: RunParts;
  readonly #steps: readonly Step[];
  #index = 0;
  #ticks = 0;
  #stopAsked: boolean;
  readonly #stopping = new AbortController();
  readonly #aborted = new AbortController();
  readonly #secrets: Promise<RunSecrets>;
  #giveSecrets: (secrets: RunSecrets) => void = () => {};

  /** Begins at once, but does nothing before it has its secrets. */
  constructor(runId: string, input: RunInput, stopAsked: boolean, parts: RunParts) {
    this.#runId = runId;
    this.#input = input;
    this.#parts = parts;
    this.#steps = parts.recipes[input.recipe](input);
    this.#stopAsked = stopAsked;
    this.#secrets = new Promise((resolve) => (this.#giveSecrets = resolve));
    this.done = this.#execute().catch((err) => {
      if (!(err instanceof LetGo)) parts.log.error('run not carried to its end', { runId, err });
    });
  }

  secretsCame(secrets: RunSecrets): void {
    this.#giveSecrets(secrets);
  }

  /** Ends the run at the next safe point. */
  async stop(): Promise<void> {
    if (this.#stopAsked) return;
    this.#stopAsked = true;
    try {
      await this.#parts.journal.stopRequested(this.#runId);
    } finally {
      if (this.#mayStop()) this.#stopping.abort(); // also when the next process would have to be told again
    }
  }

  /** Leaves everything as it is; see `done`. */
  letGo(why: string): void {
    this.#aborted.abort(new LetGo(why));
  }

  progress(): RunProgress {
    return {
      runId: this.#runId,
      stepNumber: this.#index + 1,
      stepCount: this.#steps.length,
      step: this.#steps[this.#index]?.name ?? '',
      ticks: this.#ticks,
    };
  }

  /** Between a step that must reach a later one and that one, the database node may be down: no stopping there. */
  #mayStop(): boolean {
    const steps = this.#parts.journal.run(this.#runId)?.steps ?? [];
    const finished = new Set(steps.filter((step) => step.finished).map(({ name }) => name));
    const started = new Set(steps.filter((step) => step.started).map(({ name }) => name));
    return !this.#steps.some(
      ({ name, mustReach }) => mustReach !== undefined && !finished.has(mustReach) && started.has(name),
    );
  }

  async #execute(): Promise<void> {
    const { signal } = this.#aborted;
    const secrets = await Promise.race([
      this.#secrets,
      new Promise<never>((_, reject) => {
        if (signal.aborted) reject(signal.reason);
        else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      }),
    ]);
    try {
      for (const [index, step] of this.#steps.entries()) {
        this.#index = index;
        signal.throwIfAborted();
        if (this.#stopAsked && this.#mayStop()) return await this.#stopped();
        if (this.#known(index)?.finished) continue;
        await this.#runStep(step, index, secrets);
      }
      await finishRun(this.#runId, 'succeeded', null, this.#parts);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (this.#stopping.signal.aborted && isAbort(error)) return await this.#stopped();
      await failRun(this.#runId, error, this.#steps[this.#index]?.name ?? '', this.#parts);
    }
  }

  async #stopped(): Promise<void> {
    await finishRun(this.#runId, 'stopped', 'Stopped as asked', this.#parts);
  }

  #known(index: number) {
    return this.#parts.journal.run(this.#runId)?.steps.find((known) => known.index === index);
  }

  async #runStep(step: Step, index: number, secrets: RunSecrets): Promise<void> {
    const { host, journal, peers, clock, log } = this.#parts;
    const runId = this.#runId;
    const notes = this.#known(index)?.notes ?? [];
    await journal.stepStarted(runId, index, step.name);
    this.#ticks += 1;
    const aborted = this.#aborted.signal;
    const context: StepContext = {
      host,
      input: this.#input,
      secrets,
      stopping: this.#stopping.signal,
      aborted,
      tick: () => {
        this.#ticks += 1;
      },
      notes,
      note: (value) => journal.note(runId, index, value),
      resultOf: (name) => journal.run(runId)?.steps.find((known) => known.name === name)?.result,
      askPeers: (address, withinMs) => peers.ask(runId, address, withinMs, aborted),
    };
    const startedMs = clock.nowMs();
    const events = step.run(context);
    for (let next = await events.next(); ; next = await events.next()) {
      if (next.done === true) {
        await journal.stepFinished(runId, index, next.value);
        break;
      }
      await this.#tell(next.value);
      if (aborted.aborted) {
        await events.return(undefined);
        throw aborted.reason;
      }
    }
    log.info('step done', { runId, step: step.name, durationMs: clock.nowMs() - startedMs });
  }

  async #tell(event: StepEvent): Promise<void> {
    await this.#parts.outbox.append(this.#runId, eventRecord(event, this.#parts.clock.nowMs()));
  }
}

/** A disk that has no room for other events has it, in reserve, for these two. */
export async function failRun(runId: string, error: unknown, step: string, parts: Ending): Promise<void> {
  await parts.outbox
    .appendFailure(runId, eventRecord(failureEvent(error, step), parts.clock.nowMs()))
    .catch((err) => parts.log.error('failure not told', { runId, err }));
  await finishRun(runId, 'failed', finishReason(error), parts);
}

async function finishRun(
  runId: string,
  outcome: WireFinish['outcome'],
  reason: string | null,
  { journal, outbox, clock, log }: Ending,
): Promise<void> {
  const body: RecordBody = { kind: 'finished', finish: { outcome, reason, atMs: clock.nowMs() } };
  await outbox.append(runId, body, { mustKeep: true });
  await journal.finished(runId, outcome);
  log.info('run finished', { runId, reason: outcome });
}
