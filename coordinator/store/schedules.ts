// Schedules of jobs: those that are due, each taken by one coordinator alone, and what came of it.
import { sql } from 'kysely';
import type { JobScope, JobType } from '../../shared/actions.ts';
import { InvalidInput } from '../../shared/errors.ts';
import type { DueSchedule } from '../core/schedules.ts';
import type { Executor } from './database.ts';

/** A schedule that is due, held by the transaction that reads it; times by PostgreSQL's clock. */
export interface HeldSchedule extends DueSchedule {
  name: string;
  clusterId: string;
  jobType: JobType;
  jobScope: JobScope;
  resourceId: string;
  options: Record<string, unknown>;
  nowMs: number;
  /** the account that changed it last; null: not known */
  modifiedBy: string | null;
}

/** In no order, so that coordinators who look at the same moment are seldom at the same one. */
export async function dueSchedules(db: Executor): Promise<string[]> {
  // With clock_timestamp(), which may change from row to row, no index would tell.
  const due = await sql<{ id: string }>`
    select id from job_schedule where next_on <= now() order by random()`.execute(db);
  return due.rows.map(({ id }) => id);
}

/**
 * Keeps everybody else from it up to the end of the transaction. The cluster comes first, as in a delete of it.
 * @returns null: another coordinator is at it, or it is not due any more
 */
export async function holdSchedule(trx: Executor, id: string): Promise<HeldSchedule | null> {
  const held = await sql<HeldSchedule>`
    with above as materialized (
      select id from cluster where id = (select cluster_id from job_schedule where id = ${id}) for key share),
    own as materialized (
      select * from job_schedule where id = ${id} and cluster_id in (select id from above)
        and next_on <= clock_timestamp() for no key update skip locked)
    select own.name, own.modified_by as "modifiedBy", own.cluster_id as "clusterId", own.job_type as "jobType", own.job_scope as "jobScope",
      coalesce(own.resource_id, own.cluster_id) as "resourceId", own.options,
      case when own.cron is null then json_build_object('atMs', (extract(epoch from own.at) * 1000)::float8)
        else json_build_object('cron', own.cron, 'timeZone', own.time_zone) end as times,
      (extract(epoch from own.next_on) * 1000)::float8 as "dueMs",
      (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs",
      (select json_build_object('id', j.id, 'status', j.status) from job j
        where j.id = own.last_job_id and j.ended_on is null) as "lastJob"
    from own`.execute(trx);
  return held.rows[0] ?? null;
}

/** @param came of a schedule that this transaction holds: the job that was made, or why none was; `nextMs` null: never again */
export async function noteSchedule(
  trx: Executor,
  id: string,
  came: { jobId: string | null; problem: string | null; nextMs: number | null },
): Promise<void> {
  await sql`update job_schedule set next_on = to_timestamp(${came.nextMs}::float8 / 1000), last_on = clock_timestamp(),
      last_problem = ${came.problem}, last_job_id = coalesce(${came.jobId}::uuid, last_job_id)
    where id = ${id}`.execute(trx);
}

/** @throws InvalidInput where what its jobs are to work on is not there, or in another cluster */
export async function refuseStrayTarget(trx: Executor, id: string): Promise<void> {
  const stray = await sql<{ scope: JobScope }>`select job_scope as scope from job_schedule s
    where id = ${id} and resource_id is not null and not case job_scope
      when 'cluster' then resource_id = cluster_id
      when 'datacenter' then exists (select from datacenter d where d.id = s.resource_id and d.cluster_id = s.cluster_id)
      else exists (select from node n join datacenter d on d.id = n.datacenter_id
        where n.id = s.resource_id and d.cluster_id = s.cluster_id) end`.execute(trx);
  const scope = stray.rows[0]?.scope;
  if (scope === undefined) return;
  const message =
    scope === 'cluster' ? 'must be the cluster-id, or empty' : `names no ${scope} of its cluster`;
  throw new InvalidInput('The job-schedule is not valid', [{ pointer: '/resource-id', message }]);
}
