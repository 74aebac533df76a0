// Who the server runs as: ourselves, or, since PostgreSQL refuses root, the user postgres or nobody.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Where root keeps what an unprivileged user has to reach. */
const SHARED_ROOT = '/var/lib/ringmaster';

export interface ServerUser {
  name: string;
  uid: number;
  gid: number;
}

/** @returns null when we are not root: the server runs as ourselves */
export async function serverUser(): Promise<ServerUser | null> {
  if (process.getuid?.() !== 0) return null;
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const line = lines.find(([name]) => name === wanted);
    if (line !== undefined) return { name: wanted, uid: Number(line[2]), gid: Number(line[3]) };
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is neither a user postgres nor nobody: set RINGMASTER_DATABASE_URL',
  );
}

/** True when it and every folder above, as far as they exist, let others pass. */
async function isReachable(directory: string): Promise<boolean> {
  for (let at = resolve(directory); ; at = dirname(at)) {
    const found = await stat(at).catch(() => null);
    if (found !== null && (found.mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** Where cluster and binaries lie: in the data directory, or, when the server's user cannot get there, in a place of root's. */
export async function serverPlaces(
  dataDirectory: string,
  user: ServerUser | null,
): Promise<{ cluster: string; runtime: string }> {
  if (user === null) return { cluster: dataDirectory, runtime: join(dirname(dataDirectory), 'runtime') };
  const runtime = join(SHARED_ROOT, 'runtime');
  if (await isReachable(dataDirectory)) return { cluster: dataDirectory, runtime };
  const key = createHash('sha256').update(resolve(dataDirectory)).digest('hex').slice(0, 16);
  return { cluster: join(SHARED_ROOT, `postgres-${key}`), runtime };
}
