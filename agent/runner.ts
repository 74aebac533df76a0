// Holds the runs given to this agent: takes them on in the journal, begins, stops and fences them, and forgets what is over.
import { StepFailed } from '../shared/errors.ts';
import type { RunInput } from '../shared/run-input.ts';
import type { RunProgress } from '../shared/wire/messages.ts';
import { ActiveRun, type RunParts } from './active-run.ts';
import type { JournalRun } from './disk/journal.ts';
import { learnOwnNode } from './own-node.ts';
import { failRun, letGoOfReplaced } from './run-ending.ts';
import { isReverting, type Recipe, type Step } from './steps/step.ts';

export interface RunnerParts extends RunParts {
  recipes: Readonly<Record<RunInput['recipe'], Recipe>>;
}

/** Loaded with the first run: the schemas' library takes 6 MiB, and most agents hold no run for weeks. */
const loadOrders = () => import('./run-orders.ts');

/** What ends with the process is left to itself after this long: the journal says where to go on. */
const CLOSE_WITHIN_MS = 1_000;

export class Runner {
  readonly #parts: RunnerParts;
  readonly #active = new Map<string, ActiveRun>();

  constructor(parts: RunnerParts) {
    this.#parts = { ...parts, log: parts.log.child({ component: 'runner' }) };
  }

  /** Takes up again what the journal holds; secrets come with the next welcome. */
  async resume(): Promise<void> {
    const { journal, outbox, log } = this.#parts;
    const held = journal.runs();
    for (const run of held) {
      const { runId } = run;
      // Cut short between the fence and letting go: nothing of it may be done again.
      if (journal.isFenced(runId)) await this.#forget(runId);
      else if (run.outcome !== null || outbox.isFinished(runId)) {
        if (run.outcome === null) await journal.finished(runId, 'finished');
        if (run === held.at(-1)) await this.#letGoOfReplaced(run); // else it may be that of the run after it
        if (outbox.pendingCount() === 0) await journal.forget(runId); // all of it is acknowledged
      } else {
        const { data, error } = (await loadOrders()).cameRunInputSchema.safeParse(run.input);
        log.info('run resumed', { runId });
        if (data !== undefined) this.#begin(runId, data, this.#stepsOf(data), run.stopRequested);
        else {
          const unreadable = new Error('the journalled input cannot be read', { cause: error });
          await failRun(runId, unreadable, this.#parts);
        }
      }
    }
  }

  heldRunIds(): string[] {
    return this.#parts.journal.runs().map(({ runId }) => runId);
  }

  /** For whoever asks on this host. */
  held(): { runId: string; recipe: string; step: string | null }[] {
    return this.#parts.journal.runs().map(({ runId, recipe }) => {
      const active = this.#active.get(runId);
      return { runId, recipe, step: active?.progress().step ?? null };
    });
  }

  /** @returns null when taken (again), else why it cannot be */
  async take(runId: string, inputJson: string, secretsJson: string): Promise<string | null> {
    if (this.#parts.journal.isFenced(runId)) return 'this run was fenced';
    if (this.#parts.journal.run(runId) !== undefined) {
      await this.secretsCame(runId, secretsJson);
      return null;
    }
    const { cameRunInputSchema, secretsFrom } = await loadOrders();
    if (secretsFrom(secretsJson) === null) return "the run's secrets cannot be read";
    let came: unknown;
    let input: RunInput;
    try {
      came = JSON.parse(inputJson);
      input = cameRunInputSchema.parse(came);
    } catch (error) {
      return `the run's input cannot be read: ${error instanceof Error ? error.message.slice(0, 500) : String(error)}`;
    }
    const steps = this.#stepsOf(input);
    try {
      // As it came: a later version of this agent that resumes the run may know more of it.
      await this.#parts.journal.accept({
        runId,
        recipe: input.recipe,
        input: came,
        firstStep: steps[0]?.name,
        boot: await this.#parts.host.bootId(),
      });
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      return error.resource === null ? error.message : `${error.message}: ${error.resource}`;
    }
    if (!this.#active.has(runId)) this.#begin(runId, input, steps, false); // asked twice at once
    await this.secretsCame(runId, secretsJson);
    return null;
  }

  async secretsCame(runId: string, secretsJson: string): Promise<void> {
    const secrets = (await loadOrders()).secretsFrom(secretsJson);
    if (secrets === null) this.#parts.log.error('the secrets of a run cannot be read', { runId });
    this.#active.get(runId)?.secretsCame(secrets);
  }

  async stop(runId: string): Promise<void> {
    await this.#active.get(runId)?.stop();
  }

  /** Ends whatever is being done for this run; resolves when nothing is, nor ever will be. */
  async fence(runId: string): Promise<void> {
    try {
      await this.#parts.journal.fenced(runId);
    } finally {
      this.#active.get(runId)?.letGo('fenced'); // also when it cannot be promised that this is for ever
    }
    await this.#active.get(runId)?.done;
    await this.#forget(runId);
  }

  /** The coordinator has stored everything up to seq. */
  async stored(runId: string, seq: number): Promise<void> {
    const { journal, outbox } = this.#parts;
    outbox.acknowledge(runId, seq);
    if (!outbox.isFinished(runId) || seq < outbox.lastSeq(runId)) return;
    await this.#active.get(runId)?.done; // with what it kept: that is let go of after the finish
    await journal.forget(runId);
  }

  progress(): RunProgress[] {
    return [...this.#active.values()].map((run) => run.progress());
  }

  /** The agent ends; runs stay in the journal and the database node stays as it is. */
  async close(): Promise<void> {
    for (const run of this.#active.values()) run.letGo('the agent ends');
    const over = new AbortController();
    await Promise.race([
      Promise.allSettled([...this.#active.values()].map(({ done }) => done)),
      this.#parts.clock.wait(CLOSE_WITHIN_MS, over.signal).catch(() => {}),
    ]);
    over.abort();
  }

  /** For a fenced run, which has no end of its own. */
  async #forget(runId: string): Promise<void> {
    const run = this.#parts.journal.run(runId);
    if (run !== undefined) await this.#letGoOfReplaced(run);
    await this.#parts.outbox.forget(runId);
    await this.#parts.journal.forget(runId);
  }

  async #letGoOfReplaced({ runId, recipe, input }: JournalRun): Promise<void> {
    if (!isReverting({ recipe: recipe as RunInput['recipe'] })) return; // nor are the schemas loaded for it
    const { data } = (await loadOrders()).cameRunInputSchema.safeParse(input);
    if (data !== undefined) await letGoOfReplaced(runId, data, null, this.#parts);
  }

  #stepsOf(input: RunInput): readonly Step[] {
    return this.#parts.recipes[input.recipe](input);
  }

  #begin(runId: string, input: RunInput, steps: readonly Step[], stopAsked: boolean): void {
    learnOwnNode(runId, input, this.#parts);
    const run = new ActiveRun(runId, input, steps, stopAsked, this.#parts);
    this.#active.set(runId, run);
    void run.done.then(() => this.#active.delete(runId));
  }
}
