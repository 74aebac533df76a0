// Nodes that are tried again within a held job: a further job node for each, next in order behind the one that failed, which stays as it is.
import { sql } from 'kysely';
import { uuidv7 } from '../../shared/uuid.ts';
import type { Executor } from './database.ts';

/** Over a row `n` of job_node and one of its job: it failed since the job was last told to go on, and the job holds for it. */
export const HOLDS_JOB = sql<boolean>`n.job_id = job.id and n.status = 'FAILED' and n.ended_on > coalesce(job.resumed_on, '-infinity')
  and (job.hold_on_error or job.continue_on_error and n.batch < job.canary_batches)`;

/**
 * Under the lock of the job's row, so that no pass looks meanwhile.
 * @returns the names of the nodes; none where those that failed are not in the model any more
 */
export async function tryAgain(trx: Executor, jobId: string): Promise<string[]> {
  // The shared locks are against deletes at the same moment, as where a job is made.
  const held = await sql<{ id: string; name: string; position: number }>`
    select n.id, n.node_name as name, n.position from job join job_node n on ${HOLDS_JOB} join node on node.id = n.node_id
    where job.id = ${jobId} order by n.position for key share of node`.execute(trx);
  const failed = held.rows.map(({ id, position }) => ({ of: id, id: uuidv7(), position }));
  const [first] = failed;
  if (first === undefined) return [];
  const given = sql`json_to_recordset(${JSON.stringify(failed)}::json) as g ("of" uuid, id uuid, position int)`;
  // Two nodes have no place in common, at no time: those that make room step below 0 first.
  await sql`update job_node set position = -1 - position - (select count(*)::int from ${given} where g.position < job_node.position)
    where job_id = ${jobId} and position > ${first.position}`.execute(trx);
  await sql`update job_node set position = -1 - position where job_id = ${jobId} and position < 0`.execute(
    trx,
  );
  await sql`with added as (
      insert into job_node (id, job_id, node_id, node_name, datacenter_name, position, batch)
      select g.id, n.job_id, n.node_id, n.node_name, n.datacenter_name, n.position + 1, n.batch
      from ${given} join job_node n on n.id = g."of" returning id)
    insert into job_node_counter (job_node_id) select id from added`.execute(trx);
  await sql`update job_node set retried_on = clock_timestamp(), modified_on = clock_timestamp()
    where id = any(${failed.map(({ of }) => of)}::uuid[])`.execute(trx);
  return held.rows.map(({ name }) => name);
}
