// Who holds a data directory: one living coordinator; a server that outlived its coordinator is stopped, never a stranger.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Field 22 of /proc/<pid>/stat: tells a process from a later one with the same pid. Null when it is gone. */
async function startTicks(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

/** @throws Error naming the living process that holds the directory @returns how to let go */
export async function holdDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, 'owner.lock');
  const mine = `${process.pid} ${(await startTicks(process.pid)) ?? ''}`;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      await writeFile(path, mine, { flag: 'wx', mode: 0o600 });
      return async () => await rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const [pid = '', ticks] = (await readFile(path, 'utf8').catch(() => '')).split(' ');
    if (ticks !== undefined && ticks !== '' && (await startTicks(Number(pid))) === ticks) {
      throw new Error(
        `Another coordinator (process ${pid}) works on ${directory}: stop it, or give this one a data directory of its own`,
      );
    }
    await rm(path, { force: true });
  }
  throw new Error(`${path} cannot be taken`);
}

/** The server that runs on this cluster, whoever started it; null when none does. */
async function runningServer(cluster: string): Promise<number | null> {
  const lines = (await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid < 2) return null;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return command.includes('postgres') && command.split('\0').includes(cluster) ? pid : null;
}

const signal = (pid: number, name: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
};

/** Ends a server by its pid: fast shutdown, then immediate. @throws Error when it will not end */
export async function endServer(pid: number): Promise<void> {
  for (const [name, withinMs] of [
    ['SIGINT', 15_000],
    ['SIGQUIT', 10_000],
    ['SIGKILL', 5_000],
  ] as const) {
    signal(pid, name);
    for (const deadline = Date.now() + withinMs; Date.now() < deadline; await delay(20)) {
      if (!signal(pid, 0)) return;
    }
  }
  throw new Error(`PostgreSQL (process ${pid}) does not end`);
}

/** A server left behind by a coordinator that was killed is ended cleanly; the next start recovers nothing. */
export async function endLeftover(cluster: string): Promise<void> {
  const pid = await runningServer(cluster);
  if (pid !== null) await endServer(pid);
}
