// Accounts and sessions: who may sign in, and who has. Times are the database's, so that all coordinators agree.
import { sql } from 'kysely';
import type { Database, Executor } from './database.ts';

/** A use is written down at most this often. */
const TOUCH_EVERY_S = 60;

export async function readPasswordHash(db: Executor, account: string): Promise<string | null> {
  const row = await db
    .selectFrom('account')
    .select('password_hash')
    .where('name', '=', account)
    .executeTakeFirst();
  return row?.password_hash ?? null;
}

/** @returns false when it was there already, and stays as it is */
export async function addAccount(db: Executor, account: string, passwordHash: string): Promise<boolean> {
  const added =
    await sql`insert into account (name, password_hash) values (${account}, ${passwordHash}) on conflict do nothing`.execute(
      db,
    );
  return added.numAffectedRows === 1n;
}

/**
 * Opens a session for whoever proved the password behind `passwordHash`.
 * @returns false when the password was changed meanwhile
 */
export async function openSession(
  db: Executor,
  session: { tokenHash: string; account: string; passwordHash: string; lifetimeS: number },
): Promise<boolean> {
  // The account's row is locked, so that a change of the password either sees this session or is seen by it.
  const opened = await sql`insert into session (token_hash, account_name, expires_on)
    select ${session.tokenHash}, name, now() + make_interval(secs => ${session.lifetimeS}) from account
    where name = ${session.account} and password_hash = ${session.passwordHash} for share`.execute(db);
  return opened.numAffectedRows === 1n;
}

/** @returns the account of a session that holds, and notes that it was used; null when it is over or never was */
export async function useSession(db: Executor, tokenHash: string, idleS: number): Promise<string | null> {
  const touchAfterS = Math.min(TOUCH_EVERY_S, idleS / 4);
  const rows = await sql<{ account_name: string }>`with held as (
      select token_hash, account_name, last_used_on from session where token_hash = ${tokenHash}
        and expires_on > now() and last_used_on > now() - make_interval(secs => ${idleS})),
    touched as (update session set last_used_on = now() from held where session.token_hash = held.token_hash
      and held.last_used_on < now() - make_interval(secs => ${touchAfterS}))
    select account_name from held`.execute(db);
  return rows.rows[0]?.account_name ?? null;
}

export async function endSession(db: Executor, tokenHash: string): Promise<void> {
  await db.deleteFrom('session').where('token_hash', '=', tokenHash).execute();
}

/**
 * Changes the password and ends every session of the account but one.
 * @param change.from the hash that was checked @param change.keep the session that asked; null ends all
 * @returns false when somebody else changed it first: nothing was changed
 */
export async function changePassword(
  db: Database,
  account: string,
  change: { from: string; to: string; keep: string | null },
): Promise<boolean> {
  return await db.transaction().execute(async (trx) => {
    const changed = await sql`update account set password_hash = ${change.to}, password_changed_on = now()
      where name = ${account} and password_hash = ${change.from}`.execute(trx);
    if (changed.numAffectedRows !== 1n) return false;
    await sql`delete from session where account_name = ${account}
      and token_hash is distinct from ${change.keep}`.execute(trx);
    return true;
  });
}

/** Those that are over. */
export async function forgetSessions(db: Executor, idleS: number): Promise<void> {
  await sql`delete from session where expires_on <= now()
    or last_used_on <= now() - make_interval(secs => ${idleS})`.execute(db);
}
