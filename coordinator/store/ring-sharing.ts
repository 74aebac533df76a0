// With whom nodes share replica sets, as rows: kept when a stop is allowed, read when batches are made.
import { sql } from 'kysely';
import type { SharedKeyspaces, Sharing } from '../core/planning/sharing.ts';
import type { Executor } from './database.ts';

export async function keepSharing(
  trx: Executor,
  nodeId: string,
  { address, groups }: Sharing,
): Promise<void> {
  await sql`insert into ring_sharing (node_id, address, groups) values (${nodeId}, ${address}, ${JSON.stringify(groups)}::jsonb)
    on conflict (node_id) do update set address = excluded.address, groups = excluded.groups, seen_on = excluded.seen_on`.execute(
    trx,
  );
}

/** @returns by node; without those that were never given leave to be stopped */
export async function readSharing(db: Executor, nodeIds: readonly string[]): Promise<Map<string, Sharing>> {
  const rows = await sql<{ node_id: string; address: string; groups: SharedKeyspaces[] }>`
    select node_id, address, groups from ring_sharing where node_id = any(${[...nodeIds]}::uuid[])`.execute(
    db,
  );
  return new Map(rows.rows.map(({ node_id, address, groups }) => [node_id, { address, groups }]));
}
