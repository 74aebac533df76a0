// Lists of job events: of all, of a job, of a job node, filtered; each walks the index that knows most of what is asked.
import { sql } from 'kysely';
import type { EventType } from '../../shared/events.ts';
import type { Executor } from './database.ts';
import { type JobsOf, jobAfterJob, siftJobsOf } from './job-after-job.ts';
import { EVENT_COLUMNS, type JobEventRow } from './job-reads.ts';
import { firstUuid } from './partitions.ts';
import { counted, tallied } from './tallies.ts';
import { type Condition, hasText, type Page, type PageRequest, readWalk, type Walk } from './walks.ts';

/** All that are given have to hold. Times are milliseconds since 1970; an event's own is that of its id. */
export interface EventFilters extends JobsOf {
  nodeId?: string | undefined;
  type?: EventType | undefined;
  subtype?: string | undefined;
  changes?: boolean | undefined;
  sinceMs?: number | undefined;
  untilMs?: number | undefined;
  text?: string | undefined;
}

/** Whose events are listed. */
export type EventsOf = { job: string } | { jobNode: string; job: string } | 'all';

/**
 * In the order in which they were stored, where they are of one job, and those of a cluster or datacenter job after job; else,
 * and where a time range is given, in that of their times.
 */
export async function listJobEvents(
  db: Executor,
  of: EventsOf,
  filters: EventFilters,
  descending: boolean,
  page: PageRequest,
): Promise<Page<JobEventRow>> {
  const common = { table: 'job_event', alias: 'e', kind: 'job-event', descending };
  const walk =
    of !== 'all'
      ? walkOfJob(db, of, filters, await ofNode(db, of, filters))
      : isOfCluster(filters)
        ? walkOfCluster(common, filters)
        : walkOfAll(db, filters);
  return await readWalk<JobEventRow>(
    db,
    { ...common, ...walk },
    { columns: EVENT_COLUMNS, joins: sql`` },
    page,
  );
}

type EventWalk = Omit<Walk, 'table' | 'alias' | 'kind' | 'descending'>;

// Types are written out: an index of the rare ones is only used for a type that is known to be one.
const rareType = (type: EventType): Condition =>
  sql`e.event_type = ${sql.lit(type)} and e.event_type <> 'check'`;

const times = ({ sinceMs, untilMs }: EventFilters): Condition[] => [
  ...(sinceMs === undefined ? [] : [sql`e.id >= ${firstUuid(sinceMs)}`]),
  ...(untilMs === undefined ? [] : [sql`e.id < ${firstUuid(untilMs)}`]),
];

/** What is left to ask of each row once the index has found those of `done`. */
function sifting(filters: EventFilters, done: readonly (keyof EventFilters)[]): Condition[] {
  const { type, subtype, changes, text } = filters;
  const left: Condition[] = [];
  if (type !== undefined && !done.includes('type')) left.push(sql`e.event_type = ${type}`);
  if (changes !== undefined && !done.includes('changes'))
    left.push(changes ? sql`e.changes` : sql`not e.changes`);
  if (subtype !== undefined) left.push(sql`e.event_subtype = ${subtype}`);
  if (text !== undefined) left.push(hasText(['e.message', 'e.event_resource'], text));
  return left;
}

const given = (filters: EventFilters): number =>
  Object.values(filters).filter((value) => value !== undefined).length;

/**
 * Of which job nodes events are asked for; null: of all. One, as nearly always, is found in order; a node that was tried again has
 * more. Asked beforehand: of `any(array(select …))` the server knows no order, and walks the job's events up to the node's first.
 */
async function ofNode(
  db: Executor,
  of: Exclude<EventsOf, 'all'>,
  { nodeId }: EventFilters,
): Promise<Condition | null> {
  if ('jobNode' in of || nodeId === undefined) return null;
  const rows = await sql<{
    id: string;
  }>`select id from job_node where job_id = ${of.job} and node_id = ${nodeId}`.execute(db);
  const ids = rows.rows.map(({ id }) => id);
  return ids.length === 1 ? sql`e.job_node_id = ${ids[0]}` : sql`e.job_node_id = any(${ids}::uuid[])`;
}

function walkOfJob(
  db: Executor,
  of: Exclude<EventsOf, 'all'>,
  filters: EventFilters,
  node: Condition | null,
): EventWalk {
  const within = [sql`e.job_id = ${of.job}`];
  const done: (keyof EventFilters)[] = [];
  const found: Condition[] = [];
  let isCounted = given(filters) === 0;
  if ('jobNode' in of) within.push(sql`e.job_node_id = ${of.jobNode}`);
  else if (node !== null) found.push(node);
  // Beside other filters only errors are rare enough: a long job has so many milestones that the server would gather and sort
  // them all to look at a few.
  else if (filters.type === 'error' || (filters.type === 'milestone' && given(filters) === 1)) {
    found.push(rareType(filters.type));
    done.push('type');
  } else if (filters.changes === true) {
    found.push(sql`e.changes`);
    done.push('changes');
  }
  if (found.length > 0) isCounted = false;
  const count = 'jobNode' in of ? counted(db, 'job_node', of.jobNode) : counted(db, 'job', of.job);
  return {
    order: [{ column: 'number', type: 'bigint' }],
    dense: isCounted && !('jobNode' in of),
    within,
    found,
    isScattered: done.length > 0,
    sifted: [...sifting(filters, done), ...times(filters)],
    counted: isCounted ? count : null,
  };
}

/** Where only the cluster is known, not when: among the events of all clusters its own would be found by chance. */
const isOfCluster = ({ clusterId, datacenterId, nodeId, sinceMs, untilMs }: EventFilters): boolean =>
  (clusterId ?? datacenterId) !== undefined && (nodeId ?? sinceMs ?? untilMs) === undefined;

function walkOfCluster(
  common: Pick<Walk, 'table' | 'alias' | 'descending'>,
  filters: EventFilters,
): EventWalk {
  const hasEvents = sql`(select event_count from job_counter where job_id = j.id) > 0`;
  return {
    ...jobAfterJob(common, 'number', filters, [hasEvents]),
    within: [],
    found: [],
    sifted: [...sifting(filters, []), ...siftJobsOf('e', { datacenterId: filters.datacenterId })],
    counted: null,
  };
}

function walkOfAll(db: Executor, filters: EventFilters): EventWalk {
  const found = times(filters);
  const done: (keyof EventFilters)[] = [];
  if (filters.nodeId !== undefined) found.push(sql`e.node_id = ${filters.nodeId}`);
  else if (filters.changes === true) {
    found.push(sql`e.changes`);
    done.push('changes');
  } else if (filters.type !== undefined && filters.type !== 'check') {
    found.push(rareType(filters.type));
    done.push('type');
  }
  const sifted = [...sifting(filters, done), ...siftJobsOf('e', filters)];
  return {
    order: [{ column: 'id', type: 'uuid' }],
    within: [],
    found,
    isScattered: done.length > 0 || filters.nodeId !== undefined,
    sifted,
    counted: found.length + sifted.length === 0 ? tallied(db, 'job_event') : null,
  };
}
