// Keeps the monthly partitions of job events ahead of time; what arrives for no month lands in the default one.
import { sql } from 'kysely';
import type { Database } from './database.ts';

/** Months made ahead of the current one. */
const AHEAD = 3;

/** The smallest UUIDv7 of that moment: where a month's partition begins, and the events of a time range. */
export const firstUuid = (atMs: number): string => {
  const hex = atMs.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
};

/** Makes the partitions of this month and the next ones where they are missing. Safe to run side by side. */
export async function keepPartitions(db: Database, nowMs = Date.now()): Promise<void> {
  const now = new Date(nowMs);
  for (let ahead = 0; ahead <= AHEAD; ahead += 1) {
    const from = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead);
    const to = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead + 1);
    const name = `job_event_${new Date(from).toISOString().slice(0, 7).replace('-', '_')}`;
    const known = await sql<{ known: boolean }>`select to_regclass(${name}) is not null as known`.execute(db);
    if (known.rows[0]?.known === true) continue;
    await db.transaction().execute(async (trx) => {
      // Lets one coordinator at a time do this, and nobody put a row in meanwhile.
      await sql`lock table job_event_other in share row exclusive mode`.execute(trx);
      const made = await sql<{ known: boolean }>`select to_regclass(${name}) is not null as known`.execute(
        trx,
      );
      if (made.rows[0]?.known === true) return;
      // An agent whose clock was far ahead has put rows of this month into the default partition: they move along.
      await sql
        .raw(
          `create table ${name} (like job_event including defaults including constraints);
           with early as (delete from job_event_other where id >= '${firstUuid(from)}' and id < '${firstUuid(to)}' returning *)
             insert into ${name} select * from early;
           alter table job_event attach partition ${name} for values from ('${firstUuid(from)}') to ('${firstUuid(to)}')`,
        )
        .execute(trx);
    });
  }
}
