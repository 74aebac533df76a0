// Whether an install can change the default password, which its last node does last: known from the model before its first.
import { sql } from 'kysely';
import type { Product } from '../../shared/config-files.ts';
import { withoutPasswords } from '../definitions/authentication.ts';
import type { Executor } from './database.ts';
import { nearest } from './nearest.ts';

/**
 * @param nodeId the last node of the job
 * @returns why the role cassandra has no password there, as a sentence; null when it may have one, or the model is too small to say
 */
export async function passwordObstacle(db: Executor, nodeId: string): Promise<string | null> {
  const { rows } = await sql<{
    node: string;
    profile: string;
    product: Product;
    version: string;
    json: Record<string, Record<string, unknown>> | null;
  }>`select n.name as node, p.name as profile, p.product, p.datastax_version as version, p.json
    from node n join datacenter d on d.id = n.datacenter_id join cluster cl on cl.id = d.cluster_id
      join config_profile p on p.id = ${sql.raw(nearest('config_profile_id'))}
    where n.id = ${nodeId}`.execute(db);
  const row = rows[0];
  const reason = row === undefined ? null : withoutPasswords(row.product, row.version, row.json ?? {});
  if (row === undefined || reason === null) return null;
  return `The default password of cassandra cannot be changed: ${reason} (config profile ${row.profile} of node ${row.node}). Set it to PasswordAuthenticator there, or give no new password`;
}
