// The journal: which runs this agent has taken on and how far each has come, on disk before the agent acts on it.
import { type Clock, realClock } from '../../shared/clock.ts';
import { Conflict, Unavailable } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import { AppendLog } from './append-log.ts';
import { toFrames } from './frame.ts';
import { GroupCommit } from './group-commit.ts';
import {
  applyLine,
  emptyState,
  type JournalLine,
  type JournalRun,
  type JournalState,
} from './journal-state.ts';
import type { OpenLogFile } from './log-file.ts';

export type { JournalRun, JournalStep } from './journal-state.ts';

/** Every method that returns a promise resolves when its line is on the device, and may be repeated safely. */
export interface Journal {
  /** The runs held, in the order accepted. What is returned never changes. */
  runs(): readonly JournalRun[];
  run(runId: string): JournalRun | undefined;
  /**
   * Takes a run on; nothing happens when it is held already.
   * @param run.firstStep is noted as started with it: that step begins at once, and a line of its own would have to be waited for
   * @param run.boot noted with that
   * @throws Conflict when it is fenced
   */
  accept(run: {
    runId: string;
    recipe: string;
    input: unknown;
    firstStep?: string | undefined;
    boot?: string;
  }): Promise<void>;
  /** @param note kept with the step, e.g. the pid and start time of the process it is about to stop */
  stepStarted(runId: string, index: number, name: string, note?: unknown): Promise<void>;
  note(runId: string, index: number, note: unknown): Promise<void>;
  stepFinished(runId: string, index: number, result?: unknown): Promise<void>;
  /** Those steps are to be done once more, as if they had not begun. */
  stepsUndone(runId: string, names: readonly string[]): Promise<void>;
  /** Which boot of the host the run is carried on in. */
  booted(runId: string, boot: string): Promise<void>;
  stopRequested(runId: string): Promise<void>;
  /** The run is over and its finish is in the outbox. @param outcome not null */
  finished(runId: string, outcome: unknown): Promise<void>;
  /** Lets go of a run: the coordinator has stored its finish, or has fenced it. */
  forget(runId: string): Promise<void>;
  /** Remembers, for the last 1,000 such runs, that it must never be accepted (again). The run itself stays until forgotten. */
  fenced(runId: string): Promise<void>;
  isFenced(runId: string): boolean;
  close(): Promise<void>;
}

export interface JournalOptions {
  /** Made if missing. One process at a time. */
  directory: string;
  log: Logger;
  clock?: Clock;
  /** It is rewritten without what is over when it grows by this much. @default 1 MiB */
  compactAfterBytes?: number;
  /** Kept back for a full disk, so that a run can still be brought to its end. @default 64 KiB */
  reserveBytes?: number;
  openFile?: OpenLogFile;
}

/** @throws Conflict when another process has the journal open; StepFailed when the disk does not let us */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { directory, clock = realClock, openFile } = options;
  const log = options.log.child({ component: 'journal' });
  const state = emptyState();
  let lines = 0;
  const disk = await AppendLog.open(
    {
      directory,
      name: 'journal',
      segmentBytes: options.compactAfterBytes ?? 1024 * 1024,
      reserveBytes: options.reserveBytes ?? 64 * 1024,
      head: () =>
        JSON.stringify(['state', [...state.runs.values()], [...state.fenced]] satisfies JournalLine),
      mend: (survivors) => survivors, // of the last segment the rest still counts; of others, the head after them
      log,
      clock,
      ...(openFile === undefined ? {} : { openFile }),
    },
    (payload) => {
      const line = JSON.parse(payload) as JournalLine;
      if (line[0] !== 'state') lines++;
      applyLine(state, line);
    },
  );
  const journal = new DiskJournal(disk, state, clock, log);
  if (lines > 0) await journal.compact();
  return journal;
}

interface Asked {
  line: JournalLine;
  payload: string;
  settle(): void;
  fail(error: unknown): void;
}

class DiskJournal implements Journal {
  readonly #disk: AppendLog;
  readonly #state: JournalState;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #groups: GroupCommit<Asked>;
  #isClosed = false;

  constructor(disk: AppendLog, state: JournalState, clock: Clock, log: Logger) {
    this.#disk = disk;
    this.#state = state;
    this.#clock = clock;
    this.#log = log;
    this.#groups = new GroupCommit(
      (asked) => this.#commit(asked),
      ({ payload }) => payload.length,
      256 * 1024,
    );
    this.#dropOld();
  }

  /** Begins a segment with the state as it is. Without room for it the old one goes on. */
  async compact(): Promise<void> {
    try {
      await this.#disk.roll();
      this.#dropOld();
    } catch (err) {
      this.#log.warn('the journal could not be compacted', { err });
    }
  }

  runs(): readonly JournalRun[] {
    return [...this.#state.runs.values()];
  }

  run(runId: string): JournalRun | undefined {
    return this.#state.runs.get(runId);
  }

  async accept({ runId, recipe, input, firstStep, boot }: Parameters<Journal['accept']>[0]): Promise<void> {
    if (this.isFenced(runId)) throw new Conflict(`run ${runId} was fenced`);
    const line = ['accept', runId, recipe, input, this.#clock.nowMs()] as const;
    if (firstStep === undefined) return await this.#write(line);
    await this.#write(boot === undefined ? [...line, firstStep] : [...line, firstStep, boot]);
  }

  stepStarted(runId: string, index: number, name: string, note?: unknown): Promise<void> {
    return this.#write(['start', runId, index, name, note === undefined ? [] : [note]]);
  }

  note(runId: string, index: number, note: unknown): Promise<void> {
    return this.#write(['note', runId, index, note]);
  }

  stepFinished(runId: string, index: number, result: unknown = null): Promise<void> {
    return this.#write(['end', runId, index, result]);
  }

  stepsUndone(runId: string, names: readonly string[]): Promise<void> {
    return this.#write(['undo', runId, names]);
  }

  booted(runId: string, boot: string): Promise<void> {
    return this.#write(['boot', runId, boot]);
  }

  stopRequested(runId: string): Promise<void> {
    return this.#write(['stop', runId]);
  }

  finished(runId: string, outcome: unknown): Promise<void> {
    return this.#write(['over', runId, outcome]);
  }

  forget(runId: string): Promise<void> {
    return this.#write(['forget', runId]);
  }

  fenced(runId: string): Promise<void> {
    return this.#write(['fence', runId]);
  }

  isFenced(runId: string): boolean {
    return this.#state.fenced.has(runId);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#groups.idle();
    await this.#disk.close();
  }

  #write(line: JournalLine): Promise<void> {
    return new Promise((settle, fail) => {
      if (this.#isClosed) throw new Unavailable('the journal is closed');
      const payload = JSON.stringify(line);
      // What is kept is what was written, not the caller's object, which it may go on changing.
      this.#groups.add({ line: JSON.parse(payload) as JournalLine, payload, settle, fail });
    });
  }

  async #commit(asked: readonly Asked[]): Promise<void> {
    try {
      await this.#disk.append(toFrames(asked.map(({ payload }) => payload)), { durable: true, urgent: true });
    } catch (error) {
      for (const { fail } of asked) fail(error);
      return;
    }
    for (const { line } of asked) applyLine(this.#state, line);
    // An agent from before such lines, that takes the run up, passes over them: it knows of the undone by the head alone.
    if (asked.some(({ line: [kind] }) => kind === 'undo')) await this.compact();
    this.#dropOld();
    for (const { settle } of asked) settle();
  }

  /** The head of the segment in use is the whole state. */
  #dropOld(): void {
    this.#disk.dropBefore(this.#disk.end.segment);
  }
}
