// Opens the database, the operator's or the embedded one, and brings its schema up to date.
import { join } from 'node:path';
import { reasonOf, Unavailable } from '../shared/errors.ts';
import type { Logger } from '../shared/log.ts';
import type { Config } from './config.ts';
import {
  type Connection,
  type Database,
  isDatabaseAway,
  isDiskFull,
  openDatabase,
  type Pool,
} from './store/database.ts';
import { startEmbeddedPostgres } from './store/embedded/embedded-postgres.ts';
import { migrate } from './store/migrate.ts';
import { keepPartitions } from './store/partitions.ts';

const MOST_CONNECTIONS = 16;

export interface Store {
  db: Database;
  pool: Pool;
  connection: Connection;
  /** Resolves with the reason when the embedded server ends by itself; null with a server of the operator's. */
  ended: Promise<string> | null;
  close(): Promise<void>;
}

interface Server {
  connection: Connection;
  stop: () => Promise<void>;
  exited: Promise<string> | null;
  /** in one sentence, for an operator */
  refusal: (failed: Error) => Unavailable;
}

async function serverOf({ databaseUrl, dataDirectory }: Config, log: Logger): Promise<Server> {
  if (databaseUrl === null)
    return await startEmbeddedPostgres({ dataDirectory: join(dataDirectory, 'postgres'), log });
  const why = (failed: Error): string =>
    isDiskFull(failed) ? "the database's disk is full" : 'the database cannot be reached';
  return {
    connection: { url: databaseUrl },
    stop: async () => {},
    exited: null,
    refusal: (failed) => new Unavailable(`database-url: ${why(failed)}: ${reasonOf(failed)}`, failed),
  };
}

/** A migration may take as long as it takes, so it has a connection of its own. */
async function migrated(connection: Connection, log: Logger): Promise<void> {
  const { db } = openDatabase(connection, log, 1);
  try {
    const applied = await migrate(db);
    if (applied.length > 0)
      log.info('schema brought up to date', { component: 'main', count: applied.length });
    await keepPartitions(db);
  } finally {
    await db.destroy();
  }
}

/** @throws Unavailable when there is no database to be had, in one sentence */
export async function openStore(config: Config, silentMs: number, log: Logger): Promise<Store> {
  const { connection, stop, exited, refusal } = await serverOf(config, log);
  try {
    await migrated(connection, log);
  } catch (error) {
    const told = error instanceof Error && isDatabaseAway(error) ? refusal(error) : error;
    await stop();
    throw told;
  }
  const { db, pool } = openDatabase(connection, log, MOST_CONNECTIONS, silentMs);
  return {
    db,
    pool,
    connection,
    ended: exited,
    close: async () => {
      await db.destroy();
      await stop();
    },
  };
}
