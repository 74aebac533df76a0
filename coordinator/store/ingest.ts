// Stores a gathered batch of agents' records in one transaction: events, finishes, how far each run has come.
import { sql } from 'kysely';
import { isUuid } from '../../shared/uuid.ts';
import type { WireRecord } from '../../shared/wire/messages.ts';
import type { Database } from './database.ts';
import { insertEvents, type NewEvent, ownEvent } from './events.ts';

/** A record together with the node whose certificate brought it. */
export interface NodeRecord {
  nodeId: string;
  record: WireRecord;
}

/**
 * Stores what is new. A record of a run that is not this node's is left out: the certificate, not the message, says who speaks.
 * @returns the jobs that have something new, and the runs refused
 */
export async function storeRecords(
  db: Database,
  records: readonly NodeRecord[],
): Promise<{ jobs: Set<string>; foreign: Set<string> }> {
  const wanted = [...new Set(records.map(({ record }) => record.runId))].filter(isUuid);
  return await db.transaction().execute(async (trx) => {
    const known = await sql<{
      id: string;
      job_id: string;
      job_node_id: string;
      node_id: string;
      stored_seq: number;
    }>`
      select id, job_id, job_node_id, node_id, stored_seq from run where id = any(${wanted}::uuid[])`.execute(
      trx,
    );
    const runs = new Map(known.rows.map((row) => [row.id, row]));
    const events: NewEvent[] = [];
    const seqs = new Map<string, number>();
    const finishes: { id: string; outcome: string; reason: string | null }[] = [];
    const jobs = new Set<string>();
    const foreign = new Set<string>();
    for (const { nodeId, record } of records) {
      const run = runs.get(record.runId);
      if (run === undefined || run.node_id !== nodeId) {
        foreign.add(record.runId);
        continue;
      }
      jobs.add(run.job_id);
      seqs.set(run.id, Math.max(seqs.get(run.id) ?? 0, record.seq));
      if (record.body.kind === 'finished') {
        finishes.push({ id: run.id, outcome: record.body.finish.outcome, reason: record.body.finish.reason });
        continue;
      }
      if (record.body.kind === 'unsupported') {
        if (record.seq <= run.stored_seq) continue; // a repeat: it has no id of its own to be known by
        const { what } = record.body;
        const at = { jobId: run.job_id, jobNodeId: run.job_node_id, nodeId };
        const message = `A record of this node's agent is missing here: ${what}`;
        events.push(ownEvent(at, { type: 'error', subtype: 'record-unsupported', message }));
        continue;
      }
      const { event } = record.body;
      events.push({
        id: event.id,
        job_id: run.job_id,
        job_node_id: run.job_node_id,
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
      });
    }
    await insertEvents(trx, events);
    const heard = JSON.stringify([...seqs].map(([id, seq]) => ({ id, seq })));
    await sql`update run set stored_seq = greatest(stored_seq, g.seq), last_active_on = clock_timestamp()
      from (select * from json_to_recordset(${heard}::json) as g (id uuid, seq int) order by id) g where run.id = g.id`.execute(
      trx,
    );
    if (finishes.length > 0) {
      await sql`update run set finished_on = clock_timestamp(), outcome = g.outcome, reason = g.reason
        from json_to_recordset(${JSON.stringify(finishes)}::json) as g (id uuid, outcome text, reason text)
        where run.id = g.id and finished_on is null`.execute(trx);
    }
    return { jobs, foreign };
  });
}
