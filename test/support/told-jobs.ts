// Jobs with events as if agents had told them: rows alone, for tests of what is read.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../../coordinator/store/database.ts';
import { insertEvents, type NewEvent } from '../../coordinator/store/events.ts';
import { uuidv7 } from '../../shared/uuid.ts';

export interface ToldJob {
  id: string;
  clusterId: string;
  jobNodes: { id: string; nodeId: string }[];
}

/** A job that is over, or is as `columns` say, with so many nodes. */
export async function tellJob(
  db: Database,
  nodes: number,
  columns: Readonly<Record<string, unknown>> = {},
): Promise<ToldJob> {
  const [id, clusterId] = [uuidv7(), String(columns['cluster_id'] ?? randomUUID())];
  const values = {
    id,
    job_type: 'restart',
    job_scope: 'cluster',
    status: 'COMPLETE',
    cluster_id: clusterId,
    cluster_name: 'c',
    job_data: '{}',
    ended_on: new Date().toISOString(),
    ...columns,
  };
  const names = sql.join(Object.keys(values).map((name) => sql.ref(name)));
  await sql`insert into job (${names}) values (${sql.join(Object.values(values))})`.execute(db);
  await sql`insert into job_counter (job_id) values (${id})`.execute(db);
  const jobNodes: ToldJob['jobNodes'] = [];
  for (let position = 0; position < nodes; position += 1) {
    const node = { id: uuidv7(), nodeId: randomUUID() };
    await sql`insert into job_node (id, job_id, node_id, node_name, datacenter_name, position, status, created_on)
      select ${node.id}, id, ${node.nodeId}, ${`n${position}`}, 'dc1', ${position}, 'COMPLETE', created_on
      from job where id = ${id}`.execute(db);
    await sql`insert into job_node_counter (job_node_id) values (${node.id})`.execute(db);
    jobNodes.push(node);
  }
  return { id, clusterId, jobNodes };
}

/** @param at 0 for its first node @param given what is different from a check that changed nothing */
export function toldEvent(
  job: ToldJob,
  at: number,
  given: Partial<NewEvent> & { atMs?: number } = {},
): NewEvent {
  const { atMs = Date.now(), ...rest } = given;
  return {
    id: uuidv7(atMs),
    job_id: job.id,
    job_node_id: job.jobNodes[at]?.id ?? null,
    node_id: job.jobNodes[at]?.nodeId ?? null,
    event_type: 'check',
    event_subtype: 'looked',
    event_resource: null,
    message: 'looked at it',
    changes: false,
    before: null,
    after: null,
    traceback: null,
    created_on: new Date(atMs).toISOString(),
    ...rest,
  };
}

export const tellEvents = async (db: Database, events: readonly NewEvent[]): Promise<void> => {
  await db.transaction().execute((trx) => insertEvents(trx, events));
};
