// Lists of jobs and of job nodes, filtered; each walks the index that knows most of what is asked.
import { sql } from 'kysely';
import type { JobType } from '../../shared/actions.ts';
import type { JobStatus } from '../../shared/status.ts';
import type { Executor } from './database.ts';
import { type JobsOf, jobAfterJob, siftJobsOf } from './job-after-job.ts';
import { type JobNodeRow, type JobRow, LISTED_JOB, LISTED_JOB_NODE } from './job-reads.ts';
import { tallied } from './tallies.ts';
import { type Condition, hasText, type Page, type PageRequest, readWalk, type Walk } from './walks.ts';

/** All that are given have to hold. Times are milliseconds since 1970. */
interface TimeRange {
  sinceMs?: number | undefined;
  untilMs?: number | undefined;
}
export interface JobFilters extends TimeRange {
  status?: JobStatus | undefined;
  type?: JobType | undefined;
  clusterId?: string | undefined;
  datacenterId?: string | undefined;
  nodeId?: string | undefined;
  scheduleId?: string | undefined;
  /** in its description or in the names of what it was asked for */
  text?: string | undefined;
}
export interface JobNodeFilters extends TimeRange, JobsOf {
  status?: JobStatus | undefined;
  nodeId?: string | undefined;
}

const BY_AGE = [
  { column: 'created_on', type: 'timestamptz' },
  { column: 'id', type: 'uuid' },
];

const times = (alias: string, { sinceMs, untilMs }: TimeRange): Condition[] => {
  const createdOn = sql.ref(`${alias}.created_on`);
  return [
    ...(sinceMs === undefined ? [] : [sql`${createdOn} >= ${new Date(sinceMs).toISOString()}::timestamptz`]),
    ...(untilMs === undefined ? [] : [sql`${createdOn} < ${new Date(untilMs).toISOString()}::timestamptz`]),
  ];
};

/** The first of these that is given is what the index finds; the others are asked of each row. */
function inOrder(alias: string, wanted: readonly (readonly [string, string | undefined])[]): Condition[] {
  return wanted
    .filter(([, value]) => value !== undefined)
    .map(([column, value]) => sql`${sql.ref(`${alias}.${column}`)} = ${value}`);
}

export async function listJobs(
  db: Executor,
  filters: JobFilters,
  descending: boolean,
  page: PageRequest,
): Promise<Page<JobRow>> {
  const { status, type, clusterId, datacenterId, nodeId, scheduleId, text } = filters;
  const [found, ...others] = inOrder('j', [
    ['node_id', nodeId],
    ['schedule_id', scheduleId],
    ['datacenter_id', datacenterId],
    ['cluster_id', clusterId],
    ['status', status],
    ['job_type', type],
  ]);
  const named = ['j.description', 'j.cluster_name', 'j.datacenter_name', 'j.node_name'];
  const sifted = [...others, ...(text === undefined ? [] : [hasText(named, text)])];
  const range = times('j', filters);
  const isCounted =
    range.length === 0 && sifted.length === 0 && (found === undefined || filters.status !== undefined);
  const walk = {
    table: 'job',
    alias: 'j',
    kind: 'job',
    order: BY_AGE,
    descending,
    within: [],
    found: [...(found === undefined ? [] : [found]), ...range],
    sifted,
    counted: isCounted ? tallied(db, 'job', status) : null,
  };
  return await readWalk<JobRow>(db, walk, LISTED_JOB, page);
}

/** @param jobId of this job in its stored order; null: of all jobs, by age */
export async function listJobNodes(
  db: Executor,
  jobId: string | null,
  filters: JobNodeFilters,
  descending: boolean,
  page: PageRequest,
): Promise<Page<JobNodeRow>> {
  const { status, nodeId, clusterId, datacenterId } = filters;
  const asked = inOrder('n', [
    ['node_id', nodeId],
    ['status', status],
  ]);
  const range = times('n', filters);
  const common = { table: 'job_node', alias: 'n', kind: 'job-node', descending };
  const [first, ...others] = asked;
  const isCounted = range.length === 0 && nodeId === undefined;
  const walkOfAll = {
    order: BY_AGE,
    found: [...(first === undefined ? [] : [first]), ...range],
    sifted: [...others, ...siftJobsOf('n', filters)],
    counted: isCounted ? tallied(db, 'job_node', status) : null,
  };
  // A job node was made with its job: what holds of the time of one holds of the other's.
  const walkOfCluster = {
    ...jobAfterJob(common, 'position', filters, times('j', filters)),
    found: [],
    sifted: [...asked, ...siftJobsOf('n', { datacenterId })],
    counted: null,
  };
  const walkOfJob = {
    order: [{ column: 'position', type: 'integer' }],
    within: [sql`n.job_id = ${jobId}`],
    found: [],
    sifted: [...asked, ...range],
    counted: null,
  };
  const isOfCluster = (clusterId ?? datacenterId) !== undefined && nodeId === undefined;
  const walk: Walk = {
    ...common,
    within: [],
    ...(jobId !== null ? walkOfJob : isOfCluster ? walkOfCluster : walkOfAll),
  };
  return await readWalk<JobNodeRow>(db, walk, LISTED_JOB_NODE, page);
}
