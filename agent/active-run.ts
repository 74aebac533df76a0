// One run being carried out: executes the recipe's steps in order, journals each, tells their events, and ends with one finish.
import type { Clock } from '../shared/clock.ts';
import { StepFailed } from '../shared/errors.ts';
import type { StepEvent } from '../shared/events.ts';
import type { Logger } from '../shared/log.ts';
import type { RunInput, RunSecrets } from '../shared/run-input.ts';
import type { RecordBody, RunProgress, WireFinish } from '../shared/wire/messages.ts';
import type { Journal, JournalStep } from './disk/journal.ts';
import type { Outbox } from './disk/outbox.ts';
import type { Host } from './host/host.ts';
import { mayStopAmong, numberOf } from './known-steps.ts';
import { type NodeLeft, nodeLeft, nodeLeftView, wordsOfFailure, wordsOfStop } from './node-left.ts';
import type { Peers } from './peers.ts';
import { lookForReboot } from './reboot.ts';
import { finishAtLast, letGoOfReplaced, tellFailure } from './run-ending.ts';
import { eventRecord, failureEvent, finishReason, isAbort } from './run-events.ts';
import { LEAVE, LeaveLapsed } from './steps/leave.ts';
import { isRevertDue } from './steps/revert-config-files.ts';
import type { Step, StepContext } from './steps/step.ts';
import { looked } from './steps/telling.ts';
import type { StopLeave } from './stop-leave.ts';
import { firstBack, GOING_BACK, reasonOf, type WayBack, wayBackOf } from './way-back.ts';

const STOPPED = 'Stopped as asked';

export interface RunParts {
  journal: Journal;
  outbox: Outbox;
  host: Host;
  peers: Pick<Peers, 'ask'>;
  stopLeave: Pick<StopLeave, 'ask'>;
  clock: Clock;
  log: Logger;
  /** told of every run where this host's database node is, and again once its files were put back */
  learn?: (input: RunInput) => void;
}

/** The agent is ending, or the run was fenced: nothing more is told of it. */
class LetGo extends Error {}

export class ActiveRun {
  /** Resolves, whatever happens, when nothing is being done for the run any more. */
  readonly done: Promise<void>;
  readonly #runId: string;
  readonly #input: RunInput;
  readonly #parts: RunParts;
  readonly #steps: readonly Step[];
  /** not null: the run goes back */
  #wayBack: WayBack | null = null;
  #index = 0;
  #ticks = 0;
  #stopAsked: boolean;
  readonly #stopping = new AbortController();
  readonly #aborted = new AbortController();
  readonly #secrets: Promise<RunSecrets>;
  #settleSecrets: (secrets: RunSecrets | null) => void = () => {};

