// What a retry of a job takes over: its type, target and options, and the nodes that were not COMPLETE.
import { sql } from 'kysely';
import type { JobScope, JobType } from '../../shared/actions.ts';
import { Conflict, NotFound } from '../../shared/errors.ts';
import type { Executor } from './database.ts';

export interface Retried {
  type: JobType;
  scope: JobScope;
  resourceId: string;
  description: string | null;
  jobData: Record<string, unknown>;
  nodeIds: ReadonlySet<string>;
}

/** @throws NotFound, or Conflict for a job that is not over or has nothing left to do */
export async function readRetried(db: Executor, id: string): Promise<Retried> {
  const found = await sql<Omit<Retried, 'nodeIds'> & { status: string; over: boolean; nodeIds: string[] }>`
    select j.job_type as type, j.job_scope as scope, coalesce(j.node_id, j.datacenter_id, j.cluster_id) as "resourceId",
      j.description, j.job_data as "jobData", j.status, j.ended_on is not null as over,
      array(select n.node_id from job_node n where n.job_id = j.id and n.status <> 'COMPLETE' and n.retried_on is null) as "nodeIds"
    from job j where j.id = ${id}`.execute(db);
  const job = found.rows[0];
  if (job === undefined) throw new NotFound('job', id);
  const { status, over, nodeIds, ...retried } = job;
  if (!over) throw new Conflict(`Job ${id} is not over (${status}): wait for it or terminate it first`);
  if (nodeIds.length === 0)
    throw new Conflict(`All nodes of job ${id} are COMPLETE: there is nothing to retry`);
  return { ...retried, nodeIds: new Set(nodeIds) };
}
