// Jobs and their nodes: made in one transaction, moved by compare-and-set, ended once.
import { sql } from 'kysely';
import type { JobScope, JobType } from '../../shared/actions.ts';
import { Conflict, NotFound } from '../../shared/errors.ts';
import type { ModelNode } from '../../shared/node-order.ts';
import type { JobStatus } from '../../shared/status.ts';
import { countsInMs, terminationWords } from '../core/termination.ts';
import type { WaitingFor } from '../core/world.ts';
import type { Executor } from './database.ts';
import { insertEvents, lockCounters, ownEvent } from './events.ts';
import { JOB_COLUMNS, type JobRow } from './job-reads.ts';
import { whole } from './transactions.ts';

export interface NewJob {
  id: string;
  type: JobType;
  scope: JobScope;
  cluster: { id: string; name: string };
  datacenterId: string | null;
  datacenterName: string | null;
  nodeId: string | null;
  nodeName: string | null;
  description: string | null;
  jobData: Record<string, unknown>;
  sealedSecrets: Buffer | null;
  /** its runs touch nothing */
  isLooking: boolean;
  continueOnError: boolean;
  holdOnError: boolean;
  /** the account, or the schedule by its name, that asked for it; null while authentication is off */
  askedBy: string | null;
  /** how many batches, from the first, are canaries, and how long it waits after them; null: it has none */
  canary: { batches: number; waitS: number } | null;
  /** the job of which it is a retry */
  retryOf: string | null;
  /** the schedule that makes it */
  scheduleId: string | null;
  /** null: the setting of its job type, whatever it is when it is looked at */
  idleAfterS: number | null;
  /** in the order in which they will be worked on, with the ids of their job nodes; `batch` never falls */
  nodes: readonly (ModelNode & { jobNodeId: string; batch: number })[];
}

/**
 * Stores the job PENDING with all its nodes, or nothing: one statement, since whoever asked waits for it.
 * @returns the job as it was stored; null when the cluster or one of the nodes went away meanwhile: read the model again
 */
export async function insertJob(db: Executor, job: NewJob): Promise<JobRow | null> {
  const nodes = job.nodes.map((node, position) => ({
    id: node.jobNodeId,
    node_id: node.id,
    node_name: node.name,
    datacenter_name: node.datacenterName,
    position,
    batch: node.batch,
  }));
  // The shared locks are against deletes at the same moment: each locks its row for update and looks for open jobs. From the
  // cluster down, as deletes go: no two wait for each other.
  const ids = job.nodes.map(({ id }) => id);
  const stored = await sql<JobRow>`
    with target as (select id from cluster where id = ${job.cluster.id} for key share),
    above as materialized (
      select id from datacenter where cluster_id = (select id from target)
        and id in (select datacenter_id from node where id = any(${ids}::uuid[])) order by id for key share),
    held as materialized (
      select id from node where id = any(${ids}::uuid[]) and datacenter_id in (select id from above) order by id for key share),
    j as (
      insert into job (id, job_type, job_scope, cluster_id, cluster_name, datacenter_id, datacenter_name, node_id, node_name,
        description, job_data, sealed_secrets, continue_on_error, hold_on_error,
        canary_batches, canary_wait_s, retry_of, idle_after_s, asked_by, dry_run, schedule_id)
      select ${job.id}, ${job.type}, ${job.scope}, target.id, ${job.cluster.name}, ${job.datacenterId}, ${job.datacenterName},
        ${job.nodeId}, ${job.nodeName}, ${job.description}, ${JSON.stringify(job.jobData)}::jsonb, ${job.sealedSecrets},
        ${job.continueOnError}, ${job.holdOnError},
        ${job.canary?.batches ?? 0}, ${job.canary?.waitS ?? null}::int, ${job.retryOf}::uuid, ${job.idleAfterS}, ${job.askedBy}::text, ${job.isLooking}, ${job.scheduleId}::uuid from target where (select count(*) from held) = ${nodes.length}
      returning *
    ), counter as (insert into job_counter (job_id) select id from j),
    nodes as (
      insert into job_node (id, job_id, node_id, node_name, datacenter_name, position, batch)
      select n.id, j.id, n.node_id, n.node_name, n.datacenter_name, n.position, n.batch
      from j, json_to_recordset(${JSON.stringify(nodes)}::json) as n (
        id uuid, node_id uuid, node_name text, datacenter_name text, position int, batch int)
      returning id
    ), node_counters as (insert into job_node_counter (job_node_id) select id from nodes)
    select ${JOB_COLUMNS}, 0 as event_count, false as events_complete,
      json_build_object('PENDING', ${nodes.length}::int) as node_counts from j`.execute(db);
  return stored.rows[0] ?? null;
}

/** `locked`: another pass, or a change of the cluster, is at it: look again later. */
export type JobLock = 'held' | 'locked' | 'gone';

/**
 * Locks the job's row for a pass, and that of its cluster for one that may start it, so that two jobs of one cluster never
 * start side by side. It never waits: a pass that did would keep its connection from everybody else.
 */
export async function lockJob(trx: Executor, jobId: string): Promise<JobLock> {
  const answer = await sql<{ lock: JobLock }>`
    with own as materialized (select cluster_id, started_on from job where id = ${jobId} for update skip locked),
    above as materialized (
      select id from cluster where id = (select cluster_id from own where started_on is null) for no key update skip locked)
    select case
      when not exists (select from job where id = ${jobId}) then 'gone'
      when not exists (select from own) then 'locked'
      when exists (select from own join cluster c on c.id = own.cluster_id
        where own.started_on is null and not exists (select from above)) then 'locked'
      else 'held' end as lock`.execute(trx);
  return answer.rows[0]?.lock ?? 'gone';
}

