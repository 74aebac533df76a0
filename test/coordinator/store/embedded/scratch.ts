// What the suites of the embedded server share: folders that end with the test, a question to a server, a coordinator to kill.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import pg from 'pg';
import type { EmbeddedPostgres } from '../../../../coordinator/store/embedded/embedded-postgres.ts';
import { platformPackage } from '../../../../coordinator/store/embedded/runtime.ts';
import { eventually } from '../../../support/eventually.ts';

export const isRoot = process.getuid?.() === 0;

export interface Scratch {
  /** open to every user, as a checkout below /srv would be */
  open: string;
  /** in place of /var/lib/ringmaster */
  shared: string;
  remove(): Promise<void>;
}

export async function makeScratch(): Promise<Scratch> {
  const open = await mkdtemp(join(tmpdir(), 'embedded-'));
  await chmod(open, 0o755);
  return { open, shared: join(open, 'shared'), remove: () => rm(open, { recursive: true, force: true }) };
}

/** A copy of the binaries that every user can read, wherever this checkout is. */
export async function openPackage({ open }: Scratch): Promise<string> {
  await cp(platformPackage(), join(open, 'package'), { recursive: true, verbatimSymlinks: true });
  return join(open, 'package');
}

export async function ask<Row>(
  server: Pick<EmbeddedPostgres, 'connection'>,
  statement: string,
): Promise<Row[]> {
  const client = new pg.Client(server.connection);
  await client.connect();
  try {
    return (await client.query(statement)).rows as Row[];
  } finally {
    await client.end();
  }
}

/** The cluster's folder, as the server names it. */
export async function clusterOf(server: Pick<EmbeddedPostgres, 'connection'>): Promise<string> {
  const [found] = await ask<{ data_directory: string }>(server, 'show data_directory');
  return found?.data_directory ?? '';
}

export const serverPid = async (cluster: string): Promise<number> =>
  Number((await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n')[0]);

/** False for a zombie too: init may be slow to collect it. */
export const isAlive = async (pid: number): Promise<boolean> =>
  (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')) !== '';

/** The message of the refusal; fails when there is none. */
export async function refusalOf(start: Promise<EmbeddedPostgres>): Promise<string> {
  const server = await start.catch((error: Error) => error);
  if (server instanceof Error) return server.message;
  await server.stop();
  throw new Error('it started');
}

export interface DoomedCoordinator extends Pick<EmbeddedPostgres, 'connection'> {
  process: ChildProcess;
  cluster: string;
  serverPid: number;
}

/** A process of its own that starts the server and commits a row 7 into `kept`; killed by the test. */
export async function startDoomedCoordinator(
  dataDirectory: string,
  shared: string,
  asAnother: readonly [packageDirectory: string, userId: string] | readonly [] = [],
): Promise<DoomedCoordinator> {
  const script = fileURLToPath(new URL(`./doomed-coordinator${extname(import.meta.url)}`, import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, script, dataDirectory, shared, ...asAnother], {
    env: { PATH: process.env['PATH'], TMPDIR: tmpdir(), HOME: dataDirectory },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const said = await eventually(
    () => {
      expect(output).to.contain('\n');
      return JSON.parse(output) as Pick<DoomedCoordinator, 'connection' | 'cluster'>;
    },
    { withinMs: 30_000 },
  );
  return { ...said, process: child, serverPid: await serverPid(said.cluster) };
}

export async function killAtOnce(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Of a process, by their pids. */
export async function childrenOf(pid: number): Promise<number[]> {
  return (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').map(Number);
}

/** The watchers of a server: the shells that were given its pid. */
export async function watchersOf(pid: number): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    const words = (await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (words[0] === '/bin/sh' && words[4] === String(pid)) found.push(Number(name));
  }
  return found;
}
