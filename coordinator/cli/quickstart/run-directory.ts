// The quickstart's directory: one run at a time in it, and of earlier runs only logs, jobs and models are kept.
import { mkdirSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Conflict } from '../../../shared/errors.ts';
import { cassandrasBelow, stopCassandras } from './processes.ts';
import { Locked, withFileLock } from './tarball/file-lock.ts';

/** @throws Conflict when another quickstart is at work in this directory */
export async function inRunDirectory<T>(directory: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(join(directory, 'logs'), { recursive: true });
  try {
    return await withFileLock(join(directory, 'quickstart.lock'), work, { wait: false });
  } catch (error) {
    if (!(error instanceof Locked)) throw error;
    throw new Conflict(
      `another quickstart is at work in ${directory}: end it, or give this one another --data-dir`,
      [],
      error,
    );
  }
}

/**
 * Removes the database nodes and agents of earlier runs, a third of a gigabyte each time, and ends the nodes of one that
 * was killed. Called when the coordinator is up, so that none of theirs is in the way.
 */
export async function removeEarlierRuns(directory: string, say: (line: string) => void): Promise<void> {
  const left = cassandrasBelow(directory).length;
  if (left > 0) say(`Ending ${left} database nodes that an earlier run left behind`);
  await stopCassandras(directory);
  for (const name of ['nodes', 'agents']) {
    const below = join(directory, name);
    const earlier = namesIn(below);
    if (earlier.length === 0) continue;
    say(`Removing the ${name} of the last run from ${below}`);
    await rm(below, { recursive: true, force: true, maxRetries: 5 });
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // the first run
  }
}
