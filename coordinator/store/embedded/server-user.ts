// Who the server runs as: ourselves, or, since PostgreSQL refuses root, the owner of its files, postgres or nobody.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Unavailable } from '../../../shared/errors.ts';
import { USE_ANOTHER } from './refusal.ts';
import { type Identity, runProgram } from './run-program.ts';

export interface ServerUser {
  name: string;
  uid: number;
  gid: number;
}

/**
 * @param passwd text of /etc/passwd
 * @param ownerUid who owns the cluster on disk; null when there is none yet. It wins: PostgreSQL refuses the files of others
 * @throws Unavailable when no user will do
 */
export function chooseUser(passwd: string, ownerUid: number | null): ServerUser {
  const users = passwd
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter(({ uid, gid }) => uid > 0 && gid >= 0);
  if (ownerUid !== null && ownerUid !== 0) {
    const owner = users.find(({ uid }) => uid === ownerUid);
    if (owner !== undefined) return owner;
    throw new Unavailable(
      `The embedded database belongs to user id ${ownerUid}, which has no entry in /etc/passwd: add one, or ${USE_ANOTHER}`,
    );
  }
  const chosen = ['postgres', 'nobody']
    .map((wanted) => users.find(({ name }) => name === wanted))
    .find((user) => user !== undefined);
  if (chosen !== undefined) return chosen;
  throw new Unavailable(
    `PostgreSQL does not run as root, and there is neither a user postgres nor nobody: add one, or ${USE_ANOTHER}`,
  );
}

/** @returns null when we are not root: the server runs as ourselves */
export async function serverUser(ownerUid: number | null): Promise<ServerUser | null> {
  if (process.getuid?.() !== 0) return null;
  return chooseUser(await readFile('/etc/passwd', 'utf8'), ownerUid);
}

export const identityOf = (user: ServerUser | null): Identity =>
  user === null ? {} : { uid: user.uid, gid: user.gid };

// The kernel is asked, as that user: mode bits alone know nothing of groups, ACLs and mounts.
const FIRST_CLOSED = 'for d; do [ -x "$d" ] || { printf %s "$d"; exit 1; }; done';

/** The uppermost folder on the way to `directory` that the user may not pass; null when the way is open. */
export async function closedFolder(directory: string, user: ServerUser | null): Promise<string | null> {
  if (user === null) return null;
  const way = [resolve(directory)];
  for (let at = dirname(way[0] ?? '/'); at !== way[0]; at = dirname(at)) way.unshift(at);
  const { ok, output } = await runProgram('/bin/sh', ['-c', FIRST_CLOSED, 'sh', ...way], identityOf(user));
  return ok ? null : output.trim();
}
