// The quickstart's directory: one run at a time in it, and of earlier runs only logs, jobs and models are kept.
import { mkdirSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Conflict } from '../../../shared/errors.ts';
import { cassandrasBelow, stopCassandras, stopProgramsBelow } from './processes.ts';
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

/** Ends what a quickstart that was killed left running. Called within `inRunDirectory`: there is no other. */
export async function endEarlierRun(directory: string, say: (line: string) => void): Promise<void> {
  const programs = await stopProgramsBelow(directory);
  if (programs > 0) say(`Ended the programs that an earlier run left behind: ${programs}`);
  const nodes = cassandrasBelow(directory).length;
  if (nodes > 0) say(`Ending the database nodes that an earlier run left behind: ${nodes}`);
  await stopCassandras(directory);
}

/**
 * Removes the database nodes and agents of earlier runs, a third of a gigabyte each time. Called when the coordinator is up: one that
 * does not come up leaves them to be looked at.
 */
export async function removeEarlierRuns(directory: string, say: (line: string) => void): Promise<void> {
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
