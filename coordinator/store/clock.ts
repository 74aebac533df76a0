// PostgreSQL's clock, by which whatever is due is found: those of coordinators may differ from it, and from each other.
import { sql } from 'kysely';
import type { Executor } from './database.ts';

/** Milliseconds since 1970, as it stands when the row is read. */
export const NOW_MS = '(extract(epoch from clock_timestamp()) * 1000)::float8';

export async function readClock(db: Executor): Promise<number> {
  const read = await sql<{ nowMs: number }>`select ${sql.raw(NOW_MS)} as "nowMs"`.execute(db);
  return read.rows[0]?.nowMs ?? Number.NaN;
}
