// Job events: stored once, numbered densely per job under the job's counter row.
import { sql } from 'kysely';
import type { EventType } from '../../shared/events.ts';
import { uuidv7 } from '../../shared/uuid.ts';
import { arrayText, unnest } from './column-arrays.ts';
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

const COLUMNS = {
  id: 'uuid',
  job_id: 'uuid',
  job_node_id: 'uuid',
  node_id: 'uuid',
  number: 'bigint',
  event_type: 'text',
  event_subtype: 'text',
  event_resource: 'text',
  message: 'text',
  changes: 'boolean',
  before: 'json',
  after: 'json',
  traceback: 'text',
  created_on: 'timestamptz',
} as const satisfies Record<keyof NewEvent | 'number', string>;
const NAMES = sql.join(Object.keys(COLUMNS).map((name) => sql.ref(name)));

/**
 * Locks the counters of these jobs, in one order for everybody. A transaction that also changes runs takes them first.
 * @returns how many events each job has
 */
export async function lockCounters(trx: Executor, jobIds: readonly string[]): Promise<Map<string, number>> {
  const locked = await sql<{
    job_id: string;
    event_count: number;
  }>`select job_id, event_count from job_counter
    where job_id = any(${jobIds}::uuid[]) order by job_id for no key update`.execute(trx);
  return new Map(locked.rows.map((row) => [row.job_id, row.event_count]));
}

/** What the caller knows already and insertEvents need not find out. */
export interface Known {
  /** of counters that this transaction has locked */
  counts: ReadonlyMap<string, number>;
  /** ids of the events that may be stored already; about all others it is sure that they are not */
  suspects: readonly string[];
}

/**
 * Stores what is not stored yet; repeats are recognised by their id. Call inside a transaction.
 * The counter rows are locked in job order first, so numbers are dense and commit in order, and batches never deadlock.
 * @param known unless given, the counters are locked here and every id is looked up
 * @returns how many were new
 */
export async function insertEvents(
  trx: Executor,
  events: readonly NewEvent[],
  known?: Known,
): Promise<number> {
  if (events.length === 0) return 0;
  const counts = new Map(
    known?.counts ?? (await lockCounters(trx, [...new Set(events.map((event) => event.job_id))])),
  );
  const fresh = await withoutRepeats(trx, events, known?.suspects ?? events.map(({ id }) => id));
  const rows: NewEvent[] = [];
  const numbers: number[] = [];
  const perJob = new Map<string, number>();
  const perNode = new Map<string, number>();
  const addTo = (counter: Map<string, number>, key: string) => counter.set(key, (counter.get(key) ?? 0) + 1);
  for (const event of fresh) {
    const count = counts.get(event.job_id);
    if (count === undefined) continue; // the job is gone, and its events with it
    counts.set(event.job_id, count + 1);
    rows.push(event);
    numbers.push(count + 1);
    addTo(perJob, event.job_id);
    if (event.job_node_id !== null) addTo(perNode, event.job_node_id);
  }
  if (rows.length === 0) return 0;
  const given = unnest(COLUMNS, rows, (row, name, at) =>
    name === 'number' ? (numbers[at] ?? null) : row[name],
  );
  const added = (counter: Map<string, number>) =>
    unnest({ id: 'uuid', n: 'int' }, [...counter], ([id, n], name) => (name === 'id' ? id : n));
  await sql`with stored as (
      insert into job_event (${NAMES}) select * from ${given}
    ), counted as (
      update job_counter c set event_count = c.event_count + g.n from ${added(perJob)} g (id, n) where c.job_id = g.id
    )
    update job_node_counter c set event_count = c.event_count + g.n from ${added(perNode)} g (id, n)
      where c.job_node_id = g.id`.execute(trx);
  return rows.length;
}

/** @param suspects ids that may be in the database, or twice among the events */
async function withoutRepeats(
  trx: Executor,
  events: readonly NewEvent[],
  suspects: readonly string[],
): Promise<readonly NewEvent[]> {
  if (suspects.length === 0) return events;
  const stored = await sql<{
    id: string;
  }>`select id from job_event where id = any(${arrayText(suspects, (id) => id)}::uuid[])`.execute(trx);
  const seen = new Set(stored.rows.map(({ id }) => id));
  return events.filter(({ id }) => !seen.has(id) && seen.add(id));
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
