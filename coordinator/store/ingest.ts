// Stores a gathered batch of agents' records in one transaction: events, finishes, how far each run has come.
import { sql } from 'kysely';
import { isUuid } from '../../shared/uuid.ts';
import type { WireRecord } from '../../shared/wire/messages.ts';
import { unnest } from './column-arrays.ts';
import type { Database, Executor } from './database.ts';
import { insertEvents, type NewEvent, ownEvent } from './events.ts';
import { MAY_MOVE } from './runs.ts';

/** A record together with the node whose certificate brought it. */
export interface NodeRecord {
  nodeId: string;
  record: WireRecord;
}

export interface Stored {
  /** jobs that have something new */
  jobs: ReadonlySet<string>;
  /** those of them that a pass has to look at: a run has ended, or something silent was heard again */
  toLookAt: ReadonlySet<string>;
  /** runs that are not their sender's */
  foreign: ReadonlySet<string>;
}

interface Run {
  id: string;
  jobId: string;
  jobNodeId: string;
  nodeId: string;
  nodeName: string;
  /** of the job */
  eventCount: number;
  /** the seq stored before */
  before: number;
  /** whether a status may move now */
  mayMove: boolean;
}

/** What a batch says of one run. */
interface Heard {
  id: string;
  nodeId: string;
  seq: number;
  outcome: string | null;
  reason: string | null;
  wroteConfig: boolean;
  /** JSON; null: nothing is said of them */
  fileStates: string | null;
}

/** The event by which an agent tells that a node has been given its configuration. */
const WROTE_CONFIG = 'config-files-written';
/** Those that tell how its files stand to what jobs wrote. */
const TELLS_FILES = new Set<string | null>([WROTE_CONFIG, 'config-files-compared', 'config-files-reverted']);

/**
 * Notes how far runs have come and which have ended; the first end stays. The counters of their jobs are locked first, in job order.
 * @returns those of the runs that there are, each by its id: a run of a job that is gone is gone too, and another node's is left out
 */
async function noteHeard(trx: Executor, heard: readonly Heard[]): Promise<Map<string, Run>> {
  const columns = { id: 'uuid', nodeId: 'uuid', seq: 'int', outcome: 'text', reason: 'text' };
  const given = unnest(
    { ...columns, wroteConfig: 'boolean', fileStates: 'text' },
    heard,
    (row, name) => row[name],
  );
  // Whoever changes several runs locks them in the order of their ids; the count has all counters locked before the first of them.
  const rows = await sql<Run>`
    with heard as materialized (select * from ${given} h (id, node_id, seq, outcome, reason, wrote_config, file_states)),
    counted as materialized (
      select r.id, r.job_id, r.job_node_id, r.node_id, n.node_name, c.event_count
      from heard join run r on r.id = heard.id and r.node_id = heard.node_id
        join job_counter c on c.job_id = r.job_id join job_node n on n.id = r.job_node_id
      order by r.job_id for no key update of c),
    before as materialized (
      select id, stored_seq from run where id in (select id from counted) and (select count(*) from counted) > 0
      order by id for no key update),
    noted as (
      update run set stored_seq = greatest(run.stored_seq, heard.seq), last_active_on = clock_timestamp(),
        accepted_on = coalesce(run.accepted_on, clock_timestamp()),
        wrote_config = run.wrote_config or heard.wrote_config,
        file_states = coalesce(heard.file_states::json, run.file_states),
        finished_on = coalesce(run.finished_on, case when heard.outcome is not null then clock_timestamp() end),
        outcome = coalesce(run.outcome, heard.outcome),
        reason = case when run.outcome is null then heard.reason else run.reason end
      from before join heard using (id) where run.id = before.id and run.node_id = heard.node_id
      returning run.id, before.stored_seq, heard.outcome is not null or ${MAY_MOVE} as may_move)
    select c.id, c.job_id as "jobId", c.job_node_id as "jobNodeId", c.node_id as "nodeId", c.node_name as "nodeName",
      c.event_count as "eventCount", noted.stored_seq as before, noted.may_move as "mayMove"
    from counted c join noted using (id)`.execute(trx);
  return new Map(rows.rows.map((run) => [run.id, run]));
}

/** Numbers that were passed over: no job they belong to has all of its events, whatever comes later. */
async function noteMissing(trx: Executor, missing: ReadonlyMap<string, number>): Promise<void> {
  if (missing.size === 0) return;
  const given = unnest({ id: 'uuid', n: 'int' }, [...missing], ([id, n], name) => (name === 'id' ? id : n));
  await sql`update run set missing_records = missing_records + g.n from ${given} g (id, n) where run.id = g.id`.execute(
    trx,
  );
}

