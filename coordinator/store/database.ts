// The pool to PostgreSQL and how its failures become words that callers can act on.
import type { Socket } from 'node:net';
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { Conflict, LcmError, Unavailable } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import { preparing } from './prepared.ts';
import type { DB } from './tables.generated.ts';

export type Database = Kysely<DB>;
export type Pool = pg.Pool;
/** Anything that runs a statement: the pool, or a transaction under way. */
export type Executor = Kysely<DB> | Transaction<DB>;

/** Where the server is: a URL, or the parts of one (a socket directory as `host`). */
export type Connection =
  | { url: string }
  | { host: string; port: number; user: string; database: string; password?: string };

// Counts and identities stay far below 2^53, so bigint columns arrive as numbers.
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === pg.types.builtins.INT8 ? (text: string) => Number(text) : pg.types.getTypeParser(oid, format),
};

/** Our transactions take milliseconds. Shorter than BEAT_LOST_AFTER_S. */
const STANDSTILL_MS = 10_000;

export const poolConfig = (connection: Connection, most: number): pg.PoolConfig => ({
  ...('url' in connection ? { connectionString: connection.url } : connection),
  max: most,
  connectionTimeoutMillis: 5_000,
  // A firewall that forgot an idle connection is noticed before it is needed.
  keepAlive: true,
  keepAliveInitialDelayMillis: 15_000,
  // A coordinator that stands still (a paused machine, a stopped process) must not keep its locks from the others. Before it
  // counts as dead the server ends its transaction; when it moves again it finds a lost connection.
  idle_in_transaction_session_timeout: STANDSTILL_MS,
  application_name: 'ringmaster',
  types,
});

/**
 * Opens the pool. Lost connections are logged and replaced; they never end the process.
 * @param silentMs a connection on which nothing moves for so long is given up, which the kernel would do only after a quarter
 *   of an hour; 0 for never. Idle ones are closed sooner.
 */
export function openDatabase(
  connection: Connection,
  log: Logger,
  most = 16,
  silentMs = 0,
): { db: Database; pool: pg.Pool } {
  const pool = new pg.Pool(poolConfig(connection, most));
  pool.on('error', (err) => log.warn('database connection lost', { component: 'store', err }));
  // Nobody else listens while a transaction thinks between two statements, and an error event unheard ends the process.
  // The statement after it fails in words of its own.
  pool.on('connect', (client) => {
    client.on('error', () => {});
    giveUpWhenSilent(client, silentMs);
  });
  return { db: new Kysely<DB>({ dialect: new PostgresDialect({ pool: preparing(pool) }) }), pool };
}

/**
 * The same pool for those whose callers wait: a statement that gets no answer within the limit, be it that the database hangs or
 * that somebody holds a lock, fails as if the database were away, and its connection is destroyed. Each statement has a limit of
 * its own; waiting for a connection has one besides. Not for work that may take long.
 * @param timings that limit, and the one with which the pool was opened
 */
export function answeringWithin(
  pool: pg.Pool,
  { requestStatementMs, databaseSilentMs }: { requestStatementMs: number; databaseSilentMs: number },
): Database {
  const sent = (client: pg.PoolClient, answer: Promise<unknown>): void => {
    const stream = streamOf(client);
    stream.setTimeout(requestStatementMs);
    const answered = (): void => void stream.setTimeout(databaseSilentMs);
    answer.then(answered, answered);
  };
  return new Kysely<DB>({
    dialect: new PostgresDialect({ pool: preparing(pool, { prefix: 'rq', sent }) }),
  });
}

const streamOf = (client: pg.ClientBase): Socket =>
  (client as unknown as { connection: { stream: Socket } }).connection.stream;

function giveUpWhenSilent(client: pg.ClientBase, silentMs: number): void {
  const stream = streamOf(client);
  stream.on('timeout', () =>
    stream.destroy(Object.assign(new Error('the database fell silent'), { code: 'ETIMEDOUT' })),
  );
  stream.setTimeout(silentMs);
}

/**
 * For a connection that has nothing to ask: it asks all the same, so that one of which only our end is left is noticed.
 * @param silentMs as for openDatabase
 */
export function keepAsking(client: pg.Client, silentMs: number): void {
  if (silentMs === 0) return;
  giveUpWhenSilent(client, silentMs);
  let next: NodeJS.Timeout | undefined;
  client.once('end', () => clearTimeout(next));
  // Never a second question before the answer to the first: what is written counts as a sign of life too.
  const askLater = (): void => {
    next = setTimeout(() => void client.query('select 1').then(askLater, () => {}), silentMs / 2);
  };
  askLater();
}

