// A lock between processes that the kernel lets go of when its holder dies, held by a flock(1) of ours.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Another process holds the lock, and waiting was not asked for. */
export class Locked extends Error {
  override name = 'Locked';
}

/**
 * Runs `work` while no other process holds `lockPath`, waiting as long as another one does unless told otherwise.
 * `flock` holds the lock around a `cat`, which answers our line once it is locked and ends with our end of the
 * pipe: a killed holder leaves nothing to clean up.
 */
export async function withFileLock<T>(
  lockPath: string,
  work: () => Promise<T>,
  { wait = true }: { wait?: boolean } = {},
): Promise<T> {
  // In a process group of its own: Ctrl-C is for us, who may still have to work under the lock.
  const holder = spawn('flock', [...(wait ? [] : ['-n']), lockPath, 'cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = once(holder, 'close');
  const locked = once(holder.stdout, 'data');
  locked.catch(() => {}); // only `ended` is waited for when flock is not there
  holder.stdin.on('error', () => {}); // EPIPE after a failed start says nothing that `ended` does not
  holder.stdin.write('locked\n');
  const first = await Promise.race([locked.then(() => 'locked'), ended.then(() => 'ended')]);
  if (first === 'ended')
    throw !wait && holder.exitCode === 1
      ? new Locked(`${lockPath} is held by another process`)
      : new Error(`cannot lock ${lockPath}`);
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
