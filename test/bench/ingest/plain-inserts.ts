// What ingest is compared with: the same rows, a thousand to a plain INSERT, over one connection.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { eventOf } from './events.ts';

const ROWS_A_STATEMENT = 1_000;
const COLUMNS = [
  'id',
  'job_id',
  'job_node_id',
  'node_id',
  'number',
  'event_type',
  'event_subtype',
  'event_resource',
  'message',
  'changes',
  'before',
  'after',
  'traceback',
  'created_on',
];

const STATEMENT = (rows: number): string => {
  const tuple = (row: number) => `(${COLUMNS.map((_, at) => `$${row * COLUMNS.length + at + 1}`).join()})`;
  return `insert into job_event (${COLUMNS.join()}) values ${Array.from({ length: rows }, (_, row) => tuple(row)).join()}`;
};

/** The rows that `agents` agents with `events` events each become, in the order of their arrival in batches. */
function rowsOf(agents: number, events: number): unknown[][] {
  const runs = Array.from({ length: agents }, () => ({
    job: randomUUID(),
    jobNode: randomUUID(),
    node: randomUUID(),
  }));
  const rows: unknown[][] = [];
  for (let n = 0; n < events; n += 1) {
    for (const { job, jobNode, node } of runs) {
      const { id, type, subtype, resource, message, changes, beforeJson, afterJson, traceback, atMs } =
        eventOf(n);
      const at = new Date(atMs).toISOString();
      rows.push([
        id,
        job,
        jobNode,
        node,
        n + 1,
        type,
        subtype,
        resource,
        message,
        changes,
        beforeJson,
        afterJson,
        traceback,
        at,
      ]);
    }
  }
  return rows;
}

/** A connection with all that is to be sent over it, made before any clock starts. */
export async function preparePlainInserts(databaseUrl: string, agents: number, events: number) {
  const rows = rowsOf(agents, events);
  const statements = Array.from({ length: Math.ceil(rows.length / ROWS_A_STATEMENT) }, (_, at) =>
    rows.slice(at * ROWS_A_STATEMENT, (at + 1) * ROWS_A_STATEMENT),
  ).map((chunk) => ({ text: STATEMENT(chunk.length), values: chunk.flat() }));
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  return {
    run: async (): Promise<void> => {
      for (const { text, values } of statements) await client.query(text, values);
    },
    close: () => client.end(),
  };
}
