// A real PostgreSQL under the data directory: durable, on a private socket, unprivileged, and gone when its coordinator is.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../../../shared/log.ts';
import { endLeftover, endServer, holdDirectory } from './owner.ts';
import { prepareRuntime } from './runtime.ts';
import { serverPlaces, serverUser } from './server-user.ts';

const USER = 'ringmaster';
const DATABASE = 'ringmaster';
const PORT = 5432; // only names the socket file
const START_MS = 60_000;
/** sun_path holds 107 bytes, and the socket's own name needs 20 of them. */
const LONGEST_SOCKET_DIRECTORY = 80;
const KEPT_OUTPUT = 4_000;

const SETTINGS = {
  listen_addresses: '',
  max_connections: '60',
  shared_buffers: '64MB',
  fsync: 'on',
  synchronous_commit: 'on',
  max_wal_size: '1GB',
};

// Reads a pipe that only the coordinator's end could fill: its end is ours. Fast shutdown, then immediate.
const WATCHER =
  'cat >/dev/null; kill -INT "$1" 2>/dev/null; for i in 1 2 3 4 5 6 7 8 9 10; do sleep 1; kill -0 "$1" 2>/dev/null || exit 0; done; kill -QUIT "$1"';

export interface EmbeddedPostgres {
  readonly connection: { host: string; port: number; user: string; database: string };
  /** Ends the server cleanly. Safe to repeat. */
  stop(): Promise<void>;
  /** Resolves with the reason once the server has ended, asked or not. */
  readonly exited: Promise<string>;
}

async function run(program: string, args: string[], identity: { uid?: number; gid?: number }): Promise<void> {
  const child = spawn(program, args, {
    ...identity,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (output = (output + chunk).slice(-KEPT_OUTPUT)));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the embedded database could not be made: ${output.trim()}`);
}

/**
 * Starts the server, making the cluster first where there is none.
 * @throws Error in one sentence when the platform has no binaries, another coordinator holds the directory, or the disk is full
 */
export async function startEmbeddedPostgres(options: {
  dataDirectory: string;
  log: Logger;
}): Promise<EmbeddedPostgres> {
  const log = options.log.child({ component: 'embedded-postgres' });
  const user = await serverUser();
  const identity = user === null ? {} : { uid: user.uid, gid: user.gid };
  const places = await serverPlaces(resolve(options.dataDirectory), user);
  const bin = await prepareRuntime(places.runtime);
  await mkdir(places.cluster, { recursive: true, mode: 0o755 });
  const letGo = await holdDirectory(places.cluster);
  const undo: (() => Promise<void>)[] = [letGo];
  const cleanUp = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const cluster = join(places.cluster, 'cluster');
    await endLeftover(cluster);
    const owned = async (directory: string): Promise<void> => {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      if (user !== null) await chown(directory, user.uid, user.gid);
    };
    if ((await stat(join(cluster, 'PG_VERSION')).catch(() => null)) === null) {
      await rm(cluster, { recursive: true, force: true });
      await owned(cluster);
      await run(
        join(bin, 'initdb'),
        ['-D', cluster, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--data-checksums'],
        identity,
      );
    }
    let socket = join(places.cluster, 'socket');
    if (socket.length > LONGEST_SOCKET_DIRECTORY) {
      socket = await mkdtemp(join(tmpdir(), 'ringmaster-pg-'));
      undo.push(() => rm(socket, { recursive: true, force: true }));
    }
    await owned(socket);
    const settings = Object.entries({ ...SETTINGS, unix_socket_directories: socket }).flatMap(
      ([name, value]) => ['-c', `${name}=${value}`],
    );
    const server = spawn(join(bin, 'postgres'), ['-D', cluster, '-p', String(PORT), ...settings], {
      ...identity,
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    let output = '';
    server.stderr.on('data', (chunk) => (output = (output + chunk).slice(-KEPT_OUTPUT)));
    const exited = new Promise<string>((done) => {
      server.once('error', (error) => done(error.message));
      server.once('exit', (code, name) =>
        done(`ended with ${code ?? name}: ${output.trim().split('\n').at(-1) ?? ''}`),
      );
    });
    const pid = server.pid;
    if (pid === undefined) throw new Error(`the embedded database did not start: ${await exited}`);
    const watcher = spawn('/bin/sh', ['-c', WATCHER, 'sh', String(pid)], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      cwd: '/',
    });
    undo.push(async () => {
      watcher.kill('SIGKILL');
      await endServer(pid);
    });
    // Neither keeps the process alive: main does that.
    for (const child of [server, watcher]) child.unref();
    (server.stderr as unknown as { unref(): void }).unref();
    watcher.stdin.on('error', () => {});
    (watcher.stdin as unknown as { unref(): void }).unref();

    const connection = { host: socket, port: PORT, user: USER, database: DATABASE };
    await waitUntilItAnswers(connection, exited);
    log.info('embedded database ready', { pid, path: cluster });
    return { connection, stop: cleanUp, exited };
  } catch (error) {
    await cleanUp().catch((err) => log.warn('not everything could be taken down', { err }));
    throw error;
  }
}

async function waitUntilItAnswers(
  connection: EmbeddedPostgres['connection'],
  exited: Promise<string>,
): Promise<void> {
  let gone: string | null = null;
  void exited.then((reason) => (gone = reason));
  for (const deadline = Date.now() + START_MS; ; await delay(20)) {
    if (gone !== null) throw new Error(`the embedded database ${gone}`);
    const client = new pg.Client({ ...connection, database: 'postgres' });
    try {
      await client.connect();
      const known = await client.query('select 1 from pg_database where datname = $1', [connection.database]);
      if (known.rowCount === 0) await client.query(`create database ${DATABASE}`);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error('the embedded database does not answer', { cause: error });
    } finally {
      await client.end().catch(() => {});
    }
  }
}