function missingEvent({ jobId, jobNodeId, nodeId, nodeName }: Run, first: number, last: number): NewEvent {
  const what =
    first === last
      ? `1 record of ${nodeName} is missing here: number ${first}`
      : `${last - first + 1} records of ${nodeName} are missing here: numbers ${first} to ${last}`;
  const message = `${what} did not come before what follows`;
  return ownEvent({ jobId, jobNodeId, nodeId }, { type: 'error', subtype: 'records-missing', message });
}

/** What these records say of each run, by the run and the node that says it. */
function gathered(records: readonly NodeRecord[]): Heard[] {
  const heard = new Map<string, Heard>();
  for (const { nodeId, record } of records) {
    const { body, runId, seq } = record;
    if (!isUuid(runId) || runId !== runId.toLowerCase()) continue; // no run of ours is written like that
    const told = body.kind === 'event' ? body.event : null;
    const end = body.kind === 'finished' ? body.finish : null;
    const key = `${runId} ${nodeId}`;
    const soFar = heard.get(key);
    heard.set(key, {
      id: runId,
      nodeId,
      seq: Math.max(soFar?.seq ?? 0, seq),
      outcome: soFar?.outcome ?? end?.outcome ?? null,
      reason: soFar?.reason ?? end?.reason ?? null,
      wroteConfig: soFar?.wroteConfig === true || told?.subtype === WROTE_CONFIG,
      fileStates:
        told !== null && TELLS_FILES.has(told.subtype) ? told.afterJson : (soFar?.fileStates ?? null),
    });
  }
  return [...heard.values()];
}

/** Stores what is new. What is said of another node's run is left out: the certificate, not the message, says who speaks. */
export async function storeRecords(db: Database, records: readonly NodeRecord[]): Promise<Stored> {
  return await db.transaction().execute(async (trx) => {
    const runs = await noteHeard(trx, gathered(records));
    const own: { run: Run; record: WireRecord }[] = [];
    const foreign = new Set<string>();
    for (const { nodeId, record } of records) {
      const run = runs.get(record.runId);
      if (run?.nodeId === nodeId) own.push({ run, record });
      else foreign.add(record.runId);
    }
    const noted = [...runs.values()];
    const reached = new Map(noted.map(({ id, before }) => [id, before]));
    const events: NewEvent[] = [];
    const suspects: string[] = [];
    const missing = new Map<string, number>();
    for (const { run, record } of own) {
      // Numbers are dense and come in order: what lies beyond all that is stored cannot have come before.
      const soFar = reached.get(run.id) ?? 0;
      const isBeyond = record.seq > soFar;
      if (isBeyond) reached.set(run.id, record.seq);
      const passed = record.seq - soFar - 1;
      if (passed > 0) {
        missing.set(run.id, (missing.get(run.id) ?? 0) + passed);
        events.push(missingEvent(run, soFar + 1, record.seq - 1));
      }
      const event = eventOf(run, record);
      // What has no id to be known by goes by its number alone.
      if (event === null || (record.body.kind === 'unsupported' && !isBeyond)) continue;
      events.push(event);
      if (!isBeyond) suspects.push(event.id);
    }
    const counts = new Map(noted.map(({ jobId, eventCount }) => [jobId, eventCount]));
    await insertEvents(trx, events, { counts, suspects });
    await noteMissing(trx, missing);
    return {
      jobs: new Set(noted.map(({ jobId }) => jobId)),
      toLookAt: new Set(noted.filter(({ mayMove }) => mayMove).map(({ jobId }) => jobId)),
      foreign,
    };
  });
}

/** @returns null when the record is no event */
function eventOf(run: Run, { body }: WireRecord): NewEvent | null {
  const { jobId, jobNodeId, nodeId } = run;
  switch (body.kind) {
    case 'finished':
      return null;
    case 'unsupported': {
      const message = `A record of this node's agent is missing here: ${body.what}`;
      return ownEvent(
        { jobId, jobNodeId, nodeId },
        { type: 'error', subtype: 'record-unsupported', message },
      );
    }
    case 'event': {
      const { event } = body;
      return {
        id: event.id,
        job_id: jobId,
        job_node_id: jobNodeId,
        node_id: nodeId,
        event_type: event.type,
        event_subtype: event.subtype,
        event_resource: event.resource,
        message: event.message,
        changes: event.changes,
        before: event.beforeJson,
        after: event.afterJson,
        traceback: event.traceback,
        created_on: new Date(event.atMs).toISOString(),
      };
    }
  }
}
