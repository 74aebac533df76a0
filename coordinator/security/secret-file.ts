// Files that hold one secret: read only when nobody else can read them, made once and whole.
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** Mode bits that must not be set on a file of ours. */
export const OWNER_ONLY = 0o077;
/** systemd grants a credential to a service's user by an ACL, whose mask shows as a group bit. */
export const OWNER_AND_ACL = 0o007;

const MOST_BYTES = 1024; // a key file is 45 bytes; anything long is a mistaken path

const isMissing = (error: unknown): boolean =>
  error instanceof Error && (error as NodeJS.ErrnoException).code === 'ENOENT';

/**
 * @param what the secret, for messages: "master key"
 * @param forbidden mode bits that must not be set
 * @returns null when there is no such file
 * @throws Error when it cannot be read, is open to others, or is no such file
 */
export function readSecretFile(what: string, path: string, forbidden: number): string | null {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw new Error(`cannot read the ${what} file ${path}`, { cause });
  }
  try {
    const found = fstatSync(fd); // of the open file: what is checked is what is read
    if (!found.isFile() || found.size > MOST_BYTES) throw new Error(`${path} is not a ${what} file`);
    const mode = found.mode & 0o777;
    if ((mode & forbidden) !== 0) {
      throw new Error(
        `the ${what} file ${path} is open to others (mode ${mode.toString(8).padStart(4, '0')}): chmod 600 it`,
      );
    }
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

/** By a hard link: of two coordinators that start at once, one makes the file and both read that one. */
export function makeSecretFile(path: string, text: string): void {
  const directory = dirname(path);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(8).toString('hex')}.new`;
  const fd = openSync(draft, 'wx', 0o600);
  try {
    writeFileSync(fd, text);
    fsyncSync(fd);
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    closeSync(fd);
    rmSync(draft, { force: true });
  }
  const directoryFd = openSync(directory, 'r'); // the name must survive a power cut before anything rests on the secret
  try {
    fsyncSync(directoryFd);
  } finally {
    closeSync(directoryFd);
  }
}
