// A job told to start and stop no node for now, and to go on; the pass does the rest.
import { sql } from 'kysely';
import { Conflict, NotFound } from '../../shared/errors.ts';
import { pauseWords, resumeWords } from '../core/pausing.ts';
import type { Executor } from './database.ts';
import { insertEvents, lockCounters, ownEvent } from './events.ts';
import { HOLDS_JOB, tryAgain } from './further-tries.ts';
import { whole } from './transactions.ts';

interface Standing {
  status: string;
  ended: boolean;
  terminating: boolean;
  paused: boolean;
  held: boolean;
  /** it waits after its canaries, or would if its window were not shut */
  tried: boolean;
}

/**
 * Locked first: a statement that waits for a lock still sees all other rows as they were before, and a pass that held it may have
 * had a node fail meanwhile.
 * @throws NotFound, or Conflict when the job is over
 */
async function lockStanding(trx: Executor, id: string): Promise<Standing> {
  await sql`select from job where id = ${id} for update`.execute(trx);
  const found = await sql<Standing>`
    select status, ended_on is not null as ended, terminate_requested_on is not null as terminating, paused_on is not null as paused,
      exists (select from job_node n where ${HOLDS_JOB}) as held,
      coalesce(waiting_for ->> 'kind' in ('canary', 'window'), false) and canary_batches > 0 and canary_passed_on is null
        and not exists (select from job_node n where n.job_id = job.id
          and case when n.batch < canary_batches then n.ended_on is null else n.started_on is not null or n.ended_on is not null end) as tried
    from job where id = ${id}`.execute(trx);
  const job = found.rows[0];
  if (job === undefined) throw new NotFound('job', id);
  if (job.ended) throw new Conflict(`Job ${id} is over (${job.status})`);
  return job;
}

async function tell(trx: Executor, jobId: string, subtype: string, message: string): Promise<void> {
  const event = ownEvent({ jobId, jobNodeId: null, nodeId: null }, { type: 'milestone', subtype, message });
  await insertEvents(trx, [event], { counts: await lockCounters(trx, [jobId]), suspects: [] });
}

/**
 * @param by the account that asked; null while authentication is off
 * @returns false: it was paused already, and nothing is changed
 * @throws NotFound, or Conflict when the job is over or about to be
 */
export async function pauseJob(db: Executor, id: string, by: string | null): Promise<boolean> {
  return await whole(db, async (trx) => {
    const job = await lockStanding(trx, id);
    if (job.terminating) throw new Conflict(`Job ${id} is being terminated: it starts no node any more`);
    if (job.paused) return false;
    await sql`update job set paused_on = clock_timestamp(), paused_by = ${by}, modified_on = clock_timestamp()
      where id = ${id}`.execute(trx);
    await tell(trx, id, 'job-paused', pauseWords(by));
    return true;
  });
}

/**
 * The same; `false`: nothing kept it from going on. A pause is ended alone: the job then still waits after its canaries, or holds
 * for what failed meanwhile.
 * @param retry to try the nodes again first for which it holds
 * @throws Conflict also where it is to try them again, and there are none, or it is about to end
 */
export async function resumeJob(
  db: Executor,
  id: string,
  by: string | null,
  { retry }: { retry: boolean },
): Promise<boolean> {
  return await whole(db, async (trx) => {
    const job = await lockStanding(trx, id);
    if (retry && job.terminating)
      throw new Conflict(`Job ${id} is being terminated: it starts no node any more`);
    const again = retry ? await tryAgain(trx, id) : [];
    if (retry && again.length === 0)
      throw new Conflict(
        `Job ${id} holds for no node that failed and is still in the model: there is nothing to try again`,
      );
    if (!job.paused && !job.held && !job.tried) return false;
    const passes = job.tried && !job.paused;
    const isHeld = job.paused && job.held && !retry;
    await sql`update job set paused_on = null, paused_by = null, modified_on = clock_timestamp(),
      resumed_on = case when ${isHeld} then resumed_on else clock_timestamp() end,
      canary_passed_on = case when ${passes} then clock_timestamp() else canary_passed_on end where id = ${id}`.execute(
      trx,
    );
    await tell(trx, id, 'job-resumed', resumeWords(by, again, isHeld ? 'held' : job.paused ? 'over' : null));
    return true;
  });
}
