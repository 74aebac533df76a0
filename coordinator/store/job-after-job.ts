// Lists of what the jobs of one cluster have: job after job, in each in its own order, so that a page comes by nothing of others.
import { type RawBuilder, sql } from 'kysely';
import { COUNTED_TO, type Condition, type Walk } from './walks.ts';

/** Whose jobs: of a cluster, or those that may have come to nodes of a datacenter; both have to hold. */
export interface JobsOf {
  clusterId?: string | undefined;
  datacenterId?: string | undefined;
}

/** Over a row `j` of job. */
function ofJobs({ clusterId, datacenterId }: JobsOf): Condition[] {
  const conditions: Condition[] = [];
  if (clusterId !== undefined) conditions.push(sql`j.cluster_id = ${clusterId}`);
  if (datacenterId !== undefined)
    conditions.push(
      sql`j.cluster_id = (select cluster_id from datacenter where id = ${datacenterId})`,
      // What was asked for another datacenter came to no node of this one.
      sql`(j.datacenter_id is null or j.datacenter_id = ${datacenterId})`,
    );
  return conditions;
}

/** What is asked of each row where no index has found it, over a row of job_node or job_event. */
export function siftJobsOf(alias: string, { clusterId, datacenterId }: JobsOf): Condition[] {
  const column = (name: string) => sql.ref(`${alias}.${name}`);
  return [
    ...(clusterId === undefined
      ? []
      : [sql`${column('job_id')} in (select id from job where cluster_id = ${clusterId})`]),
    ...(datacenterId === undefined
      ? []
      : [sql`${column('node_id')} in (select id from node where datacenter_id = ${datacenterId})`]),
  ];
}

/**
 * The order and the rows of such a walk.
 * @param number the column by which each job orders its own, from 0 or 1
 * @param jobs what else has to hold of the jobs, over a row `j`
 */
export function jobAfterJob(
  { table, alias, descending }: Pick<Walk, 'table' | 'alias' | 'descending'>,
  number: 'number' | 'position',
  of: JobsOf,
  jobs: readonly Condition[],
): Pick<Walk, 'order' | 'source'> {
  const wanted = sql.join([...ofJobs(of), ...jobs], sql` and `);
  const [direction, beyond] = [sql.raw(descending ? 'desc' : 'asc'), sql.raw(descending ? '<' : '>')];
  const [rows, as, at] = [sql.table(table), sql.ref(alias), sql.ref(number)];
  const from = (keys: readonly RawBuilder<unknown>[] | null): RawBuilder<unknown> => {
    const [jobCreatedOn, jobId, last] = keys ?? [];
    const isLater =
      keys === null ? sql`true` : sql`(j.created_on, j.id) ${beyond}= (${jobCreatedOn}, ${jobId})`;
    const isBeyond = keys === null ? sql`true` : sql`(j.id <> ${jobId} or ${at} ${beyond} ${last})`;
    return sql`(
      select r.*, j.created_on as job_created_on from (
        select j.id, j.created_on from job j where ${wanted} and ${isLater}
        order by j.created_on ${direction}, j.id ${direction}) j
      cross join lateral (
        select * from ${rows} where job_id = j.id and ${isBeyond}
        order by ${at} ${direction} limit ${sql.lit(COUNTED_TO + 1)}) r) as ${as}`;
  };
  return {
    order: [
      { column: 'job_created_on', type: 'timestamptz' },
      { column: 'job_id', type: 'uuid' },
      { column: number, type: 'bigint' },
    ],
    source: {
      rows: sql`(select r.*, j.created_on as job_created_on from ${rows} r join job j on j.id = r.job_id where ${wanted}) as ${as}`,
      from,
    },
  };
}
