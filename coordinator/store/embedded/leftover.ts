// A server that outlived its coordinator: found by its pid file, ended cleanly, and never mistaken for a stranger.
import { readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Conflict, Unavailable } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/log.ts';
import { ENDINGS } from './endings.ts';

const PROBE_MS = 2_000;

/** The words a process was started with; empty when there is none, or no /proc. */
async function commandOf(pid: number): Promise<string[]> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''))
    .split('\0')
    .filter((word) => word !== '');
}

const serves = (command: readonly string[], cluster: string): boolean =>
  basename(command[0] ?? '') === 'postgres' && command.includes(cluster);

/** Whether somebody listens on that socket; works across containers that share the folder. */
async function isAnswered(path: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(path);
    const done = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(PROBE_MS, () => done(true));
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}

async function end(pid: number, cluster: string): Promise<void> {
  for (const { signal, withinMs } of ENDINGS) {
    if (serves(await commandOf(pid), cluster)) process.kill(pid, signal); // looked at anew: pids are used again
    for (const deadline = Date.now() + withinMs; Date.now() < deadline; await delay(20)) {
      if (!serves(await commandOf(pid), cluster)) return;
    }
  }
  throw new Unavailable(`PostgreSQL (process ${pid}) still runs on ${cluster} and does not end`);
}

/**
 * Ends what runs on the cluster; the caller holds its directory, so no living coordinator needs it.
 * @throws Conflict when a server that we cannot see answers there (another container on the same volume)
 */
export async function endLeftover(cluster: string, log: Logger): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid');
  // PostgreSQL, miscadmin.h: pid, data directory, start time, port, socket directory, ...
  const lines = (await readFile(pidFile, 'utf8').catch(() => '')).split('\n');
  const [pid, port, socket] = [Number(lines[0]), lines[3] ?? '', lines[4] ?? ''];
  if (!Number.isInteger(pid) || pid < 2) return;
  const command = await commandOf(pid);
  if (serves(command, cluster)) {
    log.warn('ending the database server that a killed coordinator left', { pid, path: cluster });
    await end(pid, cluster);
  } else if (socket !== '' && (await isAnswered(join(socket, `.s.PGSQL.${port}`)))) {
    throw new Conflict(
      `Another PostgreSQL serves ${cluster}, maybe in another container: stop it, or give this coordinator a data directory of its own`,
    );
  } else if (command.length > 0) {
    // Its pid went to a stranger (containers count from 1 each time), before whom PostgreSQL would not start.
    log.warn('removing the pid file of a database server that is gone', { pid, path: pidFile });
    await rm(pidFile, { force: true });
  }
}
