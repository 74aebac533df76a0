// No two database nodes of one cluster by one address: the second would take the first one's place, or its port.
import { sql } from 'kysely';
import { Conflict, pointerTo } from '../../shared/errors.ts';
import type { Executor } from './database.ts';

/** Whom the other nodes, clients and operators know by it; what is not set comes from the next. */
const LISTEN = 'coalesce(%.listen_address, %.ssh_management_address)';
const NATIVE = `nullif(nullif(%.native_transport_address, '0.0.0.0'), '::')`;
const SAME: readonly { field: string; value: string; within?: 'datacenter' }[] = [
  { field: 'ssh-management-address', value: '%.ssh_management_address' },
  { field: 'broadcast-address', value: `coalesce(%.broadcast_address, ${LISTEN})` },
  {
    field: 'native-transport-address',
    value: `coalesce(%.native_transport_broadcast_address, ${NATIVE}, ${LISTEN})`,
  },
  // Datacenters behind routers may have the same private addresses, and then broadcast others.
  { field: 'listen-address', value: LISTEN, within: 'datacenter' },
];
/** IPv6 has many ways to write one address; only what was found to be one gets here with a colon. */
const of = (value: string, row: 'n' | 'o'): string => {
  const text = value.replaceAll('%', row);
  return `(case when ${text} like '%:%' then host((${text})::inet) else lower(${text}) end)`;
};

/**
 * Called in the transaction that made or changed the node. Other clusters may have the same addresses: several database
 * nodes live on one host then, each with ports and directories of its own.
 * @throws Conflict that names the other node and the field
 */
export async function refuseSharedAddress(trx: Executor, nodeId: string): Promise<void> {
  // One after the other in a cluster, so that two that are made at once see each other.
  await sql`select pg_advisory_xact_lock(hashtextextended('node addresses ' || d.cluster_id::text, 0))
    from node n join datacenter d on d.id = n.datacenter_id where n.id = ${nodeId}`.execute(trx);
  const cases = SAME.map(
    ({ field, value, within }) =>
      `when ${of(value, 'n')} = ${of(value, 'o')}${within === undefined ? '' : ' and n.datacenter_id = o.datacenter_id'} then '${field}'`,
  );
  const { rows } = await sql<{ name: string; datacenter: string; field: string }>`select * from (
      select o.name, e.name as datacenter, case ${sql.raw(cases.join(' '))} end as field
      from node n join datacenter d on d.id = n.datacenter_id
      join datacenter e on e.cluster_id = d.cluster_id join node o on o.datacenter_id = e.id and o.id <> n.id
      where n.id = ${nodeId}) others
    where field is not null order by name limit 1`.execute(trx);
  const other = rows[0];
  if (other === undefined) return;
  const message = `is that of node ${JSON.stringify(other.name)} in datacenter ${JSON.stringify(other.datacenter)} of this cluster`;
  throw new Conflict(`The node's ${other.field} ${message}`, [{ pointer: pointerTo(other.field), message }]);
}
