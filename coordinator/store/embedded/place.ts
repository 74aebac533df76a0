// Where the server's files lie: in the data directory, or, when its user cannot get there, in a folder of root's that a link names.
import { chmod, mkdir, mkdtemp, readlink, realpath, rmdir, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Unavailable } from '../../../shared/errors.ts';
import { closedFolder, type ServerUser, serverUser } from './server-user.ts';

/** In the data directory: names the folder that holds the cluster when that is elsewhere. */
const ELSEWHERE = 'postgres-is-in';
/** sun_path holds 107 bytes, and the name of the socket's lock file takes 22 of them. */
const LONGEST_SOCKET_DIRECTORY = 84;

export interface Place {
  /** holds everything else; open to the server's user */
  directory: string;
  cluster: string;
  /** null when we are not root */
  user: ServerUser | null;
}

const orNull = async <T>(found: Promise<T>): Promise<T | null> =>
  await found.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error; // "cannot look" must never be taken for "is not there"
  });

async function linkedPlace(link: string): Promise<string | null> {
  const target = await orNull(readlink(link));
  if (target === null || (await orNull(stat(target))) !== null) return target;
  throw new Unavailable(
    `${link} says that the database lies in ${target}, and that is gone: put it back, or remove the link to begin anew`,
  );
}

/** Makes a folder below `sharedDirectory` and the link to it; of two at once, the first wins. */
async function placeElsewhere(link: string, sharedDirectory: string): Promise<string> {
  if ((await mkdir(sharedDirectory, { recursive: true })) !== undefined) await chmod(sharedDirectory, 0o755);
  const made = await mkdtemp(join(sharedDirectory, 'postgres-'));
  await chmod(made, 0o755);
  try {
    await symlink(made, link);
    return made;
  } catch (error) {
    await rmdir(made);
    const winner = await linkedPlace(link);
    if (winner === null) throw error;
    return winner;
  }
}

/**
 * Finds the place, or chooses it when the data directory is new. What was chosen stays chosen: a folder opened or
 * closed later must not let the coordinator begin with an empty database.
 * @param sharedDirectory where root keeps what an unprivileged user has to reach
 * @throws Unavailable when the way to existing files is closed to the server's user
 */
export async function findPlace(dataDirectory: string, sharedDirectory: string): Promise<Place> {
  await mkdir(dataDirectory, { recursive: true, mode: 0o755 });
  const home = await realpath(dataDirectory);
  const link = join(home, ELSEWHERE);
  const known =
    (await linkedPlace(link)) ?? ((await orNull(stat(join(home, 'cluster')))) === null ? null : home);
  const owner = known === null ? null : await orNull(stat(join(known, 'cluster')));
  const user = await serverUser(owner?.uid ?? null);
  const directory =
    known ?? ((await closedFolder(home, user)) === null ? home : await placeElsewhere(link, sharedDirectory));
  const closed = await closedFolder(directory, user);
  if (closed !== null && user !== null) {
    throw new Unavailable(
      `The embedded database lies in ${directory}, which user ${user.name} cannot reach: chmod a+x ${closed}`,
    );
  }
  return { directory, cluster: join(directory, 'cluster'), user };
}

/** A folder for the socket: beside the cluster unless its path is too long; then a fresh one where temporary files go. */
export async function socketDirectory({ directory, user }: Place): Promise<string> {
  const beside = join(directory, 'socket');
  if (Buffer.byteLength(beside) <= LONGEST_SOCKET_DIRECTORY) {
    await mkdir(beside, { recursive: true });
    return beside;
  }
  for (const parent of [tmpdir(), '/tmp', '/run']) {
    const open = (await closedFolder(parent, user).catch(() => parent)) === null;
    if (open && Buffer.byteLength(parent) + 'ringmaster-pg-'.length + 7 <= LONGEST_SOCKET_DIRECTORY)
      return await mkdtemp(join(parent, 'ringmaster-pg-'));
  }
  throw new Unavailable(
    `There is no folder for the socket of the database in ${directory}: choose a data directory with a shorter path`,
  );
}
