// Passes: lock one job's row, read its world, decide, do, commit; woken by facts, with slow timers as the safety net.
import type { Logger } from '../../shared/log.ts';
import { Slots } from '../../shared/slots.ts';
import { plan } from '../core/plan.ts';
import type { SealBox } from '../security/seal.ts';
import { type Database, isDatabaseAway } from '../store/database.ts';
import { lockJob, nextJobOfCluster, openJobIds, openJobsOfNodes } from '../store/jobs.ts';
import { Together } from '../store/together.ts';
import type { Wakes } from '../store/wakes.ts';
import { type PassDefaults, readWorld } from '../store/world.ts';
import { MovedMeanwhile, perform } from './perform.ts';

/** A locked row is tried again this soon: the pass that holds it takes milliseconds. */
const LOCKED_RETRY_MS = 20;
const AWAY_RETRY_MS = 1_000;
/** What a pass has done is seen by one more, which knows what time may change of it, once the agents have what they were given. */
const AGAIN_MS = 25;
/** Half of the database's connections: after an outage every job is woken at once, and records and callers need some too. */
const MOST_PASSES = 8;

interface Looking {
  /** woken again since the pass under way began */
  again: boolean;
  done: Promise<void>;
}

export interface SchedulerOptions {
  defaults: PassDefaults;
  /** opens the secrets of a profile, and seals them for the run that is made of it */
  box: SealBox;
  /** how often every open job is looked at although nothing woke it */
  sweepEveryMs: number;
}

export class Scheduler {
  readonly #db: Database;
  readonly #wakes: Wakes;
  readonly #options: SchedulerOptions;
  readonly #log: Logger;
  /** jobs with a pass queued or under way */
  readonly #busy = new Map<string, Looking>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #stopListening: (() => void)[] = [];
  readonly #slots = new Slots(MOST_PASSES);
  readonly #jobsOfNodes: Together<{ nodeId: string }, string[]>;
  #sweep: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(db: Database, wakes: Wakes, options: SchedulerOptions, log: Logger) {
    this.#db = db;
    this.#wakes = wakes;
    this.#options = options;
    this.#log = log.child({ component: 'scheduler' });
    this.#jobsOfNodes = new Together((nodes) =>
      openJobsOfNodes(
        db,
        nodes.map(({ nodeId }) => nodeId),
      ),
    );
  }

  start(): void {
    this.#stopListening.push(this.#wakes.onAny('job', (jobId) => this.look(jobId)));
    this.#sweepNow();
  }

  /** Looks at this job soon; wakes during a pass become one more pass. */
  look(jobId: string): void {
    if (!this.#stopped) void this.#look(jobId);
  }

  /** An agent came, went or let go: its jobs may go on. */
  async lookAtNode(nodeId: string): Promise<void> {
    for (const jobId of (await this.#jobsOfNodes.ask({ nodeId })) ?? []) this.look(jobId);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const stop of this.#stopListening) stop();
    if (this.#sweep !== null) clearTimeout(this.#sweep);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.allSettled(this.#underWay);
  }

  #track(work: Promise<void>): Promise<void> {
    this.#underWay.add(work);
    return work.finally(() => this.#underWay.delete(work));
  }

  #sweepNow(): void {
    const sweep = this.#lookAtAll()
      .catch((err) => this.#log.warn('sweep failed', { err }))
      .finally(() => {
        if (!this.#stopped) this.#sweep = setTimeout(() => this.#sweepNow(), this.#options.sweepEveryMs);
      });
    void this.#track(sweep);
  }

  /** One job after the other: nobody waits for a sweep, and it should keep nobody waiting. */
  async #lookAtAll(): Promise<void> {
    for (const jobId of await openJobIds(this.#db)) {
      if (this.#stopped) return;
      await this.#look(jobId);
    }
  }

  /** @returns a promise of the moment when nothing is queued or under way for this job */
  #look(jobId: string): Promise<void> {
    const known = this.#busy.get(jobId);
    if (known !== undefined) {
      known.again = true;
      return known.done;
    }
    const looking: Looking = { again: false, done: Promise.resolve() };
    this.#busy.set(jobId, looking);
    looking.done = this.#track(this.#passes(jobId, looking));
    return looking.done;
  }

  async #passes(jobId: string, looking: Looking): Promise<void> {
    let retryMs: number | null = null;
    do {
      retryMs = await this.#slots
        .within(async () => {
          looking.again = false;
          return this.#stopped ? null : await this.#pass(jobId);
        })
        .catch((err) => {
          if (err instanceof MovedMeanwhile) return 0;
          this.#log[isDatabaseAway(err) ? 'warn' : 'error']('pass failed', { jobId, err });
          return AWAY_RETRY_MS;
        });
    } while (looking.again && !this.#stopped && retryMs === null);
    this.#busy.delete(jobId);
    if (retryMs !== null) this.#lookIn(jobId, retryMs);
  }

  /** @returns in how many milliseconds to try again when this pass could not be done; null when it was done */
  async #pass(jobId: string): Promise<number | null> {
    const done = await this.#db.transaction().execute(async (trx) => {
      const lock = await lockJob(trx, jobId);
      if (lock !== 'held') return lock;
      const world = await readWorld(trx, jobId, this.#options.defaults);
      if (world === null) return 'gone';
      const planned = plan(world);
      const performed = await perform(
        trx,
        jobId,
        planned.commands,
        this.#options.box,
        this.#log.child({ jobId }),
      );
      return {
        performed,
        changed: planned.commands.length > 0,
        // Two versions side by side may have different words for one reason: each would make the other look again without end.
        onlyReason: planned.commands.every((command) => command.do === 'set-waiting-for'),
        lookInMs: planned.lookAgainAtMs === null ? null : planned.lookAgainAtMs - world.nowMs,
      };
    });
    if (done === 'gone') return null;
    if (done === 'locked') return LOCKED_RETRY_MS;
    if (done.lookInMs !== null) this.#lookIn(jobId, done.lookInMs);
    for (const nodeId of done.performed.nodesToWake) this.#wakes.wake('node', nodeId);
    for (const jobNodeId of done.performed.bootstrapsToWake) this.#wakes.wake('bootstrap', jobNodeId);
    if (done.changed) this.#wakes.wake('events', jobId); // whoever watches the job reads it again
    if (done.performed.jobEnded) {
      const next = await nextJobOfCluster(this.#db, jobId);
      if (next !== null) this.#wakes.wake('job', next);
    } else if (done.changed && !done.onlyReason) this.#lookIn(jobId, AGAIN_MS);
    return null;
  }

  #lookIn(jobId: string, ms: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timers.get(jobId));
    this.#timers.set(
      jobId,
      setTimeout(
        () => {
          this.#timers.delete(jobId);
          this.look(jobId);
        },
        Math.min(Math.max(ms, 1), 3_600_000),
      ),
    );
  }
}
