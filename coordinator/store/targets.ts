// What a job aims at: a cluster, datacenter or node with the nodes below it and what an install needs to know.
import { sql } from 'kysely';
import type { JobScope } from '../../shared/actions.ts';
import { NotFound } from '../../shared/errors.ts';
import type { ModelNode } from '../../shared/node-order.ts';
import type { Executor } from './database.ts';
import { HAS_SOURCE, nearest } from './nearest.ts';
import { IS_SEED } from './seeds.ts';

export interface Target {
  cluster: { id: string; name: string };
  /** of the role cassandra: whether no install has changed it yet, and whether the cluster has one for the first that does */
  password: { isDefault: boolean; isGiven: boolean };
  datacenter: { id: string; name: string } | null;
  node: { id: string; name: string } | null;
  nodes: (ModelNode & { hasProfile: boolean; hasSource: boolean })[];
}

/** @throws NotFound when there is no such thing of that kind */
export async function readTarget(db: Executor, scope: JobScope, id: string): Promise<Target> {
  const rows = await sql<{
    cluster_id: string;
    cluster_name: string;
    has_default_password: boolean;
    has_new_password: boolean;
    datacenter_id: string | null;
    datacenter_name: string | null;
    node_id: string | null;
    node_name: string | null;
    rack: string;
    seed: boolean;
    has_profile: boolean;
    has_source: boolean;
  }>`select cl.id as cluster_id, cl.name as cluster_name,
      cl.has_default_password, cl.sealed_new_password is not null as has_new_password,
      d.id as datacenter_id, d.name as datacenter_name, n.id as node_id, n.name as node_name, n.rack, ${sql.raw(IS_SEED)} as seed,
      ${sql.raw(nearest('config_profile_id'))} is not null as has_profile, ${sql.raw(HAS_SOURCE)} as has_source
    from cluster cl left join datacenter d on d.cluster_id = cl.id left join node n on n.datacenter_id = d.id
    where ${scope === 'cluster' ? sql`cl.id` : scope === 'datacenter' ? sql`d.id` : sql`n.id`} = ${id}`.execute(
    db,
  );
  const first = rows.rows[0];
  if (first === undefined) throw new NotFound(scope, id);
  const nodes: Target['nodes'] = [];
  for (const row of rows.rows) {
    if (row.node_id === null) continue;
    nodes.push({
      id: row.node_id,
      name: row.node_name ?? '',
      datacenterName: row.datacenter_name ?? '',
      rack: row.rack,
      seed: row.seed,
      hasProfile: row.has_profile,
      hasSource: row.has_source,
    });
  }
  const part = (id: string | null, name: string | null) => (id === null ? null : { id, name: name ?? '' });
  return {
    cluster: { id: first.cluster_id, name: first.cluster_name },
    password: { isDefault: first.has_default_password, isGiven: first.has_new_password },
    datacenter: scope === 'cluster' ? null : part(first.datacenter_id, first.datacenter_name),
    node: scope === 'node' ? part(first.node_id, first.node_name) : null,
    nodes,
  };
}

/** Whether a cluster has a single node, of whatever datacenter. */
export async function hasOneNode(db: Executor, clusterId: string): Promise<boolean> {
  const rows =
    await sql`select from datacenter d join node n on n.datacenter_id = d.id where d.cluster_id = ${clusterId} limit 2`.execute(
      db,
    );
  return rows.rows.length === 1;
}
