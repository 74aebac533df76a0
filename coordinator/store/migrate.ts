// Forward-only migrations: numbered SQL files, applied in order under an advisory lock and checked at every start.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import type { Database, Executor } from './database.ts';
import { afterDeadlocks } from './transactions.ts';

const folder = fileURLToPath(new URL('./migrations/', import.meta.url));
const LOCK = 0x52494e47; // "RING"
const OLDEST_SERVER = 140_000;

interface Migration {
  name: string;
  sql: string;
  sha256: string;
}

async function readMigrations(): Promise<Migration[]> {
  if (!existsSync(folder)) throw new Error(`no migrations at ${folder}`);
  const names = (await readdir(folder)).filter((name) => /^\d{4}_\w+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(`${folder}${name}`, 'utf8');
      return { name, sql: text, sha256: createHash('sha256').update(text).digest('hex') };
    }),
  );
}

/** Others that are at work meanwhile lock the tables in an order of their own; each time they have less left to do. */
const TRIES = 10;

/**
 * Brings the schema to this version. Two coordinators starting at once take turns. Beside one of an earlier version at work it
 * may come to a deadlock with that one's transactions: then nothing is done, and all of it once more.
 * @returns the names applied now
 * @throws Error when the server is older than 14, when a landed migration was edited, or when the schema is newer than this program
 */
export async function migrate(db: Database): Promise<string[]> {
  const migrations = await readMigrations();
  return await afterDeadlocks(db, async (trx) => await applyAll(trx, migrations), TRIES);
}

async function applyAll(trx: Executor, migrations: readonly Migration[]): Promise<string[]> {
  const version = await sql<{
    number: number;
  }>`select current_setting('server_version_num')::int as number`.execute(trx);
  const number = version.rows[0]?.number ?? 0;
  if (number < OLDEST_SERVER)
    throw new Error(`PostgreSQL ${Math.floor(number / 10_000)} is too old: 14 or newer is needed`);
  await sql`select pg_advisory_xact_lock(${LOCK})`.execute(trx);
  await sql`create table if not exists migration (
    name text primary key, sha256 text not null, applied_on timestamptz not null default now())`.execute(trx);
  const applied = await sql<{
    name: string;
    sha256: string;
  }>`select name, sha256 from migration order by name`.execute(trx);
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const row of applied.rows) {
    const ours = known.get(row.name);
    if (ours === undefined)
      throw new Error(
        `the database has migration ${row.name}, which this version does not know: start a newer version`,
      );
    if (ours.sha256 !== row.sha256)
      throw new Error(`migration ${row.name} was edited after it had been applied`);
  }
  const done = new Set(applied.rows.map((row) => row.name));
  const now = migrations.filter((migration) => !done.has(migration.name));
  for (const migration of now) {
    await sql.raw(migration.sql).execute(trx);
    await sql`insert into migration (name, sha256) values (${migration.name}, ${migration.sha256})`.execute(
      trx,
    );
  }
  return now.map((migration) => migration.name);
}
