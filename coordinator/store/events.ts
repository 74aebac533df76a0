// Job events: stored once, numbered densely per job under the job's counter row.
import { sql } from 'kysely';
import type { EventType } from '../../shared/events.ts';
import { uuidv7 } from '../../shared/uuid.ts';
import type { Executor } from './database.ts';

/** One event as ingest or a pass hands it in. `before`/`after` are JSON text or null. */
export interface NewEvent {
  id: string;
  job_id: string;
  job_node_id: string | null;
  node_id: string | null;
  event_type: EventType;
  event_subtype: string;
  event_resource: string | null;
  message: string;
  changes: boolean;
  before: string | null;
  after: string | null;
  traceback: string | null;
  created_on: string;
}

/** Locks the counters of these jobs, in one order for everybody. A transaction that also changes runs takes them first. */
export async function lockCounters(trx: Executor, jobIds: readonly string[]): Promise<void> {
  const inOrder = [...jobIds].sort();
  await sql`select 1 from job_counter where job_id = any(${inOrder}::uuid[]) order by job_id for update`.execute(
    trx,
  );
}

/**
 * Stores what is not stored yet; repeats are recognised by their id. Call inside a transaction.
 * The counter rows are locked in job order first, so numbers are dense and commit in order, and batches never deadlock.
 * @returns how many were new
 */
export async function insertEvents(trx: Executor, events: readonly NewEvent[]): Promise<number> {
  if (events.length === 0) return 0;
  await lockCounters(trx, [...new Set(events.map((event) => event.job_id))]);
  const answer = await sql<{ stored: number }>`
    with given as (
      select e.*, (e.before_text)::json as before, (e.after_text)::json as after
      from rows from (json_to_recordset(${JSON.stringify(
        events.map(({ before, after, ...rest }) => ({ ...rest, before_text: before, after_text: after })),
      )}::json) as (
        id uuid, job_id uuid, job_node_id uuid, node_id uuid, event_type text, event_subtype text, event_resource text,
        message text, changes boolean, before_text text, after_text text, traceback text, created_on timestamptz)) with ordinality as e (
        id, job_id, job_node_id, node_id, event_type, event_subtype, event_resource, message, changes, before_text, after_text,
        traceback, created_on, place)
      where not exists (select 1 from job_event known where known.id = e.id)
    ), numbered as (
      select given.*, c.event_count + row_number() over (partition by given.job_id order by place) as number
      from given join job_counter c on c.job_id = given.job_id
    ), stored as (
      insert into job_event (id, job_id, job_node_id, node_id, number, event_type, event_subtype, event_resource,
        message, changes, before, after, traceback, created_on)
      select id, job_id, job_node_id, node_id, number, event_type, event_subtype, event_resource,
        message, changes, before, after, traceback, created_on from numbered
      returning job_id, job_node_id
    ), counted as (
      update job_counter c set event_count = c.event_count + s.n
      from (select job_id, count(*) as n from stored group by job_id) s where c.job_id = s.job_id
    ), counted_nodes as (
      update job_node_counter n set event_count = n.event_count + s.n
      from (select job_node_id, count(*) as n from stored where job_node_id is not null group by job_node_id) s
      where n.job_node_id = s.job_node_id
    )
    select count(*)::int as stored from stored`.execute(trx);
  return answer.rows[0]?.stored ?? 0;
}

/** An event that the coordinator itself has to tell. */
export function ownEvent(
  at: { jobId: string; jobNodeId: string | null; nodeId: string | null },
  event: { type: EventType; subtype: string; message: string },
): NewEvent {
  const now = Date.now();
  return {
    id: uuidv7(now),
    job_id: at.jobId,
    job_node_id: at.jobNodeId,
    node_id: at.nodeId,
    event_type: event.type,
    event_subtype: event.subtype,
    event_resource: null,
    message: event.message,
    changes: false,
    before: null,
    after: null,
    traceback: null,
    created_on: new Date(now).toISOString(),
  };
}
