// Who holds a data directory: one living coordinator, told from the dead by its start time.
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Conflict } from '../../../shared/errors.ts';

/** Tells a process from a later one with the same pid, also across boots. Null when there is none, or only a zombie. */
async function processIdentity(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (text === null) return null;
  // proc(5): from field 3 on, behind the command, which may hold spaces; the start time is field 22.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return `${boot.trim()}/${fields[19]}`;
}

/** Longer than anybody takes between reading a dead lock and moving it aside. */
const SETTLE_MS = 50;

const readLock = async (path: string): Promise<string> => await readFile(path, 'utf8').catch(() => '');

/** Takes away a dead holder's lock; when it changed hands since it was read, gives it back. */
async function clearLock(path: string, held: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
    if ((await readLock(aside)) !== held) await link(aside, path).catch(() => {});
    await rm(aside, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Puts the lock there with its text, at once. @returns false when there is one */
async function placeLock(path: string, text: string): Promise<boolean> {
  const claim = `${path}.${randomUUID()}`;
  await writeFile(claim, text, { mode: 0o600 });
  try {
    await link(claim, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(claim, { force: true });
  }
}

/**
 * Without /proc (macOS) every lock counts as dead, and PostgreSQL's own is the one that holds.
 * @returns how to let go
 * @throws Conflict naming the living process that holds the directory
 */
export async function holdDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, 'owner.lock');
  const mine = `${process.pid} ${(await processIdentity(process.pid)) ?? ''} ${randomUUID()}`;
  for (let attempt = 0; attempt < 5; attempt += 1) {
    if (await placeLock(path, mine)) await delay(SETTLE_MS);
    const held = await readLock(path);
    if (held === mine) {
      return async () => {
        if ((await readLock(path)) === mine) await rm(path, { force: true });
      };
    }
    const [pid = '', identity = ''] = held.split(' ');
    if (identity !== '' && (await processIdentity(Number(pid))) === identity) {
      throw new Conflict(
        `Another coordinator (process ${pid}) works on ${directory}: stop it, or give this one a data directory of its own`,
      );
    }
    await clearLock(path, held);
  }
  throw new Conflict(`Other coordinators are taking ${path} at the same moment: start again`);
}
