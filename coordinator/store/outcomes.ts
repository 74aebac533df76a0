// What an ended run or job leaves in the model: the node's facts, what is converged, what became of the default password.
import { sql } from 'kysely';
import type { Executor } from './database.ts';

/** Facts are the first thing that a run tells, and the last; looking further would read all that a long run told. */
const FACTS_WITHIN_EVENTS = 50;
const eventsFrom = (end: 'asc' | 'desc') => sql`(select e.number, e.event_subtype, e.after from job_event e
            where e.job_id = jn.job_id and e.job_node_id = jn.id order by e.number ${sql.raw(end)} limit ${FACTS_WITHIN_EVENTS})`;

/**
 * Called by the pass that ends job nodes; one that ended before the node's turn leaves nothing. An upgrade that has nothing to
 * upgrade writes no configuration. The configuration that a node was given is the model's as of the moment its run was made,
 * not as of its end: what an operator changed in between is not on the node. A job that only looked leaves what it saw, and is no
 * attempt.
 */
export async function keepNodeOutcomes(trx: Executor, jobNodeIds: readonly string[]): Promise<void> {
  await sql`with ended as (
      select jn.node_id, jn.status, jn.job_id, j.number, j.cluster_id, r.outcome = 'succeeded' as succeeded, r.created_on,
        not j.dry_run and (j.job_type in ('install', 'configure') or j.job_type = 'upgrade' and r.wrote_config) as configures,
        j.dry_run as looked,
        r.input ->> 'defaultPassword' = 'to-change' as changed_password,
        (select told.after from (${eventsFrom('asc')} union all ${eventsFrom('desc')}) told
          where told.event_subtype = 'facts' and json_typeof(told.after) = 'object'
          order by told.number desc limit 1) as facts
      from job_node jn join job j on j.id = jn.job_id
        left join lateral (select * from run where job_node_id = jn.id order by created_on desc limit 1) r on true
      where jn.id = any(${jobNodeIds}::uuid[]) and (jn.started_on is not null or jn.status not in ('TERMINATED', 'ORPHANED'))
    ), password as (
      update cluster set has_default_password = false from ended
      where cluster.id = ended.cluster_id and ended.succeeded and ended.changed_password
    )
    update node set facts = coalesce(ended.facts, node.facts),
      converged_on = case when ended.succeeded and ended.configures then ended.created_on else node.converged_on end,
      attempt_status = case when ended.looked then node.attempt_status else ended.status end,
      attempt_job_id = case when ended.looked then node.attempt_job_id else ended.job_id end,
      attempt_job_number = case when ended.looked then node.attempt_job_number else ended.number end
    from ended where node.id = ended.node_id`.execute(trx);
}

/** LCM API: `opsc-cluster-id` is "set after first successful install". */
export async function keepInstalled(trx: Executor, jobId: string): Promise<void> {
  await sql`update cluster set opsc_cluster_id = cluster.id from job j where j.id = ${jobId}
    and j.job_type = 'install' and not j.dry_run and cluster.id = j.cluster_id and cluster.opsc_cluster_id is null`.execute(
    trx,
  );
}
