// What a job has left to do, at one moment: its nodes with their times, what it waits for, its canaries and the windows of its cluster.
import { sql } from 'kysely';
import { SETTLE_S } from '../../shared/stop-options.ts';
import type { JobToEnd } from '../core/planning/expected-end.ts';
import type { Executor } from './database.ts';
import { HELD_S } from './held-up.ts';
import { windowsOf } from './windows.ts';
import { CANARY } from './world.ts';

const ms = (column: string) => sql.raw(`(extract(epoch from ${column}) * 1000)::float8`);

/** A job that only looks takes as long as a check. @returns null when it is over, or there is no such job */
export async function readJobToEnd(db: Executor, jobId: string): Promise<JobToEnd | null> {
  const found = await sql<JobToEnd>`
    select ${ms('clock_timestamp()')} as "nowMs", case when j.dry_run then 'check' else j.job_type end as type,
      case when j.dry_run then 0 else coalesce((j.job_data ->> 'settle-seconds')::float8, ${sql.lit(SETTLE_S)}) * 1000 end as "settleMs",
      j.waiting_for as "waitingFor", ${CANARY} as canary,
      case when j.dry_run or j.job_data @> '{"ignore-windows": true}' then '[]' else ${windowsOf(sql`j.cluster_id`)} end as windows,
      coalesce((select json_agg(json_build_object('id', n.node_id, 'batch', coalesce(n.batch, n.position), 'isComplete', n.status = 'COMPLETE',
        'startedMs', ${ms('n.started_on')}, 'endedMs', ${ms('n.ended_on')},
        'heldMs', case when n.started_on is null then 0 else ${HELD_S} * 1000 end) order by n.position) from job_node n where n.job_id = j.id), '[]') as nodes
    from job j where j.id = ${jobId} and j.ended_on is null`.execute(db);
  return found.rows[0] ?? null;
}
