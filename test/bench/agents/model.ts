// Clusters and nodes by the thousand, straight into the database, and identities signed by the coordinator's own authority.
import { join } from 'node:path';
import type { Identity } from '../../../agent/identity/identity.ts';
import { createKeyAndRequest } from '../../../agent/identity/key-and-request.ts';
import { loadMasterKey } from '../../../coordinator/security/master-key.ts';
import { SealBox } from '../../../coordinator/security/seal.ts';
import { openDatabase } from '../../../coordinator/store/database.ts';
import { loadAuthority } from '../../../coordinator/store/identities.ts';
import { silentLogger } from '../../../shared/log.ts';
import type { CoordinatorSite } from './coordinator-site.ts';

export interface Many {
  clusterIds: string[];
  nodeIds: string[];
}

/** Each cluster with one datacenter and as many nodes; all that a restart job needs. */
export async function modelMany(
  { sql, rest }: CoordinatorSite,
  clusters: number,
  nodes: number,
): Promise<Many> {
  const profile = await rest.post('config_profiles/', {
    name: 'many',
    'datastax-version': '5.0.8',
    product: 'cassandra',
    json: {},
  });
  const ids = async (statement: string, values: unknown[]): Promise<string[]> =>
    (await sql.query<{ id: string }>(statement, values)).rows.map(({ id }) => id);
  const clusterIds = await ids(
    `insert into cluster (id, name, config_profile_id)
      select gen_random_uuid(), 'many-' || n, $2 from generate_series(1, $1::int) n returning id`,
    [clusters, profile['id']],
  );
  await sql.query(
    `insert into datacenter (id, name, cluster_id) select gen_random_uuid(), 'dc1', unnest($1::uuid[])`,
    [clusterIds],
  );
  const nodeIds = await ids(
    `insert into node (id, name, datacenter_id, ssh_management_address)
      select gen_random_uuid(), 'node-' || n, d.id, '10.0.0.' || n % 250
      from datacenter d, generate_series(1, $2::int) n where d.cluster_id = any($1::uuid[]) returning id`,
    [clusterIds, nodes],
  );
  return { clusterIds, nodeIds };
}

/** What enrolment would have given to each node, by the same code. */
export async function identitiesOf(site: CoordinatorSite, nodeIds: readonly string[]): Promise<Identity[]> {
  const { db } = openDatabase(site.database.connection, silentLogger, 1);
  try {
    const box = new SealBox(loadMasterKey({ defaultFile: join(site.directory, 'master.key') }));
    const authority = await loadAuthority(db, box);
    const identities: Identity[] = [];
    for (const nodeId of nodeIds) {
      const { privateKeyPem, csrPem } = createKeyAndRequest();
      const { certificatePem } = await authority.signAgentRequest({ csrPem, nodeId });
      identities.push({
        nodeId,
        privateKeyPem,
        certificatePem,
        caPem: authority.certificatePem,
        coordinatorAddresses: [site.agentAddress],
      });
    }
    return identities;
  } finally {
    await db.destroy();
  }
}
