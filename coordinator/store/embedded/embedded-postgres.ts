// A real PostgreSQL under the data directory: durable, on a private socket, unprivileged, and gone when its coordinator is.
import { chmod, chown, rmdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Unavailable } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/log.ts';
import { ensureCluster } from './cluster.ts';
import { endLeftover } from './leftover.ts';
import { holdDirectory } from './owner.ts';
import { findPlace, type Place, socketDirectory } from './place.ts';
import { asRefusal, refusal } from './refusal.ts';
import { platformPackage, prepareRuntime } from './runtime.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { identityOf } from './server-user.ts';

const USER = 'ringmaster';
const DATABASE = 'ringmaster';
/** Only names the socket file: there is no TCP listener. */
const PORT = 5432;
/** Recovery after a crash replays at most max_wal_size; a server that is silent longer than this is stuck. */
const START_WITHIN_MS = 300_000;
const CONNECT_WITHIN_MS = 5_000;
/** Where root keeps what an unprivileged user has to reach. */
const SHARED_DIRECTORY = '/var/lib/ringmaster';

export interface EmbeddedOptions {
  /** all its own: cluster, socket, lock. Made when absent */
  dataDirectory: string;
  log: Logger;
  /** for the cluster when root's data directory is closed to the server's user */
  sharedDirectory?: string;
  /** the folder of the package with the binaries; this platform's unless given */
  packageDirectory?: string;
}

export interface EmbeddedPostgres {
  /** `host` is the socket's folder */
  readonly connection: { host: string; port: number; user: string; database: string };
  /** Ends the server cleanly and lets go of the directory. Safe to repeat. */
  stop(): Promise<void>;
  /** Resolves with the reason when the server dies by itself; never after `stop`. */
  readonly exited: Promise<string>;
  /** What stands behind a failure of ours to use it, from what it said itself. @param failed what our side of it saw */
  refusal(failed: Error): Unavailable;
}

/**
 * Starts the server, making the cluster first where there is none; ends a server that a killed coordinator left.
 * @throws Conflict when a living coordinator holds the directory
 * @throws Unavailable in one sentence when the platform has no binaries, the disk is full or permission lacks
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const log = options.log.child({ component: 'embedded-postgres' });
  const undo: (() => Promise<unknown>)[] = [];
  const takeDown = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const startedAt = performance.now();
    const packageDirectory = options.packageDirectory ?? platformPackage();
    const place = await findPlace(options.dataDirectory, options.sharedDirectory ?? SHARED_DIRECTORY);
    undo.push(await holdDirectory(place.directory));
    await endLeftover(place.cluster, log);
    const identity = identityOf(place.user);
    const runtime = await prepareRuntime(packageDirectory, `${place.directory}/runtime`, identity);
    const isNew = await ensureCluster(place, runtime, USER);
    const socket = await privateSocketDirectory(place);
    undo.push(() => rmdir(socket).catch(() => {}));
    const server = await startServer(
      { bin: runtime.bin, cluster: place.cluster, socket, port: PORT },
      identity,
    );
    let asked = false;
    undo.push(() => {
      asked = true;
      return server.end();
    });
    const connection = { host: socket, port: PORT, user: USER, database: DATABASE };
    await untilItAnswers(connection, server, place.directory);
    log.info(isNew ? 'embedded database made and ready' : 'embedded database ready', {
      pid: server.pid,
      path: place.cluster,
      version: runtime.major,
      durationMs: Math.round(performance.now() - startedAt),
    });
    let stopping: Promise<void> | null = null;
    return {
      connection,
      stop: () => (stopping ??= takeDown()),
      exited: new Promise((resolve) => void server.ended.then((reason) => asked || resolve(reason))),
      refusal: (failed) => refusal(place.directory, `${server.said()}\n${failed.message}`, failed),
    };
  } catch (error) {
    await takeDown().catch((err) => log.warn('not everything could be taken down', { err }));
    throw asRefusal(options.dataDirectory, error);
  }
}

/** The server trusts whoever reaches its socket: only its user and root may. */
async function privateSocketDirectory(place: Place): Promise<string> {
  const socket = await socketDirectory(place);
  await chmod(socket, 0o700);
  if (place.user !== null) await chown(socket, place.user.uid, place.user.gid);
  return socket;
}

async function untilItAnswers(
  connection: EmbeddedPostgres['connection'],
  server: ServerProcess,
  directory: string,
): Promise<void> {
  let gone = false;
  void server.ended.then(() => {
    gone = true;
  });
  for (const deadline = Date.now() + START_WITHIN_MS; ; await delay(20)) {
    if (gone) throw refusal(directory, server.said());
    const client = new pg.Client({
      ...connection,
      database: 'postgres',
      connectionTimeoutMillis: CONNECT_WITHIN_MS,
    });
    client.on('error', () => {}); // the failed call says it too
    try {
      await client.connect();
      const known = await client.query('select from pg_database where datname = $1', [DATABASE]);
      if (known.rowCount === 0) await client.query(`create database ${DATABASE}`);
      return;
    } catch (error) {
      const refused = error instanceof pg.DatabaseError && !(error.code ?? '').startsWith('57P'); // 57P03: starting up
      if (refused) throw refusal(directory, error.message, error);
      if (Date.now() > deadline) throw refusal(directory, 'it does not answer', error);
    } finally {
      await client.end().catch(() => {});
    }
  }
}
