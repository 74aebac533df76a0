// Carries runs out: journals, executes the recipe's steps in order, tells their events, and ends with one finish.
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

interface Active {
  input: RunInput;
  steps: readonly Step[];
  index: number;
  ticks: number;
  stopAsked: boolean;
  stopping: AbortController;
  /** fires when the run was fenced or this agent ends */
  aborted: AbortController;
  secrets: Promise<RunSecrets>;
  giveSecrets: (secrets: RunSecrets) => void;
  done: Promise<void>;
}

/** The agent is ending: the run stays in the journal and is resumed by the next one. */
class AgentEnding extends Error {}

/** Loaded with the first run: the schemas' library takes 6 MiB, and most agents hold no run for weeks. */
const loadOrders = () => import('./run-orders.ts');

/** What ends with the process is left to itself after this long: the journal says where to go on. */
const CLOSE_WITHIN_MS = 1_000;

export { describeDropped } from './run-events.ts';

export class Runner {
  readonly #journal: Journal;
  readonly #outbox: Outbox;
  readonly #host: Host;
  readonly #recipes: Readonly<Record<RunInput['recipe'], Recipe>>;
  readonly #peers: Peers;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** told of every run taken on: where this host's database node is */
  readonly #learn: (input: RunInput) => void;
  readonly #active = new Map<string, Active>();

  constructor(
    disk: { journal: Journal; outbox: Outbox },
    host: Host,
    recipes: Readonly<Record<RunInput['recipe'], Recipe>>,
    peers: Peers,
    clock: Clock,
    log: Logger,
    learn: (input: RunInput) => void = () => {},
  ) {
    this.#journal = disk.journal;
    this.#outbox = disk.outbox;
    this.#host = host;
    this.#recipes = recipes;
    this.#peers = peers;
    this.#clock = clock;
    this.#log = log.child({ component: 'runner' });
    this.#learn = learn;
  }