// SQLSTATE classes and codes (PostgreSQL manual, appendix A) that mean the server is away or refuses work for now.
const AWAY = /^(08...|57P0[1-5]|53[0-9A-Z]{3}|25006)$/;
const AWAY_SYSTEM = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
// What pg says itself. The last one stands for a lost connection too: it is what the rollback of a transaction fails with.
const AWAY_WORDS =
  /Connection terminated|timeout expired|timeout exceeded when trying to connect|Cannot use a pool|is not queryable/;

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

/** True when the database cannot be reached, lets nobody in, or is shutting down, starting up, full or read-only. */
export function isDatabaseAway(error: unknown): boolean {
  const code = codeOf(error);
  if (AWAY.test(code) || AWAY_SYSTEM.has(code)) return true;
  // FATAL ends the connection, whatever the reason: closed for maintenance, dropped, a password changed.
  if (error instanceof pg.DatabaseError && error.severity === 'FATAL') return true;
  return error instanceof Error && AWAY_WORDS.test(error.message);
}

/** True when the server answers, and refuses what takes room (SQLSTATE 53100, whatever the words: a short write has others). */
export const isDiskFull = (error: unknown): boolean => codeOf(error) === '53100';

/**
 * True when what was to be stored is at fault and would be at each try: data exceptions (class 22), violated constraints (23),
 * more than the server can take, as JSON nested too deeply (54).
 */
export const isDataAtFault = (error: unknown): boolean =>
  /^(2[23]|54)/.test(codeOf(error)) || error instanceof RangeError;

/** True when the moment is at fault: a deadlock (class 40), a lock that was not to be had (55), a statement called off (57). */
export const isMomentAtFault = (error: unknown): boolean => /^(40|55|57)/.test(codeOf(error));

export const isDeadlock = (error: unknown): boolean => codeOf(error) === '40P01';
export const isUniqueViolation = (error: unknown): boolean => codeOf(error) === '23505';
/** Which constraint was violated; '' when it was none. */
export const constraintOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'constraint' in error ? String(error.constraint) : '';
export const isForeignKeyViolation = (error: unknown): boolean => codeOf(error) === '23503';

// Lost at the very commit, a change may have been made: nobody must be told that it was not.
const AWAY_MESSAGE =
  'The database is away; whether a change that was under way was made shows once it is back';

const FULL_MESSAGE =
  'The disk of the database is full, and nothing was changed: make room there, and ask again';

/** Turns what PostgreSQL threw into the product's words; what it does not know it returns as it is. */
export function asLcmError(error: unknown): unknown {
  if (error instanceof LcmError) return error;
  if (isDiskFull(error)) return new Unavailable(FULL_MESSAGE, error);
  if (isDatabaseAway(error)) return new Unavailable(AWAY_MESSAGE, error);
  if (isUniqueViolation(error)) return new Conflict('Something with this name is already there', [], error);
  if (isDeadlock(error))
    return new Conflict('Others changed something of it in the same moment: ask again', [], error);
  if (isForeignKeyViolation(error))
    return new Conflict('Something else still refers to it, or what it refers to is gone', [], error);
  return error;
}

/** `full`: it answers, and refuses what takes room. */
export type Standing = 'answers' | 'full' | 'away';

/** More than an installation's own limit on temporary files allows: that says nothing of its disk. */
const TOO_LARGE_A_FILE = '53400';

/** About a megabyte, and gone with the statement: rows that do not fit into memory go to a temporary file. */
async function takeRoom(db: Database): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`set local work_mem = '64kB'`.execute(tx);
    await sql`select count(*) from generate_series(1, 50000)`.execute(tx);
  });
}

/** How the database stands now. @param withinMs later is no answer */
export async function standingOf(db: Database, withinMs = 2_000): Promise<Standing> {
  const answered = takeRoom(db).then(
    (): Standing => 'answers',
    (error: unknown): Standing => {
      if (isDiskFull(error)) return 'full';
      return isDatabaseAway(error) && codeOf(error) !== TOO_LARGE_A_FILE ? 'away' : 'answers';
    },
  );
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<Standing>((resolve) => {
    limit = setTimeout(() => resolve('away'), withinMs);
  });
  return await Promise.race([answered, late]).finally(() => clearTimeout(limit));
}
