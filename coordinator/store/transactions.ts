// Transactions that join the one under way: whoever stores several things together decides how much that is.
import { sql } from 'kysely';
import type { Database, Executor } from './database.ts';

/**
 * Does the work whole or not at all. Within a transaction it is a part of it, which can fail alone: who catches the error
 * may go on.
 */
export async function whole<T>(db: Executor, work: (trx: Executor) => Promise<T>): Promise<T> {
  if (!db.isTransaction) return await (db as Database).transaction().execute(work);
  await sql`savepoint part`.execute(db);
  try {
    const done = await work(db);
    await sql`release savepoint part`.execute(db);
    return done;
  } catch (error) {
    // Where the connection is lost there is nothing to go back to, and the first error is the one that says why.
    await sql`rollback to savepoint part`.execute(db).catch(() => {});
    throw error;
  }
}
