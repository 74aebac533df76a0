// The database cluster on disk: made aside and moved into place whole, so that a crash while making it leaves nothing half-made.
import { chown, mkdtemp, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Unavailable } from '../../../shared/errors.ts';
import type { Place } from './place.ts';
import { refusal } from './refusal.ts';
import { runProgram } from './run-program.ts';
import type { Runtime } from './runtime.ts';
import { identityOf } from './server-user.ts';

const MAKING = 'cluster-making-';

/** A rename is durable once the folder that it happened in is. */
async function syncFolder(directory: string): Promise<void> {
  const folder = await open(directory);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Runs initdb; the caller holds the directory, so whatever else is being made there is a dead coordinator's. */
async function makeCluster(
  { directory, cluster, user }: Place,
  { bin }: Runtime,
  superuser: string,
): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.startsWith(MAKING))
      await rm(join(directory, name), { recursive: true, force: true, maxRetries: 5 });
  }
  const making = await mkdtemp(join(directory, MAKING));
  try {
    if (user !== null) await chown(making, user.uid, user.gid);
    // "trust" reaches as far as the socket's folder, which only this user and root may enter.
    const settings = ['-A', 'trust', '-E', 'UTF8', '--locale=C', '--data-checksums'];
    const made = await runProgram(
      join(bin, 'initdb'),
      ['-D', making, '-U', superuser, ...settings],
      identityOf(user),
    );
    if (!made.ok) throw refusal(directory, made.output);
    await rename(making, cluster);
    await syncFolder(directory);
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Makes the cluster where there is none.
 * @param superuser the role that owns everything in it
 * @returns true when it is new
 * @throws Unavailable when initdb fails, or the cluster is of another major version than the binaries
 */
export async function ensureCluster(place: Place, runtime: Runtime, superuser: string): Promise<boolean> {
  const version = await readFile(join(place.cluster, 'PG_VERSION'), 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    },
  );
  if (version === null) {
    await makeCluster(place, runtime, superuser);
    return true;
  }
  if (version.trim() === runtime.major) return false;
  throw new Unavailable(
    `The database in ${place.cluster} was made by PostgreSQL ${version.trim()}, and this release carries ${runtime.major}: dump it with the old release and restore it with this one`,
  );
}
