// With whom nodes share replica sets, as rows: kept when a stop is allowed and when a node is checked, read when batches are made; and how long nodes took.
import { sql } from 'kysely';
import type { JobType } from '../../shared/actions.ts';
import { SETTLE_S } from '../../shared/stop-options.ts';
import type { SharedKeyspaces, Sharing } from '../core/planning/sharing.ts';
import type { Executor } from './database.ts';
import { HELD_S } from './held-up.ts';

export async function keepSharing(
  trx: Executor,
  nodeId: string,
  { address, groups }: Sharing,
): Promise<void> {
  await sql`insert into ring_sharing (node_id, address, groups)
    select id, ${address}, ${JSON.stringify(groups)}::jsonb from node where id = ${nodeId} for key share
    on conflict (node_id) do update set address = excluded.address, groups = excluded.groups, seen_on = excluded.seen_on`.execute(
    trx,
  );
}

/** Whether it was told lately: a node of a large ring is not to tell all its ranges at every check. */
export async function knowsSharing(db: Executor, nodeId: string): Promise<boolean> {
  const rows =
    await sql`select from ring_sharing where node_id = ${nodeId} and seen_on > now() - interval '1 hour'`.execute(
      db,
    );
  return rows.rows.length > 0;
}

/** @returns by node, and since when that is known; without those that were neither given leave to be stopped nor checked */
export async function readSharing(
  db: Executor,
  nodeIds: readonly string[],
): Promise<Map<string, Sharing & { seenMs: number }>> {
  const rows = await sql<{ node_id: string; address: string; groups: SharedKeyspaces[]; seenMs: number }>`
    select node_id, address, groups, (extract(epoch from seen_on) * 1000)::float8 as "seenMs" from ring_sharing
    where node_id = any(${[...nodeIds]}::uuid[])`.execute(db);
  return new Map(
    rows.rows.map(({ node_id, address, groups, seenMs }) => [node_id, { address, groups, seenMs }]),
  );
}

/** @returns by node: how many seconds its last job of this type took that went well, without what held it up and what it was left in peace for; those for stale nodes only stop few */
export async function readSeconds(
  db: Executor,
  type: JobType,
  nodeIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await sql<{ node_id: string; seconds: number }>`
    select wanted.id as node_id, last.seconds from unnest(${[...nodeIds]}::uuid[]) as wanted (id)
    cross join lateral (
      select greatest(0, took.s - case when took.s > settle.s then settle.s else 0 end) as seconds from job_node n join job j on j.id = n.job_id
        cross join lateral (select extract(epoch from n.ended_on - n.started_on)::float8 - ${HELD_S} as s) took
        cross join lateral (select coalesce((j.job_data ->> 'settle-seconds')::float8, ${sql.lit(SETTLE_S)}) as s) settle
      where n.node_id = wanted.id and n.status = 'COMPLETE' and n.started_on is not null and j.job_type = ${type} and not j.dry_run
        and not j.job_data @> '{"only-stale": true}'
      order by n.created_on desc, n.id desc limit 1) last`.execute(db);
  return new Map(rows.rows.map(({ node_id, seconds }) => [node_id, seconds]));
}
