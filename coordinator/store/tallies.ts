// Counts that are kept beside the rows: how many there are is read here and never counted.
import { sql } from 'kysely';
import type { Executor } from './database.ts';

/** @param status only those of this one */
export const tallied =
  (db: Executor, kind: 'job' | 'job_node' | 'job_event', status?: string) => async (): Promise<number> => {
    const rows = await sql<{ n: number }>`select coalesce(sum(n), 0)::bigint as n from tally
      where kind = ${kind} and ${status === undefined ? sql`true` : sql`status = ${status}`}`.execute(db);
    return rows.rows[0]?.n ?? 0;
  };

/** The events of one job, or of one job node. */
export const counted = (db: Executor, table: 'job' | 'job_node', id: string) => async (): Promise<number> => {
  const rows = await sql<{ n: number }>`select event_count as n from ${sql.table(`${table}_counter`)}
    where ${sql.ref(`${table}_id`)} = ${id}`.execute(db);
  return rows.rows[0]?.n ?? 0;
};
