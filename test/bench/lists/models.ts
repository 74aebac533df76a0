// Fifty rings of two hundred nodes each, as operators have entered them: every node was worked on, many are being worked on now.

export const RINGS = 50;
const NODES_A_RING = 200;
const DATACENTERS_A_RING = 2;

/** What an agent tells of its machine: about as much as a node's row holds without storing it elsewhere. */
const FACTS = `json_build_object('hostname', 'node-' || n, 'os', 'Debian GNU/Linux 12', 'memory', 65536, 'paths', repeat('/var/lib/cassandra ', 70))`;

/** Ids as those of the jobs, so that the jobs are theirs. */
export const MODELS: readonly string[] = [
  `insert into cluster (id, name, created_on) select md5('cluster' || c)::uuid, 'cluster ' || c, now() - interval '1 year' + interval '1 hour' * c
    from generate_series(0, ${RINGS - 1}) c`,
  `insert into datacenter (id, name, cluster_id) select md5('dc' || c || '/' || d)::uuid, 'dc' || d, md5('cluster' || c)::uuid
    from generate_series(0, ${RINGS - 1}) c, generate_series(0, ${DATACENTERS_A_RING - 1}) d`,
  `insert into node (id, name, datacenter_id, ssh_management_address, rack, facts, converged_on, created_on)
    select md5('node' || c || '/' || n)::uuid, 'node' || n, md5('dc' || c || '/' || n % ${DATACENTERS_A_RING})::uuid,
      '10.' || c || '.0.' || n, 'rack' || n % 3, ${FACTS}, now() - interval '1 month', now() - interval '1 year'
    from generate_series(0, ${RINGS - 1}) c, generate_series(0, ${NODES_A_RING - 1}) n`,
  `insert into coordinator (id) values (md5('coordinator')::uuid)`,
  `insert into agent (node_id, version, hostname, coordinator_id, session_id, connected_on)
    select id, '0.1.0', name, md5('coordinator')::uuid, id, now() from node`,
];

/**
 * A rolling job over all of each ring, as the lists of jobs have them too: ended a year ago; and one that is half-way
 * through those rings which have no other job open.
 */
export const RING_JOBS: readonly string[] = [ring('past', 0, false), ring('present', 20, true)];

/** What the passes would have written. */
export const ATTEMPTS = `
  update node set attempt_status = last.status, attempt_job_id = last.job_id, attempt_job_number = last.number
  from (select distinct on (jn.node_id) jn.node_id, jn.status, jn.job_id, j.number from job_node jn join job j on j.id = jn.job_id
    where jn.started_on is not null and jn.ended_on is not null order by jn.node_id, jn.started_on desc) last
  where last.node_id = node.id`;

function ring(word: string, first: number, isOpen: boolean): string {
  const at = isOpen ? `now() - interval '30 minutes'` : `now() - interval '13 months'`;
  return `with made as (
      insert into job (id, job_type, job_scope, status, cluster_id, cluster_name, job_data, created_on, started_on, ended_on)
      select uuid_at(${at}, '${word}' || c), 'restart', 'cluster', '${isOpen ? 'RUNNING' : 'COMPLETE'}', md5('cluster' || c)::uuid,
        'cluster ' || c, '{"job-type": "restart"}', ${at}, ${at}, ${isOpen ? 'null' : `${at} + interval '20 minutes'`}
      from generate_series(${first}, ${RINGS - 1}) c returning id, cluster_name),
    counters as (insert into job_counter (job_id) select id from made)
    insert into job_node (id, job_id, node_id, node_name, datacenter_name, position, status, created_on, started_on, ended_on)
    select uuid_at(${at}, id::text || n), id, md5('node' || substr(cluster_name, 9) || '/' || n)::uuid, 'node' || n,
      'dc' || n % ${DATACENTERS_A_RING}, n,
      case when n < ended then case when n % 50 = 7 then 'FAILED' else 'COMPLETE' end when n = ended then 'RUNNING' else 'PENDING' end,
      ${at}, case when n <= ended then ${at} + interval '1 second' * n end, case when n < ended then ${at} + interval '1 second' * (n + 1) end
    from made, generate_series(0, ${NODES_A_RING - 1}) n, (values (${isOpen ? NODES_A_RING / 2 : NODES_A_RING})) half (ended)`;
}
