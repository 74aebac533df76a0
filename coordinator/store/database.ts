// The pool to PostgreSQL and how its failures become words that callers can act on.
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { Conflict, LcmError, Unavailable } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import { preparing } from './prepared.ts';
import type { DB } from './tables.generated.ts';

export type Database = Kysely<DB>;
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

export const poolConfig = (connection: Connection, most: number): pg.PoolConfig => ({
  ...('url' in connection ? { connectionString: connection.url } : connection),
  max: most,
  connectionTimeoutMillis: 5_000,
  application_name: 'ringmaster',
  types,
});

/** Opens the pool. Lost idle connections are logged and replaced; they never end the process. */
export function openDatabase(
  connection: Connection,
  log: Logger,
  most = 16,
): { db: Database; pool: pg.Pool } {
  const pool = new pg.Pool(poolConfig(connection, most));
  pool.on('error', (err) => log.warn('database connection lost', { component: 'store', err }));
  return { db: new Kysely<DB>({ dialect: new PostgresDialect({ pool: preparing(pool) }) }), pool };
}

// SQLSTATE classes and codes (PostgreSQL manual, appendix A) that mean the server is away or refuses work for now.
const AWAY = /^(08...|57P0[1-5]|53[0-9A-Z]{3}|25006)$/;
const AWAY_SYSTEM = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

/** True when the database cannot be reached or is shutting down, starting up, full or read-only. */
export function isDatabaseAway(error: unknown): boolean {
  const code = codeOf(error);
  if (AWAY.test(code) || AWAY_SYSTEM.has(code)) return true;
  return (
    error instanceof Error &&
    /Connection terminated|timeout exceeded when trying to connect|Cannot use a pool/.test(error.message)
  );
}

/** True when the same transaction may well succeed now: the database is back, or a deadlock or race is over. */
export const isRetryable = (error: unknown): boolean =>
  isDatabaseAway(error) || ['40001', '40P01'].includes(codeOf(error));

export const isUniqueViolation = (error: unknown): boolean => codeOf(error) === '23505';
/** Which constraint was violated; '' when it was none. */
export const constraintOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'constraint' in error ? String(error.constraint) : '';
export const isForeignKeyViolation = (error: unknown): boolean => codeOf(error) === '23503';

/** Turns what PostgreSQL threw into the product's words; what it does not know it returns as it is. */
export function asLcmError(error: unknown): unknown {
  if (error instanceof LcmError) return error;
  if (isDatabaseAway(error)) return new Unavailable('The database is away; nothing was changed', error);
  if (isUniqueViolation(error)) return new Conflict('Something with this name is already there', [], error);
  if (isForeignKeyViolation(error))
    return new Conflict('Something else still refers to it, or what it refers to is gone', [], error);
  return error;
}

/** Whether the database answers at all. */
export const answers = (db: Database): Promise<boolean> =>
  sql`select 1`.execute(db).then(
    () => true,
    () => false,
  );