export interface StatusMove {
  from: JobStatus;
  to: JobStatus;
  started: boolean;
  over: boolean;
}

/**
 * Moves a job, or job nodes, from one status to the next.
 * @returns false when somebody moved one of them first
 */
export async function moveStatus(
  trx: Executor,
  table: 'job' | 'job_node',
  ids: readonly string[],
  move: StatusMove,
): Promise<boolean> {
  const moved = await sql`update ${sql.table(table)} set status = ${move.to}, modified_on = clock_timestamp(),
      started_on = case when ${move.started} then clock_timestamp() else started_on end,
      ended_on = case when ${move.over} then clock_timestamp() else ended_on end
    where id = any(${ids}::uuid[]) and status = ${move.from} and ended_on is null`.execute(trx);
  return moved.numAffectedRows === BigInt(ids.length);
}

/** A job that is over needs its secrets no more, nor do its runs. */
export async function forgetSecrets(trx: Executor, id: string): Promise<void> {
  await trx.updateTable('job').set({ sealed_secrets: null }).where('id', '=', id).execute();
  await sql`with known as (
      select id from run where job_id = ${id} and sealed_secrets is not null order by id for no key update)
    update run set sealed_secrets = null from known where run.id = known.id`.execute(trx);
}

export async function setWaitingFor(trx: Executor, id: string, waitingFor: WaitingFor | null): Promise<void> {
  await trx
    .updateTable('job')
    .set({ waiting_for: waitingFor === null ? null : JSON.stringify(waitingFor) })
    .where('id', '=', id)
    .execute();
}

/** @param sinceMs milliseconds since 1970; null: it stands still */
export async function setCanaryClock(
  trx: Executor,
  id: string,
  waitedMs: number,
  sinceMs: number | null,
): Promise<void> {
  await sql`update job set canary_waited_ms = ${waitedMs}, canary_since = to_timestamp(${sinceMs}::float8 / 1000)
    where id = ${id}`.execute(trx);
}

/** What was orphaned is ours again: the clock of its silence starts anew. */
export async function adoptJob(trx: Executor, id: string): Promise<void> {
  await trx.updateTable('job').set({ orphaned_on: null }).where('id', '=', id).execute();
}

/**
 * Notes that termination was asked for, and tells of it in an event; the pass does the rest.
 * @param request.againAfterMs see `countsInMs`
 * @param request.by the account that asked; null while authentication is off
 * @returns 0; else the request came too soon to count, has changed nothing, and a second one would count in so many ms
 * @throws NotFound, or Conflict when the job is over
 */
export async function requestTermination(
  db: Executor,
  id: string,
  request: { againAfterMs: number; by: string | null },
): Promise<number> {
  return await whole(db, async (trx) => {
    // The job's row before its counter, as a pass takes them.
    const job = await sql<{ ended: boolean; status: string; started: boolean; firstAgoMs: number | null }>`
      select ended_on is not null as ended, status, started_on is not null as started,
        (extract(epoch from clock_timestamp() - terminate_requested_on) * 1000)::float8 as "firstAgoMs"
      from job where id = ${id} for update`.execute(trx);
    const row = job.rows[0];
    if (row === undefined) throw new NotFound('job', id);
    if (row.ended) throw new Conflict(`Job ${id} is over (${row.status}): there is nothing to terminate`);
    const tooSoonByMs = countsInMs(row.firstAgoMs, request.againAfterMs);
    if (tooSoonByMs > 0) return tooSoonByMs;
    await sql`update job set terminate_requested_on = coalesce(terminate_requested_on, clock_timestamp()),
        terminate_requests = terminate_requests + 1, modified_on = clock_timestamp() where id = ${id}`.execute(
      trx,
    );
    const message = terminationWords(request.by, { isFirst: row.firstAgoMs === null, started: row.started });
    const at = { jobId: id, jobNodeId: null, nodeId: null };
    const event = ownEvent(at, { type: 'milestone', subtype: 'terminate-requested', message });
    await insertEvents(trx, [event], { counts: await lockCounters(trx, [id]), suspects: [] });
    return 0;
  });
}

export async function openJobIds(db: Executor): Promise<string[]> {
  const rows = await db
    .selectFrom('job')
    .select('id')
    .where('ended_on', 'is', null)
    .orderBy('number')
    .execute();
  return rows.map(({ id }) => id);
}

/** In their order. */
export async function openJobsOfCluster(db: Executor, clusterId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('job')
    .select('id')
    .where('cluster_id', '=', clusterId)
    .where('ended_on', 'is', null)
    .orderBy('number')
    .execute();
  return rows.map(({ id }) => id);
}

/** Once this job is over. @returns the oldest other one of its cluster, whose turn it is; null when there is none */
export async function nextJobOfCluster(db: Executor, jobId: string): Promise<string | null> {
  const rows = await sql<{ id: string }>`select o.id from job o join job j on j.cluster_id = o.cluster_id
    where j.id = ${jobId} and o.id <> j.id and o.ended_on is null order by o.number limit 1`.execute(db);
  return rows.rows[0]?.id ?? null;
}

/** @returns by node: the jobs not over that it is part of */
export async function openJobsOfNodes(
  db: Executor,
  nodeIds: readonly string[],
): Promise<Map<string, string[]>> {
  const rows = await sql<{
    nodeId: string;
    jobIds: string[];
  }>`select n.node_id as "nodeId", array_agg(distinct j.id) as "jobIds" from job j join job_node n on n.job_id = j.id
    where n.node_id = any(${[...nodeIds]}::uuid[]) and j.ended_on is null group by n.node_id`.execute(db);
  return new Map(rows.rows.map(({ nodeId, jobIds }) => [nodeId, jobIds]));
}