  /** Takes up again what the journal holds; secrets come with the next welcome. */
  async resume(): Promise<void> {
    for (const run of this.#journal.runs()) {
      const { runId } = run;
      // Cut short between the fence and letting go: nothing of it may be done again.
      if (this.#journal.isFenced(runId)) await this.#forget(runId);
      else if (run.outcome !== null || this.#outbox.isFinished(runId)) {
        if (run.outcome === null) await this.#journal.finished(runId, 'finished');
        if (this.#outbox.pendingCount() === 0) await this.#journal.forget(runId); // all of it is acknowledged
      } else {
        const { data, error } = (await loadOrders()).runInputSchema.safeParse(run.input);
        this.#log.info('run resumed', { runId });
        if (data !== undefined) this.#begin(runId, data, run.stopRequested);
        else await this.#fail(runId, new Error('the journalled input cannot be read', { cause: error }), '');
      }
    }
  }

  heldRunIds(): string[] {
    return this.#journal.runs().map(({ runId }) => runId);
  }

  /** @returns null when taken (again), else why it cannot be */
  async take(runId: string, inputJson: string, secretsJson: string): Promise<string | null> {
    if (this.#journal.isFenced(runId)) return 'this run was fenced';
    if (this.#journal.run(runId) !== undefined) {
      await this.secretsCame(runId, secretsJson);
      return null;
    }
    const { runInputSchema, secretsFrom } = await loadOrders();
    if (secretsFrom(secretsJson) === null) return "the run's secrets cannot be read";
    let input: RunInput;
    try {
      input = runInputSchema.parse(JSON.parse(inputJson));
    } catch (error) {
      return `the run's input cannot be read: ${error instanceof Error ? error.message.slice(0, 500) : String(error)}`;
    }
    await this.#journal.accept({ runId, recipe: input.recipe, input });
    if (!this.#active.has(runId)) this.#begin(runId, input, false); // asked twice at once
    await this.secretsCame(runId, secretsJson);
    return null;
  }

  async secretsCame(runId: string, secretsJson: string): Promise<void> {
    const secrets = (await loadOrders()).secretsFrom(secretsJson);
    if (secrets === null) this.#log.error('the secrets of a run cannot be read', { runId });
    else this.#active.get(runId)?.giveSecrets(secrets);
  }

  async stop(runId: string): Promise<void> {
    const active = this.#active.get(runId);
    if (active === undefined || active.stopAsked) return;
    active.stopAsked = true;
    await this.#journal.stopRequested(runId);
    if (this.#mayStop(runId, active)) active.stopping.abort();
  }

  /** Ends whatever is being done for this run; resolves when nothing is, nor ever will be. */
  async fence(runId: string): Promise<void> {
    await this.#journal.fenced(runId);
    const active = this.#active.get(runId);
    active?.aborted.abort(new AgentEnding('fenced'));
    await active?.done;
    await this.#forget(runId);
  }

  /** The coordinator has stored everything up to seq. */
  async stored(runId: string, seq: number): Promise<void> {
    this.#outbox.acknowledge(runId, seq);
    if (this.#outbox.isFinished(runId) && seq >= this.#outbox.lastSeq(runId))
      await this.#journal.forget(runId);
  }

  progress(): RunProgress[] {
    return [...this.#active].map(([runId, { index, steps, ticks }]) => ({
      runId,
      stepNumber: index + 1,
      stepCount: steps.length,
      step: steps[index]?.name ?? '',
      ticks,
    }));
  }

  /** The agent ends; runs stay in the journal and the database node stays as it is. */
  async close(): Promise<void> {
    for (const active of this.#active.values()) active.aborted.abort(new AgentEnding('the agent ends'));
    const over = new AbortController();
    await Promise.race([
      Promise.allSettled([...this.#active.values()].map(({ done }) => done)),
      this.#clock.wait(CLOSE_WITHIN_MS, over.signal).catch(() => {}),
    ]);
    over.abort();
  }

  async #forget(runId: string): Promise<void> {
    await this.#outbox.forget(runId);
    await this.#journal.forget(runId);
  }

  #begin(runId: string, input: RunInput, stopAsked: boolean): void {
    try {
      this.#learn(input); // the run itself has a reserve on a full disk
    } catch (err) {
      this.#log.warn('where the database node is could not be remembered', { runId, err });
    }
    let giveSecrets: (secrets: RunSecrets) => void = () => {};
    const secrets = new Promise<RunSecrets>((resolve) => (giveSecrets = resolve));
    const active: Active = {
      input,
      steps: this.#recipes[input.recipe](input),
      index: 0,
      ticks: 0,
      stopAsked,
      stopping: new AbortController(),
      aborted: new AbortController(),
      secrets,
      giveSecrets,
      done: Promise.resolve(),
    };
    this.#active.set(runId, active);
    active.done = this.#execute(runId, active)
      .catch((err) => {
        if (!(err instanceof AgentEnding)) this.#log.error('run not carried to its end', { runId, err });
      })
      .finally(() => this.#active.delete(runId));
  }

  /** Between a step that must reach a later one and that one, the database node may be down: no stopping there. */
  #mayStop(runId: string, active: Active): boolean {
    const finished = new Set(
      this.#journal
        .run(runId)
        ?.steps.filter((step) => step.finished)
        .map(({ name }) => name),
    );
    const started = this.#journal.run(runId)?.steps.filter((step) => step.started) ?? [];
    return !active.steps.some(
      ({ name, mustReach }) =>
        mustReach !== undefined && !finished.has(mustReach) && started.some((step) => step.name === name),
    );
  }

  async #execute(runId: string, active: Active): Promise<void> {
    const { aborted } = active;
    const secrets = await Promise.race([
      active.secrets,
      new Promise<never>((_, reject) => {
        if (aborted.signal.aborted) reject(aborted.signal.reason);
        else aborted.signal.addEventListener('abort', () => reject(aborted.signal.reason), { once: true });
      }),
    ]);
    try {
      for (const [index, step] of active.steps.entries()) {
        active.index = index;
        aborted.signal.throwIfAborted();
        if (active.stopAsked && this.#mayStop(runId, active))
          return await this.#finish(runId, 'stopped', 'Stopped as asked');
        if (this.#journal.run(runId)?.steps.some((known) => known.index === index && known.finished))
          continue;
        await this.#runStep(runId, active, step, index, secrets);
      }
      await this.#finish(runId, 'succeeded', null);
    } catch (error) {
      if (aborted.signal.aborted) throw aborted.signal.reason;
      if (active.stopping.signal.aborted && isAbort(error))
        return await this.#finish(runId, 'stopped', 'Stopped as asked');
      await this.#fail(runId, error, active.steps[active.index]?.name ?? '');
    }
  }

  /** A disk that has no room for other events has it, in reserve, for these two. */
  async #fail(runId: string, error: unknown, step: string): Promise<void> {
    await this.#outbox
      .appendFailure(runId, eventRecord(failureEvent(error, step), this.#clock.nowMs()))
      .catch((err) => this.#log.error('failure not told', { runId, err }));
    await this.#finish(runId, 'failed', finishReason(error));
  }

  async #runStep(
    runId: string,
    active: Active,
    step: Step,
    index: number,
    secrets: RunSecrets,
  ): Promise<void> {
    const notes = this.#journal.run(runId)?.steps.find((known) => known.index === index)?.notes ?? [];
    await this.#journal.stepStarted(runId, index, step.name);
    active.ticks += 1;
    const context: StepContext = {
      host: this.#host,
      input: active.input,
      secrets,
      stopping: active.stopping.signal,
      aborted: active.aborted.signal,
      tick: () => {
        active.ticks += 1;
      },
      notes,
      note: (value) => this.#journal.note(runId, index, value),
      resultOf: (name) => this.#journal.run(runId)?.steps.find((known) => known.name === name)?.result,
      askPeers: (address, withinMs) => this.#peers.ask(runId, address, withinMs, active.aborted.signal),
    };
    const startedMs = this.#clock.nowMs();
    const events = step.run(context);
    for (let next = await events.next(); ; next = await events.next()) {
      if (next.done === true) {
        await this.#journal.stepFinished(runId, index, next.value);
        break;
      }
      await this.#tell(runId, next.value);
      if (context.aborted.aborted) {
        await events.return(undefined);
        throw context.aborted.reason;
      }
    }
    this.#log.info('step done', { runId, step: step.name, durationMs: this.#clock.nowMs() - startedMs });
  }

  async #tell(runId: string, event: StepEvent): Promise<void> {
    await this.#outbox.append(runId, eventRecord(event, this.#clock.nowMs()));
  }

  async #finish(runId: string, outcome: WireFinish['outcome'], reason: string | null): Promise<void> {
    const body: RecordBody = { kind: 'finished', finish: { outcome, reason, atMs: this.#clock.nowMs() } };
    await this.#outbox.append(runId, body, { mustKeep: true });
    await this.#journal.finished(runId, outcome);
    this.#log.info('run finished', { runId, reason: outcome });
  }
}
