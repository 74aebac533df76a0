// An empty, migrated database of its own for each suite, on a real server: the one named by the environment, or the embedded one.
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type Connection, openDatabase } from '../../coordinator/store/database.ts';
import { startEmbeddedPostgres } from '../../coordinator/store/embedded/embedded-postgres.ts';
import { migrate } from '../../coordinator/store/migrate.ts';
import { keepPartitions } from '../../coordinator/store/partitions.ts';
import { silentLogger } from '../../shared/log.ts';

interface Server {
  at(database: string): Connection;
  stop(): Promise<void>;
}

let server: Promise<Server> | null = null;

async function startServer(): Promise<Server> {
  const url = process.env['RINGMASTER_TEST_DATABASE_URL'];
  if (url !== undefined) {
    const at = (database: string): Connection => {
      const own = new URL(url);
      own.pathname = `/${database}`;
      return { url: own.href };
    };
    return { at, stop: async () => {} };
  }
  const dataDirectory = await mkdtemp(join(tmpdir(), 'ringmaster-db-'));
  await chmod(dataDirectory, 0o755); // the server's user has to get there
  const embedded = await startEmbeddedPostgres({ dataDirectory, log: silentLogger });
  return {
    at: (database) => ({ ...embedded.connection, database }),
    stop: async () => {
      await embedded.stop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

async function onServer(statement: string): Promise<void> {
  server ??= startServer();
  const connection = (await server).at('postgres');
  const client = new pg.Client('url' in connection ? { connectionString: connection.url } : connection);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

export interface TestDatabase {
  connection: Connection;
  /** for RINGMASTER_DATABASE_URL of a process under test */
  url: string;
  drop(): Promise<void>;
}

/** A new database without a schema. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  await onServer(`create database ${name}`);
  const connection = (await (server ?? startServer())).at(name);
  const url =
    'url' in connection
      ? connection.url
      : `postgres://${connection.user}${connection.password === undefined ? '' : `:${connection.password}`}@/${name}?host=${encodeURIComponent(connection.host)}&port=${connection.port}`;
  return { connection, url, drop: () => onServer(`drop database ${name} with (force)`) };
}

/** The same, with the schema and open pools. */
export async function createMigratedDatabase() {
  const database = await createTestDatabase();
  const { db, pool } = openDatabase(database.connection, silentLogger, 8);
  await migrate(db);
  await keepPartitions(db);
  return {
    ...database,
    db,
    pool,
    drop: async () => {
      await db.destroy();
      await database.drop();
    },
  };
}

/** Mocha's root hook: ends the server that suites shared. */
export const mochaHooks = {
  async afterAll(): Promise<void> {
    if (server !== null) await (await server).stop();
  },
};
