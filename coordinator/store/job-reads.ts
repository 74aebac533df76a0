// Jobs, job nodes and job events as REST reads them: rows with times as ISO text.
import { sql } from 'kysely';
import { NotFound } from '../../shared/errors.ts';
import type { WaitingFor } from '../core/world.ts';
import type { Executor } from './database.ts';
import type { Shape } from './walks.ts';

const iso = (column: string, as: string) =>
  sql.raw(`to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "${as}"`);

export interface JobRow {
  id: string;
  job_type: string;
  status: string;
  cluster_id: string;
  cluster_name: string;
  datacenter_id: string | null;
  datacenter_name: string | null;
  node_id: string | null;
  node_name: string | null;
  description: string | null;
  dry_run: boolean;
  job_data: Record<string, unknown>;
  waiting_for: WaitingFor | null;
  event_count: number;
  over: boolean;
  events_complete: boolean;
  /** how many of its nodes have which status */
  node_counts: Record<string, number>;
  created_on: string;
  modified_on: string;
  started_on: string | null;
  ended_on: string | null;
  terminate_requested_on: string | null;
  paused_on: string | null;
  retry_of: string | null;
  schedule_id: string | null;
  asked_by: string | null;
}

/** Of a row `j` of the table job. */
export const JOB_COLUMNS = sql`j.id, j.job_type, j.status, j.cluster_id, j.cluster_name, j.datacenter_id, j.datacenter_name,
  j.node_id, j.node_name, j.description, j.dry_run, j.job_data, j.waiting_for, j.ended_on is not null as over,
  ${iso('j.created_on', 'created_on')}, ${iso('j.modified_on', 'modified_on')}, ${iso('j.started_on', 'started_on')},
  ${iso('j.ended_on', 'ended_on')}, ${iso('j.terminate_requested_on', 'terminate_requested_on')},
  ${iso('j.paused_on', 'paused_on')}, j.retry_of, j.schedule_id, coalesce(j.asked_by, j.windows_ignored_by) as asked_by`;

/** Of each node its last try counts; the others, of which there are few, failed. */
const NODE_COUNTS = sql`(select json_object_agg(s.status, s.n)
  from (select status, count(*) - case when status = 'FAILED' then
      (select count(*) from job_node where job_id = j.id and retried_on is not null) else 0 end as n
    from job_node where job_id = j.id group by status) s where s.n > 0) as node_counts`;

/** Over a row `j` of job, for lists, which do not tell of its events. */
export const LISTED_JOB: Shape = {
  columns: sql`${JOB_COLUMNS}, 0 as event_count, false as events_complete, ${NODE_COUNTS}`,
  joins: sql``,
};

/** @throws NotFound */
export async function readJob(db: Executor, id: string): Promise<JobRow> {
  const rows = await sql<JobRow>`select ${JOB_COLUMNS}, c.event_count, ${NODE_COUNTS}, not exists (
      select from run r where r.job_id = j.id and (r.finished_on is null or r.outcome = 'lost' or r.missing_records > 0)) as events_complete
    from job j join job_counter c on c.job_id = j.id where j.id = ${id}`.execute(db);
  const row = rows.rows[0];
  if (row === undefined) throw new NotFound('job', id);
  return row;
}

export interface JobNodeRow {
  id: string;
  job_id: string;
  node_id: string;
  node_name: string;
  datacenter_name: string;
  /** from 1 */
  batch: number;
  status: string;
  progress: Record<string, unknown> | null;
  created_on: string;
  modified_on: string;
  retried_on: string | null;
}

/** Over a row `n` of job_node. */
export const LISTED_JOB_NODE: Shape = {
  columns: sql`n.id, n.job_id, n.node_id, n.node_name, n.datacenter_name, coalesce(n.batch, n.position) + 1 as batch, n.status, r.progress,
  ${iso('n.created_on', 'created_on')}, ${iso('n.modified_on', 'modified_on')}, ${iso('n.retried_on', 'retried_on')}`,
  joins: sql`left join lateral (select progress from run where run.job_node_id = n.id order by run.created_on desc limit 1) r on true`,
};

/** @throws NotFound */
export async function readJobNode(db: Executor, id: string): Promise<JobNodeRow> {
  const rows =
    await sql<JobNodeRow>`select ${LISTED_JOB_NODE.columns} from job_node n ${LISTED_JOB_NODE.joins}
    where n.id = ${id}`.execute(db);
  const row = rows.rows[0];
  if (row === undefined) throw new NotFound('job-node', id);
  return row;
}

export interface JobEventRow {
  id: string;
  job_id: string;
  job_node_id: string | null;
  node_id: string | null;
  number: number;
  event_type: string;
  event_subtype: string;
  event_resource: string | null;
  message: string;
  changes: boolean;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  traceback: string | null;
  created_on: string;
}

/** Of a row `e` of job_event. */
export const EVENT_COLUMNS = sql`e.id, e.job_id, e.job_node_id, e.node_id, e.number, e.event_type, e.event_subtype, e.event_resource, e.message,
  e.changes, e.before, e.after, e.traceback, ${iso('e.created_on', 'created_on')}`;

/** @throws NotFound */
export async function readJobEvent(db: Executor, id: string): Promise<JobEventRow> {
  const rows = await sql<JobEventRow>`select ${EVENT_COLUMNS} from job_event e where e.id = ${id}`.execute(
    db,
  );
  const row = rows.rows[0];
  if (row === undefined) throw new NotFound('job-event', id);
  return row;
}

/** The events of a job after the given number, oldest first. */
export async function eventsAfter(
  db: Executor,
  jobId: string,
  after: number,
  limit: number,
): Promise<JobEventRow[]> {
  const rows =
    await sql<JobEventRow>`select ${EVENT_COLUMNS} from job_event e where e.job_id = ${jobId} and e.number > ${after} order by e.number limit ${limit}`.execute(
      db,
    );
  return rows.rows;
}
