// One process at a time in a directory: a lock file that names its holder well enough to know a dead one from a live one.
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { Conflict } from '../../shared/errors.ts';
import { hasCode } from './log-file.ts';

export interface LockFile {
  release(): Promise<void>;
}

/**
 * Takes the lock, or takes it over from a process that is gone. A pid alone would not do: pids are used again, and after
 * a reboot the same service easily gets the same pid at the same tick, so boot id and start time stand beside it.
 * @throws Conflict when the holder is alive, this very process included
 */
export async function takeLock(path: string): Promise<LockFile> {
  const mine = await identify(process.pid);
  if (mine === null) throw new Error('this process has no entry in /proc');
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, mine, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        await link(draft, path); // unlike rename, fails when the name is taken
        return { release: () => unlink(path).catch(() => {}) };
      } catch (error) {
        if (!hasCode(error, 'EEXIST')) throw error;
      }
      await removeStale(path, `${path}.stale-${process.pid}`);
    }
    throw new Conflict(`could not take the lock ${path}: others keep taking it`);
  } finally {
    await unlink(draft).catch(() => {});
  }
}

async function removeStale(path: string, aside: string): Promise<void> {
  const holder = await readFile(path, 'utf8').catch(() => null);
  if (holder === null) return; // released in between
  const pid = Number(holder.split(' ')[0]);
  if (Number.isSafeInteger(pid) && pid > 0 && (await identify(pid)) === holder) {
    throw new Conflict(`another agent (pid ${pid}) is using ${path}`);
  }
  try {
    await rename(path, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return; // somebody else removed it first
    throw error;
  }
  const taken = await readFile(aside, 'utf8');
  // Between our look and the rename another process may have taken the lock over: give it back.
  if (taken !== holder) await link(aside, path).catch(() => {});
  await unlink(aside);
}

/** `pid start-time boot-id`, or null when there is no such process. */
async function identify(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in brackets and may hold blanks and brackets itself; start time is field 22.
    const startTicks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    return `${pid} ${startTicks} ${boot}`;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return null;
    throw error;
  }
}
