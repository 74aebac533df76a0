// Makes the jobs of schedules whose time has come, each by one of all coordinators and once.
import { Conflict, LcmError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import { Slots } from '../../shared/slots.ts';
import { whenDue } from '../core/schedules.ts';
import { type Periodic, periodically } from '../periodically.ts';
import type { SealBox } from '../security/seal.ts';
import type { Database, Executor } from '../store/database.ts';
import { dueSchedules, type HeldSchedule, holdSchedule, noteSchedule } from '../store/schedules.ts';
import type { Wakes } from '../store/wakes.ts';
import { makeJob } from './make-job.ts';

/** Jobs made at once: fewer than there are connections, so that callers find one. */
const AT_ONCE = 6;

/** What a POST would be refused with. @throws what is no such refusal */
function refusalOf(error: unknown): string {
  if (!(error instanceof LcmError) || !['invalid-input', 'not-found', 'conflict'].includes(error.code))
    throw error;
  const fields = error.problems.map(({ pointer, message }) => `${pointer.slice(1)} ${message}`);
  return fields.length === 0 ? error.message : `${error.message}: ${fields.join('; ')}`;
}

/**
 * Looks every so often at all that are due, which an index knows: thousands that are not cost nothing. Those of one moment are
 * worked off some at once, by as many coordinators as there are, each in an order of its own.
 */
export class Schedules {
  readonly #db: Database;
  readonly #wakes: Wakes;
  readonly #box: SealBox;
  readonly #log: Logger;
  readonly #everyMs: number;
  #looking: Periodic | null = null;
  #stopped = false;

  constructor(db: Database, wakes: Wakes, { box, everyMs }: { box: SealBox; everyMs: number }, log: Logger) {
    this.#db = db;
    this.#wakes = wakes;
    this.#box = box;
    this.#everyMs = everyMs;
    this.#log = log.child({ component: 'schedules' });
  }

  start(): void {
    const failed = (err: unknown): void => this.#log.warn('cannot look for schedules that are due', { err });
    this.#looking = periodically(this.#everyMs, () => this.look(), failed);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#looking?.stop();
  }

  /** Sees to all that are due now; one that fails keeps no other, and is looked at again the next time. */
  async look(): Promise<void> {
    const slots = new Slots(AT_ONCE);
    const seeTo = async (scheduleId: string): Promise<void> => {
      if (this.#stopped) return;
      await this.#seeTo(scheduleId).catch((err) =>
        this.#log.warn('cannot see to a schedule', { scheduleId, err }),
      );
    };
    const due = await dueSchedules(this.#db);
    await Promise.all(due.map((id) => slots.within(() => seeTo(id))));
  }

  async #seeTo(scheduleId: string): Promise<void> {
    const came = await this.#db.transaction().execute(async (trx) => {
      const held = await holdSchedule(trx, scheduleId);
      if (held === null) return null;
      const due = whenDue(held, held.nowMs);
      const made = due.problem === null ? await this.#make(trx, scheduleId, held) : due;
      const came = { jobId: null, nextMs: due.nextMs, ...made };
      await noteSchedule(trx, scheduleId, came);
      return { ...came, clusterId: held.clusterId };
    });
    if (came === null) return;
    const { jobId, problem, clusterId } = came;
    if (jobId === null) {
      this.#log.warn('a schedule made no job', { scheduleId, clusterId, reason: problem ?? '' });
      return;
    }
    this.#wakes.wake('job', jobId);
    this.#log.info('a schedule made a job', { scheduleId, clusterId, jobId });
  }

  /**
   * Refused as a POST would be by whoever wants to know at once. A conflict is with what goes on in this very moment: it stays due,
   * until it was missed.
   */
  async #make(
    trx: Executor,
    scheduleId: string,
    { name, modifiedBy, jobType, jobScope, resourceId, options, dueMs }: HeldSchedule,
  ): Promise<{ jobId: string | null; problem: string | null; nextMs?: number }> {
    try {
      const { job } = await makeJob(trx, this.#box, {
        type: jobType,
        options: { ...options, 'job-scope': jobScope, 'resource-id': resourceId },
        retried: null,
        scheduleId,
        strict: true,
        askedBy: `schedule ${name}${modifiedBy === null ? '' : ` (last changed by ${modifiedBy})`}`,
      });
      return { jobId: job.id, problem: null };
    } catch (error) {
      const refused = { jobId: null, problem: refusalOf(error) };
      return error instanceof Conflict ? { ...refused, nextMs: dueMs } : refused;
    }
  }
}
