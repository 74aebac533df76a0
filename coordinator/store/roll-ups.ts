// What jobs a cluster, datacenter or node shows, as SQL: from the latest attempt of each node, whatever the job's level was.
import type { Model } from '../../shared/models.ts';

/*
 * The latest attempt of a node is the first open job that is at it or still comes to it, else the newest one that got to it.
 * One that ended before the node's turn attempted nothing: what was true of the node before still is. Jobs of a cluster run one
 * after the other, so the attempt that ended last is the newest; the pass that ends it writes it into the node's row. A job that
 * only looks attempts nothing.
 *
 * Over several nodes: the first open job with the job's own word (WILL_FAIL is none of a node's); once none is open the worst
 * that a node was left with, since one good node makes no good ring. The id is that of the job which the word comes from.
 */

/**
 * A row of job, `j`, that is not through with all of its nodes; the last one is the first to tell. Told that it looks for nulls,
 * PostgreSQL would go through the open nodes of all jobs for each.
 */
const HAS_OPEN_NODE = `(select true from job_node jn where jn.job_id = j.id and coalesce(jn.ended_on, 'infinity') = 'infinity'
  order by jn.position desc limit 1)`;

/** The same, with one in the datacenter `m`: node by node, since most find one soon. */
const HAS_OPEN_NODE_HERE = `(select true from node k cross join lateral (
    select from job_node jn where jn.node_id = k.id and jn.job_id = j.id and jn.ended_on is null limit 1) open_node
  where k.datacenter_id = m.id limit 1)`;

/** Over a datacenter's id; as the index node_worst_attempt has it, so that its first entry is the answer. */
const worstOf = (datacenter: string): string => `select k.attempt_status as status, k.attempt_job_id as id,
    array_position(array['FAILED', 'ORPHANED', 'TERMINATED'], k.attempt_status) as rank, k.attempt_job_number as number
  from node k where k.datacenter_id = ${datacenter} and k.attempt_job_id is not null order by rank, number desc limit 1`;

/** The first row of `open`, else that of `otherwise`: each gives a status and an id. */
const openElse = (open: string, otherwise: string): string => `(select status, id from (
    (select status, id, true as open from (${open}) o)
    union all (select status, id, false from (${otherwise}) e)
  ) either order by open desc limit 1)`;

/** By table: an expression over its row `m` that gives `status` and `id`, or nothing when no job got to it. */
export const ROLL_UPS: Partial<Record<Model['table'], string>> = {
  cluster: openElse(
    `select j.status, j.id from job j where j.cluster_id = m.id and j.ended_on is null and not j.dry_run and ${HAS_OPEN_NODE} order by j.number limit 1`,
    `select w.* from datacenter d cross join lateral (${worstOf('d.id')}) w where d.cluster_id = m.id order by rank, number desc limit 1`,
  ),
  // A job of one datacenter, or of a node of it, has no other nodes; one of the cluster may be through with all of this one's.
  datacenter: openElse(
    `select j.status, j.id from job j where j.cluster_id = m.cluster_id and j.ended_on is null and not j.dry_run
      and case when j.datacenter_id is not null then j.datacenter_id = m.id and ${HAS_OPEN_NODE}
        else ${HAS_OPEN_NODE_HERE} end
      order by j.number limit 1`,
    worstOf('m.id'),
  ),
  node: openElse(
    `select jn.status, jn.job_id as id from job_node jn join job j on j.id = jn.job_id
      where jn.node_id = m.id and jn.ended_on is null and not j.dry_run order by j.number limit 1`,
    'select m.attempt_status as status, m.attempt_job_id as id where m.attempt_job_id is not null',
  ),
};
