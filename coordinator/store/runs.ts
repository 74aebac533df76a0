// Runs: written by passes as the stream's of their node, finished by gateways, fenced until their agent has let go.
import { sql } from 'kysely';
import type { RunOutcome } from '../../shared/events.ts';
import type { RunInput } from '../../shared/run-input.ts';
import { isUuid } from '../../shared/uuid.ts';
import type { RunProgress } from '../../shared/wire/messages.ts';
import { unnest } from './column-arrays.ts';
import type { Executor } from './database.ts';

/** The run belongs to the stream that its node holds now; a later stream takes it over as it looks (node-looks). */
export async function insertRun(
  trx: Executor,
  run: {
    id: string;
    jobId: string;
    jobNodeId: string;
    nodeId: string;
    input: RunInput;
    sealedSecrets: Buffer | null;
  },
): Promise<void> {
  await sql`insert into run (id, job_id, job_node_id, node_id, input, sealed_secrets, claimed_by)
    values (${run.id}, ${run.jobId}, ${run.jobNodeId}, ${run.nodeId}, ${JSON.stringify(run.input)}, ${run.sealedSecrets},
      (select session_id from agent where node_id = ${run.nodeId}))`.execute(trx);
}

export async function requestStop(trx: Executor, runId: string): Promise<void> {
  await sql`update run set stop_requested_on = clock_timestamp() where id = ${runId} and stop_requested_on is null`.execute(
    trx,
  );
}

export async function fenceRun(trx: Executor, runId: string): Promise<void> {
  await sql`update run set fenced_on = clock_timestamp() where id = ${runId} and fenced_on is null and finished_on is null`.execute(
    trx,
  );
}

/**
 * The agent has taken the run on. Not waited for until it is on disk: the run's first records, which come at once, would wait
 * too. Where a server dies in between, the next record, life sign or hello says it again: all of them name a run that is held.
 */
export async function acceptRun(db: Executor, nodeId: string, runId: string): Promise<void> {
  await sql`with soon as materialized (select set_config('synchronous_commit', 'off', true))
    update run set accepted_on = coalesce(accepted_on, clock_timestamp()), last_active_on = clock_timestamp()
    from soon where id = ${runId} and node_id = ${nodeId}`.execute(db);
}

/** Agents have attached again: these runs they hold, and those, which they had accepted, they do not. */
export async function settleHeldRuns(
  db: Executor,
  held: readonly string[],
  lost: readonly string[],
): Promise<void> {
  if (held.length > 0) {
    await sql`with known as (select id from run where id = any(${[...held]}::uuid[]) order by id for update)
      update run set accepted_on = coalesce(accepted_on, clock_timestamp()), last_active_on = clock_timestamp()
      from known where run.id = known.id`.execute(db);
  }
  if (lost.length > 0) {
    const reason = 'The agent no longer holds the run that it had accepted';
    await sql`with known as (select id from run where id = any(${[...lost]}::uuid[]) order by id for update)
      update run set finished_on = clock_timestamp(), outcome = 'lost', reason = ${reason}, last_active_on = clock_timestamp()
      from known where run.id = known.id and finished_on is null`.execute(db);
  }
}

/** The end of a run as a fact; the first one stays. @returns its job, or null when there was nothing to end */
export async function finishRun(
  db: Executor,
  nodeId: string,
  runId: string,
  outcome: RunOutcome,
  reason: string | null,
): Promise<string | null> {
  const rows = await sql<{
    job_id: string;
  }>`update run set finished_on = clock_timestamp(), outcome = ${outcome}, reason = ${reason},
    last_active_on = clock_timestamp()
    where id = ${runId} and node_id = ${nodeId} and finished_on is null returning job_id`.execute(db);
  return rows.rows[0]?.job_id ?? null;
}

/** The agent has let go of a run. @returns its job */
export async function letGoOfRun(db: Executor, nodeId: string, runId: string): Promise<string | null> {
  const rows = await sql<{ job_id: string }>`update run set let_go_on = clock_timestamp()
    where id = ${runId} and node_id = ${nodeId} and let_go_on is null returning job_id`.execute(db);
  return rows.rows[0]?.job_id ?? null;
}

/**
 * True of a row of `run` whose job a pass must look at once it was heard: anything but a node and a job that run
 * undisturbed. A pass at the same moment may hide it for a while; the sweep of all open jobs then finds it.
 */
export const MAY_MOVE = sql<boolean>`exists (select 1 from job j join job_node n on n.id = run.job_node_id
  where j.id = run.job_id and j.ended_on is null and (j.status not in ('RUNNING', 'WILL_FAIL') or j.orphaned_on is not null
    or (n.ended_on is null and n.status <> 'RUNNING')))`;

/** What a node's agent says of a run. */
export interface LifeSign {
  nodeId: string;
  progress: RunProgress;
}

export interface Touched {
  /** jobs that a pass has to look at for it */
  jobIds: string[];
  /** not written, since somebody else is changing the run at this moment */
  busy: LifeSign[];
}

/** PostgreSQL takes neither NUL nor half of a surrogate pair. */
const isStorable = ({ progress }: LifeSign): boolean =>
  isUuid(progress.runId) && !/\0|\p{Surrogate}/u.test(progress.step);

/**
 * Life signs of many runs at once; nothing else changes. Left out are those that cannot be stored, and those of another
 * node's run. Waits for nobody, so that it can stand in nobody's way.
 */
export async function touchRuns(db: Executor, signs: readonly LifeSign[]): Promise<Touched> {
  const given = signs.filter(isStorable);
  const heard = unnest(
    { id: 'uuid', node_id: 'uuid', progress: 'jsonb' },
    given,
    ({ nodeId, progress }, name) =>
      ({ id: progress.runId, node_id: nodeId, progress: JSON.stringify(progress) })[name],
  );
  const rows = await sql<{ at: number; jobId: string | null; mayMove: boolean | null }>`
    with own as materialized (
      select run.id, h.progress, h.at::int from run join ${heard} with ordinality h (id, node_id, progress, at) using (id, node_id)
        where finished_on is null),
    free as materialized (
      select id from run where id in (select id from own) and finished_on is null for no key update skip locked),
    touched as (
      update run set last_active_on = clock_timestamp(), progress = own.progress,
        accepted_on = coalesce(accepted_on, clock_timestamp())
      from own join free using (id) where run.id = free.id
      returning run.id, run.job_id, ${MAY_MOVE} as may_move)
    select own.at, touched.job_id as "jobId", touched.may_move as "mayMove" from own left join touched using (id)`.execute(
    db,
  );
  return {
    jobIds: [
      ...new Set(rows.rows.flatMap(({ jobId, mayMove }) => (jobId !== null && mayMove ? [jobId] : []))),
    ],
    busy: rows.rows.flatMap(({ at, jobId }) => (jobId === null ? given.slice(at - 1, at) : [])),
  };
}

/** A run that nobody was given, because the model could not be turned into an input: it ends as it begins. */
export async function refuseRun(
  trx: Executor,
  run: { id: string; jobId: string; jobNodeId: string; nodeId: string },
  reason: string,
): Promise<void> {
  await sql`insert into run (id, job_id, job_node_id, node_id, input, finished_on, outcome, reason)
    values (${run.id}, ${run.jobId}, ${run.jobNodeId}, ${run.nodeId}, '{}', clock_timestamp(), 'refused', ${reason})`.execute(
    trx,
  );
}
