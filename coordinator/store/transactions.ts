// Transactions that join the one under way: whoever stores several things together decides how much that is.
import { sql } from 'kysely';
import { type Database, type Executor, isDeadlock } from './database.ts';

const TRIES = 3;

/** Work as a transaction of its own. Of two that wait for each other one is ended: done anew, it finds the other done. */
export async function afterDeadlocks<T>(
  db: Database,
  work: (trx: Executor) => Promise<T>,
  most = TRIES,
): Promise<T> {
  for (let tries = 1; ; tries += 1)
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (!isDeadlock(error) || tries === most) throw error;
    }
}

/**
 * Does the work whole or not at all. Within a transaction it is a part of it, which can fail alone: who catches the error
 * may go on. Else it is done anew after a deadlock.
 */
export async function whole<T>(db: Executor, work: (trx: Executor) => Promise<T>): Promise<T> {
  if (!db.isTransaction) return await afterDeadlocks(db as Database, work);
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
