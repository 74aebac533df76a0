// Many nodes of one cluster and jobs with runs on them, written straight into a database: what a whole fleet would have left.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../../coordinator/store/database.ts';

/** @returns the nodes' ids, ascending */
export async function insertNodes(db: Database, count: number): Promise<string[]> {
  const [clusterId, datacenterId] = [randomUUID(), randomUUID()];
  await sql`insert into cluster (id, name) values (${clusterId}, ${clusterId})`.execute(db);
  await sql`insert into datacenter (id, name, cluster_id) values (${datacenterId}, 'd', ${clusterId})`.execute(
    db,
  );
  const rows = await sql<{ id: string }>`insert into node (id, name, datacenter_id, ssh_management_address)
    select gen_random_uuid(), 'n' || n, ${datacenterId}, '127.0.0.1' from generate_series(1, ${count}::int) n returning id`.execute(
    db,
  );
  return rows.rows.map(({ id }) => id).sort();
}

/** A job under way with one node under way. @returns its ids */
export async function insertRunOf(
  db: Database,
  nodeId: string,
  { accepted = true, fenced = false } = {},
): Promise<{ jobId: string; jobNodeId: string; runId: string }> {
  const ids = { jobId: randomUUID(), jobNodeId: randomUUID(), runId: randomUUID() };
  const { jobId, jobNodeId, runId } = ids;
  await sql`insert into job (id, job_type, job_scope, cluster_id, cluster_name, job_data, idle_after_s, status, started_on)
    values (${jobId}, 'restart', 'cluster', ${randomUUID()}, 'c', '{}', 300, 'RUNNING', now())`.execute(db);
  await sql`insert into job_node (id, job_id, node_id, node_name, datacenter_name, position, status, started_on)
    values (${jobNodeId}, ${jobId}, ${nodeId}, 'n', 'd', 0, 'RUNNING', now())`.execute(db);
  await sql`insert into run (id, job_id, job_node_id, node_id, input, accepted_on, fenced_on)
    values (${runId}, ${jobId}, ${jobNodeId}, ${nodeId}, '{}', case when ${accepted} then now() end,
      case when ${fenced} then now() end)`.execute(db);
  return ids;
}

/** Counts the statements that write to a table from now on. */
export async function countWritesOf(db: Database, table: 'agent' | 'run'): Promise<() => Promise<number>> {
  await sql
    .raw(`create sequence writes_of_${table};
    create function count_writes_of_${table}() returns trigger language plpgsql
      as $$ begin perform nextval('writes_of_${table}'); return null; end $$;
    create trigger count_writes after insert or update on ${table} for each statement
      execute function count_writes_of_${table}()`)
    .execute(db);
  return async () => {
    const answer = await sql
      .raw<{ n: number }>(
        `select case when is_called then last_value else 0 end as n from writes_of_${table}`,
      )
      .execute(db);
    return answer.rows[0]?.n ?? Number.NaN;
  };
}
