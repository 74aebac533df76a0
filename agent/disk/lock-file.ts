// One process at a time in a directory: a lock file that names its holder well enough to know a dead one from a live one.
import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Conflict } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import { startTicksOf } from '../host/proc.ts';
import { hasCode } from './log-file.ts';

export interface LockFile {
  release(): Promise<void>;
}

/**
 * Takes the lock, or takes it over from a process that is gone. A pid alone would not do: pids are used again, and after
 * a reboot the same service easily gets the same pid at the same tick, so boot id and start time stand beside it.
 *
 * The lock is the file `<path>.<n>` with the highest n. Taking over means making the next one, which only one can do;
 * removing or replacing the stale file could hit a lock that somebody else has taken a moment before.
 * @param log is told of a lock that was not released: of whom it was, and why that counts no more
 * @throws Conflict when the holder is alive, this very process included
 * @throws StepFailed `process-unreadable` when that cannot be told
 */
export async function takeLock(path: string, log: Logger): Promise<LockFile> {
  const mine = await identify(process.pid);
  if (mine === null) throw new Error('this process has no entry in /proc');
  const draft = `${path}-${randomUUID()}`;
  await writeFile(draft, mine, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 10; attempt++) {
      const [newest = 0] = await numbers(path);
      const former = newest === 0 ? null : await formerHolder(`${path}.${newest}`);
      const own = newest + 1;
      if (!(await made(draft, `${path}.${own}`))) continue;
      const [highest, ...others] = await numbers(path);
      if (highest !== own) {
        await unlink(`${path}.${own}`);
        continue;
      }
      for (const number of others) await unlink(`${path}.${number}`).catch(() => {});
      if (former !== null)
        log.info('lock taken over', { component: 'disk', reason: `${path}.${newest} ${former}` });
      // The file stays, so that its number is not given again.
      return { release: () => writeFile(`${path}.${own}`, '').catch(() => {}) };
    }
    throw new Conflict(`could not take the lock ${path}: others keep taking it`);
  } finally {
    await unlink(draft);
  }
}

/** Highest first. */
async function numbers(path: string): Promise<number[]> {
  const start = `${basename(path)}.`;
  const files = await readdir(dirname(path));
  return files
    .filter((file) => file.startsWith(start) && /^\d+$/.test(file.slice(start.length)))
    .map((file) => Number(file.slice(start.length)))
    .sort((a, b) => b - a);
}

/** @returns of whom it was, and why that is over; null for one that was released @throws Conflict when it is not over */
async function formerHolder(path: string): Promise<string | null> {
  const holder = await readFile(path, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return ''; // whoever took the next number has removed it
    throw error;
  });
  if (holder === '') return null;
  const [text, , boot] = holder.split(' ');
  const pid = Number(text);
  if (!Number.isSafeInteger(pid) || pid <= 0) return 'names no process';
  const present = await identify(pid);
  if (present === holder) {
    const directory = dirname(path);
    throw new Conflict(
      `another agent (pid ${pid}) is using ${directory}; or, if that is a copy of the directory which it uses, remove ${path}`,
    );
  }
  if (boot !== (await thisBoot())) return `names process ${pid} of another host, or of before a reboot`;
  return present === null
    ? `names process ${pid}, which is gone`
    : `names pid ${pid}, which is another process now`;
}

/** Makes a file with all its text at once; false when there is one of that name. */
async function made(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** `pid start-time boot-id`, or null when there is no such process, or only what is left of it until its parent looks. */
async function identify(pid: number): Promise<string | null> {
  const startTicks = await startTicksOf(pid);
  if (startTicks === null) return null;
  return `${pid} ${startTicks} ${await thisBoot()}`;
}

const thisBoot = async (): Promise<string> =>
  (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