  /** Begins at once, but does nothing before it has its secrets. */
  constructor(runId: string, input: RunInput, steps: readonly Step[], stopAsked: boolean, parts: RunParts) {
    this.#runId = runId;
    this.#input = input;
    this.#parts = parts;
    this.#steps = steps;
    this.#stopAsked = stopAsked;
    this.#secrets = new Promise((resolve, reject) => {
      this.#settleSecrets = (secrets) => {
        if (secrets !== null) resolve(secrets);
        else reject(new StepFailed('secrets-unreadable', "The run's secrets cannot be read"));
      };
    });
    this.done = this.#execute().catch((err) => {
      if (!(err instanceof LetGo)) parts.log.error('run not carried to its end', { runId, err });
    });
  }

  /** @param secrets null: they cannot be read, and the run fails. Only the first count. */
  secretsCame(secrets: RunSecrets | null): void {
    this.#settleSecrets(secrets);
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
      stepCount: (this.#wayBack === null ? this.#way(false) : this.#steps).length,
      step: this.#stepName(),
      ticks: this.#ticks,
    };
  }

  /** On the way back there is no stopping. */
  #mayStop(): boolean {
    return this.#wayBack === null && mayStopAmong(this.#steps, this.#journalled());
  }

  async #execute(): Promise<void> {
    const { signal } = this.#aborted;
    try {
      const secrets = await Promise.race([
        this.#secrets,
        new Promise<never>((_, reject) => {
          if (signal.aborted) reject(signal.reason);
          else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        }),
      ]);
      this.#wayBack = wayBackOf(this.#steps, this.#journalled());
      await lookForReboot(this.#runId, this.#way(this.#wayBack !== null), {
        ...this.#parts,
        tell: (event) => this.#tell(event),
      });
      if (this.#wayBack === null && (await this.#goThrough(secrets)) === 'stopped')
        return await this.#stopped();
      if (this.#wayBack === null) return await this.#finish('succeeded', null);
      await this.#goBack(this.#wayBack, secrets);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (this.#stopping.signal.aborted && isAbort(error)) return await this.#stopped();
      const left = await this.#nodeLeft();
      const words = left && { words: wordsOfFailure(left, this.#input), view: nodeLeftView(left) };
      await tellFailure(this.#runId, this.#failure(error, words), this.#parts);
      await this.#finish('failed', reasonOf(this.#wayBack, finishReason(error)));
    }
  }

  /** From the first step to the last, or to a failure from which the run goes back. */
  async #goThrough(secrets: RunSecrets): Promise<'done' | 'stopped'> {
    try {
      return await this.#doSteps(false, secrets);
    } catch (error) {
      if (error instanceof LeaveLapsed) {
        const names = this.#steps.map(({ name }) => name);
        const undone = names.slice(names.indexOf(LEAVE), this.#index + 1);
        await this.#parts.journal.stepsUndone(this.#runId, undone);
        await this.#parts.journal.stepStarted(this.#runId, this.#numberOf(LEAVE), LEAVE, error.lapses);
        return await this.#goThrough(secrets);
      }
      const first = firstBack(this.#steps);
      const isCalledOff = this.#aborted.signal.aborted || this.#stopping.signal.aborted;
      const isDue = isRevertDue(this.#input, this.#stepName(), { resultOf: this.#resultOf });
      if (isCalledOff || first === undefined || !isDue) throw error;
      await this.#turnBack(first, error);
      return 'done';
    }
  }

  /** @throws error where that cannot be journalled: the run has then failed without going back */
  async #turnBack(first: Step, error: unknown): Promise<void> {
    const { journal, log } = this.#parts;
    const failedAt = this.#index;
    const way = { failure: this.#failure(error, GOING_BACK), reason: finishReason(error) };
    this.#wayBack = way; // at once: a stop that comes while it is being journalled does not end the run either
    this.#index = this.#steps.indexOf(first);
    try {
      await journal.stepStarted(this.#runId, this.#numberOf(first.name), first.name, way);
    } catch (err) {
      log.error('the way back could not be begun', { runId: this.#runId, err });
      this.#wayBack = null;
      this.#index = failedAt;
      throw error;
    }
  }

  async #goBack(way: WayBack, secrets: RunSecrets): Promise<void> {
    if (this.#known(firstBack(this.#steps)?.name ?? '')?.finished !== true)
      await tellFailure(this.#runId, way.failure, this.#parts);
    await this.#doSteps(true, secrets);
    await this.#finish('failed', reasonOf(way, null));
  }

  #failure(error: unknown, left: Parameters<typeof failureEvent>[2]): RecordBody {
    return eventRecord(failureEvent(error, this.#stepName(), left), this.#parts.clock.nowMs());
  }

  /** @param isBack those of the way back, or all others */
  #way(isBack: boolean): readonly Step[] {
    return this.#steps.filter(({ isAfterFailure = false }) => isAfterFailure === isBack);
  }

  async #doSteps(isBack: boolean, secrets: RunSecrets): Promise<'done' | 'stopped'> {
    for (const step of this.#way(isBack)) {
      this.#index = this.#steps.indexOf(step);
      this.#aborted.signal.throwIfAborted();
      if (this.#stopAsked && this.#mayStop()) return 'stopped';
      if (this.#known(step.name)?.finished && !this.#isToBeAgain(step)) continue;
      await this.#runStep(step, secrets);
    }
    return 'done';
  }

  /** Of a step that is done: only a run that was taken up comes to one. */
  #isToBeAgain({ goodUntil }: Step): boolean {
    return goodUntil !== undefined && this.#known(goodUntil)?.started !== true;
  }

  readonly #resultOf = (name: string): unknown => this.#known(name)?.result;

  #stepName(): string {
    return this.#steps[this.#index]?.name ?? '';
  }

  /** null where that cannot be told: the run ends all the same. */
  async #nodeLeft(): Promise<NodeLeft | null> {
    const { host, log } = this.#parts;
    const run = this.#parts.journal.run(this.#runId) ?? { steps: [] };
    return await nodeLeft(host, this.#input, this.#steps, run).catch((err) => {
      log.error('how the node is left is not told', { runId: this.#runId, err });
      return null;
    });
  }

  /** Whoever asked for the stop is told how it leaves the node; that it is over is told without, where the disk is full. */
  async #stopped(): Promise<void> {
    const left = await this.#nodeLeft();
    if (left !== null) {
      const words = wordsOfStop(left, this.#input, this.#stepName());
      await this.#tell(looked('run-stopped', words, { after: nodeLeftView(left) })).catch((err) =>
        this.#parts.log.error('stop not told', { runId: this.#runId, err }),
      );
    }
    await this.#finish('stopped', STOPPED);
  }

  async #finish(outcome: WireFinish['outcome'], reason: string | null): Promise<void> {
    await finishAtLast(this.#runId, outcome, reason, this.#parts, this.#aborted.signal);
    // Not before: whoever takes up a run that has no finish yet may still have to go back.
    await letGoOfReplaced(this.#runId, this.#input, outcome, this.#parts);
  }

  #journalled(): readonly JournalStep[] {
    return this.#parts.journal.run(this.#runId)?.steps ?? [];
  }

  #known(name: string) {
    return this.#journalled().find((known) => known.name === name);
  }

  #numberOf(name: string): number {
    return numberOf(name, this.#index, this.#journalled());
  }

  async #runStep(step: Step, secrets: RunSecrets): Promise<void> {
    const { host, journal, peers, stopLeave, clock, log } = this.#parts;
    const runId = this.#runId;
    const known = this.#known(step.name);
    const index = this.#numberOf(step.name);
    const notes = known?.notes ?? [];
    if (known?.started !== true) await journal.stepStarted(runId, index, step.name);
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
      resultOf: this.#resultOf,
      askLeave: (address, signal) => stopLeave.ask(runId, address, signal),
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
