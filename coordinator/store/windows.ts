// The maintenance windows and freezes of a cluster, as the core reads them, and jobs that pass them over.
import { type RawBuilder, sql } from 'kysely';
import type { MaintenanceWindow } from '../core/windows/times.ts';
import type { Executor } from './database.ts';

/** @param clusterId an expression of the statement around it */
export const windowsOf = (clusterId: RawBuilder<unknown>): RawBuilder<MaintenanceWindow[]> => sql`(
  select coalesce(json_agg(json_build_object('id', w.id, 'name', w.name, 'kind', w.kind, 'times', case when w.cron is null
      then json_build_object('fromMs', (extract(epoch from w."from") * 1000)::float8, 'untilMs', (extract(epoch from w.until) * 1000)::float8)
      else json_build_object('cron', w.cron, 'timeZone', w.time_zone, 'minutes', w.duration) end) order by w.name, w.id), '[]'::json)
  from maintenance_window w where w.cluster_id = ${clusterId})`;

/** With PostgreSQL's clock. */
export async function readWindows(
  db: Executor,
  clusterId: string,
): Promise<{ nowMs: number; windows: MaintenanceWindow[] }> {
  const found = await sql<{ nowMs: number; windows: MaintenanceWindow[] }>`
    select (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs", ${windowsOf(sql`${clusterId}::uuid`)} as windows`.execute(
    db,
  );
  return found.rows[0] ?? { nowMs: Date.now(), windows: [] };
}

/** A job that was asked for with leave to does so for the first time. */
export async function noteWindowsIgnored(trx: Executor, jobId: string): Promise<void> {
  await sql`update job set windows_ignored_on = clock_timestamp() where id = ${jobId}`.execute(trx);
}
