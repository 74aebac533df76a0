// Every page that is measured: the first one of whatever filters and orders are offered, and each kind of page of one job's events.
import { sql } from 'kysely';
import { eventFilters } from '../../../coordinator/rest/job-event-routes.ts';
import { jobFilters, jobNodeFilters } from '../../../coordinator/rest/job-routes.ts';
import { type ListQuery, listQuery } from '../../../coordinator/rest/list-queries.ts';
import type { Database } from '../../../coordinator/store/database.ts';
import { listJobEvents } from '../../../coordinator/store/event-lists.ts';
import { listJobNodes, listJobs } from '../../../coordinator/store/job-lists.ts';
import { listModels } from '../../../coordinator/store/model-lists.ts';
import {
  EVENT_LIST,
  EVENTS_OF_JOB,
  EVENTS_OF_JOB_NODE,
  JOB_LIST,
  JOB_NODE_LIST,
  JOBS_OF_CLUSTER,
  type ListFilter,
  type ListKind,
  modelList,
  NODES_OF_JOB,
} from '../../../shared/lists.ts';
import { modelOf } from '../../../shared/models.ts';

const ABSENT = '00000000-0000-4000-8000-000000000000';

/** What the database holds of that may be asked for. */
interface Samples {
  clusters: string[];
  datacenters: string[];
  nodes: string[];
  schedules: string[];
  jobs: { id: string; count: number }[];
  jobNodes: { id: string; jobId: string }[];
  days: string[];
}

type Ask = (query: ListQuery, turn: number) => Promise<unknown>;

export interface AskedPage {
  /** as a path of the API */
  name: string;
  /** @param turn asks for something else each time */
  ask: (turn: number) => Promise<unknown>;
}

const at = <T>(items: readonly T[], turn: number): T => {
  const item = items[turn % items.length];
  if (item === undefined) throw new Error('there is nothing to ask for');
  return item;
};

/** So few jobs may be there that none is of this kind. */
const orAbsent = (ids: string[]): string[] => (ids.length === 0 ? [ABSENT] : ids);

async function samplesOf(db: Database): Promise<Samples> {
  const ids = async (column: string): Promise<string[]> => {
    const found = await sql<{ id: string }>`select distinct ${sql.ref(column)} as id from job
      join job_counter on job_id = job.id and event_count > 0 where ${sql.ref(column)} is not null limit 40`.execute(
      db,
    );
    return found.rows.map(({ id }) => id);
  };
  const jobs = await sql<{ id: string; count: number }>`(
    select j.id, c.event_count as count from job j join job_counter c on c.job_id = j.id order by c.event_count desc limit 1)
    union all (select j.id, c.event_count from job j join job_counter c on c.job_id = j.id and c.event_count > 0
      order by md5(j.id::text) limit 30)`.execute(db);
  const jobNodes = await sql<{
    id: string;
    jobId: string;
  }>`select id, job_id as "jobId" from job_node join job_node_counter on job_node_id = id order by md5(id::text) limit 40`.execute(
    db,
  );
  const days = await sql<{
    day: string;
  }>`select distinct to_char(created_on at time zone 'utc', 'YYYY-MM-DD') as day
    from job order by 1`.execute(db);
  return {
    clusters: await ids('cluster_id'),
    datacenters: orAbsent(await ids('datacenter_id')),
    nodes: orAbsent(await ids('node_id')),
    schedules: orAbsent(await ids('schedule_id')),
    jobs: jobs.rows,
    jobNodes: jobNodes.rows,
    days: days.rows.map(({ day }) => day),
  };
}

/** Values that are asked for in turn; each group is measured for itself. */
function valuesOf(filter: ListFilter, samples: Samples): string[][] {
  if (filter['allowed-values'] !== null) return filter['allowed-values'].map((word) => [word]);
  switch (filter.name) {
    case 'cluster-id':
      return [samples.clusters, [ABSENT]];
    case 'datacenter-id':
      return [samples.datacenters, [ABSENT]];
    case 'node-id':
      return [samples.nodes, [ABSENT]];
    case 'schedule-id':
      return [samples.schedules, [ABSENT]];
    case 'changes':
      return [['true'], ['false']];
    case 'event-subtype':
      return [['file-contents'], ['disk-full'], ['no-such']];
    case 'text':
      return [['file-7 ', 'cluster 7'], ['nowhere to be found']];
    case 'since':
      return [samples.days.slice(0, -1), ['2000-01-01'], ['2100-01-01']];
    case 'until':
      return [samples.days.slice(1), ['2100-01-02']];
    default:
      throw new Error(`no values to ask ${filter.name} for`);
  }
}

type Given = readonly (readonly [string, readonly string[]])[];

/** Each filter for itself in each order, and every two of them together. */
function queriesOf(list: ListKind, samples: Samples): Given[] {
  const single = list.filters.flatMap((filter) =>
    valuesOf(filter, samples).map((values) => [filter.name, values] as const),
  );
  const pairs = single.flatMap((one, n) =>
    single
      .slice(n + 1)
      .filter(([name]) => name !== one[0])
      .map((other) => [one, other]),
  );
  const sorts = list.sorts.map((sort) => ['sort', [sort]] as const);
  const inEachOrder = [[], ...single.map((one) => [one])].flatMap((given) =>
    sorts.map((sort): Given => [...given, sort]),
  );
  return [...inEachOrder, ...pairs];
}

