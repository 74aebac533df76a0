// A database server of the test's own, to be crashed and started again at the same address.
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../coordinator/store/embedded/embedded-postgres.ts';
import { silentLogger } from '../../shared/log.ts';

export interface OwnPostgres {
  /** for RINGMASTER_DATABASE_URL */
  url: string;
  /** the folder and the port that name its socket */
  socket: { host: string; port: number };
  /** As `pg_ctl stop -m immediate`: no word to anybody, and recovery at the next start. */
  crash(): Promise<void>;
  start(): Promise<void>;
  /** All its processes stand still: connections stay open, new ones are taken by the kernel, and nothing answers. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  remove(): Promise<void>;
}

/** @param given a directory that the server's user can reach; one of its own unless given */
export async function startOwnPostgres(given?: string): Promise<OwnPostgres> {
  const directory = given ?? (await mkdtemp(join(tmpdir(), 'own-pg-')));
  if (given === undefined) await chmod(directory, 0o755);
  const start = (): Promise<EmbeddedPostgres> =>
    startEmbeddedPostgres({ dataDirectory: directory, sharedDirectory: directory, log: silentLogger });
  let server: EmbeddedPostgres | null = await start();
  const { host, port, user, database } = server.connection;
  const url = `postgres://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`;
  const postmaster = async (): Promise<number> =>
    Number((await readFile(join(directory, 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[0]);
  const signalAll = async (signal: NodeJS.Signals): Promise<void> => {
    const pid = await postmaster();
    // The postmaster first: it must start nobody, nor take a stopped child for one that ended.
    process.kill(pid, signal);
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
    for (const child of children.trim().split(' ').filter(Boolean))
      try {
        process.kill(Number(child), signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has ended meanwhile
      }
  };
  return {
    url,
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
    socket: { host, port },
    crash: async () => {
      if (server === null) return;
      process.kill(await postmaster(), 'SIGQUIT');
      await server.exited;
      await server.stop(); // lets go of the directory
      server = null;
    },
    start: async () => {
      server ??= await start();
    },
    remove: async () => {
      await server?.stop();
      if (given === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}
