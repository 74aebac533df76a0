// What jobs a cluster, datacenter or node shows, as SQL: from the latest attempt of each node, whatever the job's level was.
import type { Model } from '../../shared/models.ts';

/**
 * The latest attempt of the row `n` of node: the first open job that is at it or still comes to it, else the newest one that
 * got to it. One that ended before the node's turn attempted nothing: what was true of the node before still is. Jobs of a
 * cluster run one after the other, so when they got to a node says which one was last.
 */
const ATTEMPT = `select * from (
  (select jn.status, true as open, j.id, j.number, j.status as job_status
    from job_node jn join job j on j.id = jn.job_id
    where jn.node_id = n.id and jn.ended_on is null order by j.number limit 1)
  union all
  (select last.status, false, j.id, j.number, j.status from (
      select jn.status, jn.job_id from job_node jn
      where jn.node_id = n.id
        and (jn.started_on is not null or (jn.ended_on is not null and jn.status not in ('TERMINATED', 'ORPHANED')))
      order by coalesce(jn.started_on, jn.ended_on) desc limit 1
    ) last join job j on j.id = last.job_id)
  ) attempts order by open desc limit 1`;

/**
 * Over those nodes: the first open job with the job's own word (WILL_FAIL is none of a node's); once none is open the worst
 * that a node was left with, since one good node makes no good ring. The id is that of the job which the word comes from.
 */
const over = (
  nodes: string,
): string => `(select case when a.open then a.job_status else a.status end as status, a.id
  from ${nodes} cross join lateral (${ATTEMPT}) a
  order by a.open desc, case when a.open then a.number end,
    array_position(array['FAILED', 'ORPHANED', 'TERMINATED'], a.status), a.number desc limit 1)`;

/** By table: an expression over its row `m` that gives `status` and `id`, or nothing when no job got to it. */
export const ROLL_UPS: Partial<Record<Model['table'], string>> = {
  cluster: over(
    '(select k.id from datacenter d join node k on k.datacenter_id = d.id where d.cluster_id = m.id) n',
  ),
  datacenter: over('(select k.id from node k where k.datacenter_id = m.id) n'),
  node: `(select a.status, a.id from (select m.id) n cross join lateral (${ATTEMPT}) a)`,
};
