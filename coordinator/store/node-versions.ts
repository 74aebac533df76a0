// Which version the last job of a node saw installed on it, and which its config profile asks for.
import { sql } from 'kysely';
import { z } from 'zod';
import type { Product } from '../../shared/config-files.ts';
import type { Executor } from './database.ts';
import { nearest } from './nearest.ts';

export interface NodeVersions {
  name: string;
  installed: { product: string; version: string };
  wanted: { product: Product; version: string };
}

/** Read here: PostgreSQL looks into no JSON that has a NUL in it, as a fact may. */
const FACTS = z.object({ installed: z.object({ product: z.string(), version: z.string() }) });

/** Of those nodes of which both are known, by name. */
export async function readNodeVersions(db: Executor, nodeIds: readonly string[]): Promise<NodeVersions[]> {
  const { rows } = await sql<{ name: string; facts: unknown; product: Product; version: string }>`
    select n.name, n.facts, p.product, p.datastax_version as version
    from node n join datacenter d on d.id = n.datacenter_id join cluster cl on cl.id = d.cluster_id
      join config_profile p on p.id = ${sql.raw(nearest('config_profile_id'))}
    where n.id = any(${nodeIds}) and n.facts is not null order by n.name`.execute(db);
  return rows.flatMap(({ name, facts, product, version }) => {
    const seen = FACTS.safeParse(facts);
    return seen.success ? [{ name, installed: seen.data.installed, wanted: { product, version } }] : [];
  });
}