/** @returns null where nothing is offered: a time range that ends before it begins, a text without one */
function askedOf(list: ListKind, given: Given, turn: number, isAll: boolean): ListQuery | null {
  const query = Object.fromEntries(given.map(([name, values]) => [name, at(values, turn)]));
  if (isAll && 'text' in query) query['since'] ??= '2000-01-01';
  if (query['since'] !== undefined && query['until'] !== undefined && query['until'] <= query['since'])
    return null;
  return listQuery(query, list);
}

/** Pages of the events of one job that are no first pages: whatever the job, and however deep. */
async function deepPages(db: Database, { jobs }: Samples): Promise<AskedPage[]> {
  const ids = new Map<string, string>();
  for (const { id, count } of jobs) {
    const found = await sql<{ id: string }>`select id from job_event where job_id = ${id}
      and number = ${Math.ceil(count / 2)}`.execute(db);
    ids.set(id, found.rows[0]?.id ?? ABSENT);
  }
  const page = (
    name: string,
    query: (job: Samples['jobs'][number]) => Record<string, string>,
  ): AskedPage => ({
    name: `jobs/{id}/job_events/?${name}`,
    ask: async (turn) => {
      const job = at(jobs, turn);
      const asked = listQuery(query(job), EVENTS_OF_JOB);
      return await listJobEvents(db, { job: job.id }, {}, asked.descending, asked);
    },
  });
  const numbered = (share: number) => (job: { count: number }) => ({
    page: String(Math.max(1, Math.ceil((job.count / 50) * share))),
  });
  return [
    page('page=(middle)', numbered(0.5)),
    page('page=(last)', numbered(1)),
    page('page=(middle)&sort=-created-on', (job) => ({ ...numbered(0.5)(job), sort: '-created-on' })),
    page('after=(middle)', ({ id }) => ({ after: ids.get(id) ?? ABSENT })),
    page('after=(middle)&sort=-created-on', ({ id }) => ({
      after: ids.get(id) ?? ABSENT,
      sort: '-created-on',
    })),
  ];
}

/** Of what every open desk asks again and again: all of a kind in each order, and those of one ring. */
function modelPages(db: Database, { clusters }: Samples): AskedPage[] {
  return (['clusters', 'datacenters', 'nodes'] as const).flatMap((path) => {
    const [model, list] = [modelOf(path), modelList(modelOf(path))];
    const page = (name: string, given: Record<string, string>, filtered: boolean): AskedPage => ({
      name: `${path}/?${name}`,
      ask: async (turn) => {
        const query = listQuery(given, list);
        const by = query.sort === 'name' ? 'name' : 'created_on';
        const filters: Record<string, string> = filtered ? { cluster_id: at(clusters, turn) } : {};
        return await listModels(db, model, filters, { by, descending: query.descending }, query);
      },
    });
    const sorted = list.sorts.map((sort) => page(`sort=${sort}`, { sort }, false));
    const ofRing = page('cluster-id=…', {}, true);
    return path === 'clusters' ? sorted : [...sorted, ofRing];
  });
}

export async function pagesOf(db: Database): Promise<AskedPage[]> {
  const samples = await samplesOf(db);
  const lists: [string, ListKind, Ask][] = [
    ['jobs/', JOB_LIST, (query) => listJobs(db, jobFilters(query), query.descending, query)],
    [
      'clusters/{id}/jobs/',
      JOBS_OF_CLUSTER,
      (query, turn) => {
        const clusterId = at(samples.clusters, turn);
        return listJobs(db, { ...jobFilters(query), clusterId }, query.descending, query);
      },
    ],
    [
      'job_nodes/',
      JOB_NODE_LIST,
      (query) => listJobNodes(db, null, jobNodeFilters(query), query.descending, query),
    ],
    [
      'jobs/{id}/job_nodes/',
      NODES_OF_JOB,
      (query, turn) =>
        listJobNodes(db, at(samples.jobs, turn).id, jobNodeFilters(query), query.descending, query),
    ],
    [
      'job_events/',
      EVENT_LIST,
      (query) => listJobEvents(db, 'all', eventFilters(query), query.descending, query),
    ],
    [
      'jobs/{id}/job_events/',
      EVENTS_OF_JOB,
      (query, turn) =>
        listJobEvents(db, { job: at(samples.jobs, turn).id }, eventFilters(query), query.descending, query),
    ],
    [
      'job_nodes/{id}/job_events/',
      EVENTS_OF_JOB_NODE,
      (query, turn) => {
        const { id, jobId } = at(samples.jobNodes, turn);
        return listJobEvents(db, { jobNode: id, job: jobId }, eventFilters(query), query.descending, query);
      },
    ],
  ];
  const first = lists.flatMap(([path, list, ask]) =>
    queriesOf(list, samples).map((given): AskedPage => {
      const words = given.map(([name, values]) => `${name}=${values.length === 1 ? values[0] : '…'}`);
      return {
        name: `${path}?${words.join('&')}`,
        ask: async (turn) => {
          const query = askedOf(list, given, turn, path === 'job_events/');
          return query === null ? null : await ask(query, turn);
        },
      };
    }),
  );
  return [...first, ...(await deepPages(db, samples)), ...modelPages(db, samples)];
}
