// Files of the host: read with a limit, written by temp file, fsync and rename; symbolic links and what is no regular file are refused.
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import {
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  statfs,
} from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { StepFailed } from '../../shared/errors.ts';
import { syncDirectory } from '../disk/sync-directory.ts';

const MOST_BYTES = 4 * 1024 * 1024;

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** Full disks and links have words of their own; everything else keeps its cause. */
export function fileFailure(path: string, doing: string, cause: unknown): StepFailed {
  if (cause instanceof StepFailed) return cause;
  if (codeOf(cause) === 'ENOSPC' || codeOf(cause) === 'EDQUOT') {
    return new StepFailed('disk-full', `No space left while ${doing} ${path}`, { resource: path, cause });
  }
  if (codeOf(cause) === 'ELOOP') return linkRefused(path);
  const why = codeOf(cause) === undefined ? '' : `: ${codeOf(cause)}`;
  return new StepFailed('file-failed', `Failed ${doing} ${path}${why}`, {
    resource: path,
    detail: { code: codeOf(cause) ?? null },
    cause,
  });
}

const linkRefused = (path: string): StepFailed =>
  new StepFailed('symlink-refused', `${path} is a symbolic link, and none is followed`, { resource: path });

/** @param file what stands at `path`, or above it, and is none */
const noDirectory = (path: string, file: string): StepFailed =>
  new StepFailed(
    'not-a-directory',
    file === path
      ? `${path} should be a directory and is a file: move it away, or name another directory in the config profile`
      : `The directory ${path} cannot be made, since ${file} is a file`,
    { resource: file },
  );

async function statOrNull(path: string) {
  try {
    return await lstat(path);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return null;
    throw fileFailure(path, 'looking at', cause);
  }
}

export const pathExists = async (path: string): Promise<boolean> => (await statOrNull(path)) !== null;

const notAFile = (path: string): StepFailed =>
  new StepFailed('not-a-file', `${path} is no regular file, and nothing else is read or written there`, {
    resource: path,
  });

/**
 * In directories that are another user's, who may have put anything there: no link is followed, and the end of a pipe that
 * nobody opens at the other end is not waited for, which would be for ever.
 * @param how to read unless told
 */
export async function openFile(path: string, how = constants.O_RDONLY, mode?: number): Promise<FileHandle> {
  const file = await open(path, how | constants.O_NOFOLLOW | constants.O_NONBLOCK, mode).catch((cause) => {
    throw codeOf(cause) === 'ENXIO' ? notAFile(path) : cause;
  });
  try {
    if (!(await file.stat()).isFile()) throw notAFile(path);
    return file;
  } catch (cause) {
    await file.close();
    throw cause;
  }
}

/** @returns null when there is none */
export async function readText(
  path: string,
  mostBytes = MOST_BYTES,
  encoding: 'utf8' | 'latin1' = 'utf8',
): Promise<string | null> {
  if ((await statOrNull(path)) === null) return null;
  try {
    const file = await openFile(path);
    try {
      const { size } = await file.stat();
      if (size > mostBytes) {
        throw new StepFailed('file-too-large', `${path} holds more than ${mostBytes} bytes`, {
          resource: path,
        });
      }
      return await file.readFile(encoding);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw fileFailure(path, 'reading', cause);
  }
}

export const listDirectory = async (path: string): Promise<string[]> => await readdir(path).catch(() => []);

/** The kernel's own limit, on one way. */
const MOST_LINKS = 40;
const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '');

/**
 * By ctime, which nobody can set: a file that was moved or copied here with its old times has changed as well. Every link on the
 * way counts, and what it leads to: one that was switched leads to another file, however old that is. One that leads nowhere is no file.
 */
export async function changedMs(path: string): Promise<number | null> {
  const way = partsOf(path);
  let at = '/';
  let links = 0;
  let latestMs = 0;
  let ownMs = 0;
  for (let part = way.shift(); part !== undefined; part = way.shift()) {
    const next = join(at, part);
    const found = links === 0 ? await statOrNull(next) : await lstat(next).catch(() => null);
    if (found === null) return null;
    if (!found.isSymbolicLink()) {
      at = next;
      ownMs = found.ctimeMs;
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) return null;
    latestMs = Math.max(latestMs, found.ctimeMs);
    const target = await readlink(next);
    if (isAbsolute(target)) at = '/';
    way.unshift(...partsOf(target));
  }
  return Math.max(latestMs, ownMs);
}

export async function sizeOf(path: string): Promise<number> {
  return (await lstat(path).catch(() => null))?.size ?? 0;
}

/** The last bytes of a (log) file, as text; '' when there is none, or it is no file. */
export async function readTail(path: string, mostBytes: number, fromByte = 0): Promise<string> {
  const file = await openFile(path).catch(() => null);
  if (file === null) return '';
  try {
    const { size } = await file.stat();
    const length = Math.min(size >= fromByte ? size - fromByte : size, mostBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** A directory may be reached by links (those of alternatives(8), say), where a file may not. */
export async function realDirectory(path: string): Promise<string | null> {
  try {
    const real = await realpath(path);
    return (await stat(real)).isDirectory() ? real : null;
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return null;
    throw fileFailure(path, 'looking at', cause);
  }
}

/** Owner and mode of the old file are kept, as far as `most` allows; a reader sees the old text or the new, never a part. */
export async function replaceText(
  path: string,
  text: string,
  mode = 0o644,
  most = 0o7777,
  group: number | null = null,
): Promise<void> {
  const old = await statOrNull(path);
  if (old?.isSymbolicLink()) throw linkRefused(path);
  const temporary = join(dirname(path), `.ringmaster-${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text, 'utf8');
      const rights = (old === null ? mode : old.mode) & most;
      const [ownUid, ownGid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
      const uid = old?.uid ?? ownUid;
      const gid = group !== null && (rights & 0o004) === 0 ? group : (old?.gid ?? ownGid);
      if (uid !== ownUid || gid !== ownGid) await file.chown(uid, gid);
      await file.chmod(rights); // after chown, which clears setuid bits
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true });
    throw fileFailure(path, 'writing', cause);
  }
}

/** Of the file system that this directory is on, or will be once it is made; null where that cannot be told. */
export async function freeBytesAt(directory: string): Promise<number | null> {
  for (let path = directory; ; path = dirname(path)) {
    const found = await statfs(path).catch(() => null);
    if (found !== null) return found.bavail * found.bsize;
    if (path === dirname(path)) return null;
  }
}

/** A file, or a directory with all below it. */
export async function removePath(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (cause) {
    throw fileFailure(path, 'removing', cause);
  }
}

/** @returns true when it had to be made */
export async function ensureDirectory(path: string, mode: number): Promise<boolean> {
  const old = await statOrNull(path);
  if (old?.isDirectory()) return false;
  if (old?.isSymbolicLink()) throw linkRefused(path);
  if (old !== null) throw noDirectory(path, path);
  try {
    await mkdir(path, { recursive: true, mode });
    return true;
  } catch (cause) {
    // Of a file on the way there; node names neither.
    if (codeOf(cause) === 'ENOTDIR' || codeOf(cause) === 'EEXIST') {
      for (let above = dirname(path); above !== dirname(above); above = dirname(above))
        if ((await statOrNull(above))?.isFile()) throw noDirectory(path, above);
    }
    throw fileFailure(path, 'making', cause);
  }
}

const isOwnDirectory = async (path: string): Promise<boolean> => {
  const found = await statOrNull(path);
  return found?.isDirectory() === true && found.uid === process.getuid?.();
};

/** @returns false when there is none at `from` that is this user's own, or something is at `to` already */
export async function moveOwnDirectory(from: string, to: string): Promise<boolean> {
  if (!(await isOwnDirectory(from)) || (await pathExists(to))) return false;
  await ensureDirectory(dirname(to), 0o755);
  try {
    await rename(from, to);
    await syncDirectory(dirname(to));
  } catch (cause) {
    throw fileFailure(from, 'moving', cause);
  }
  // Whoever may write around `from` could have put another in its place meanwhile; around `to` nobody can.
  if (await isOwnDirectory(to)) return true;
  await removePath(to);
  return false;
}

/** Hex digest, streamed. */
export async function sha256OfFile(path: string, onBytes?: (n: number) => void): Promise<string> {
  const hash = createHash('sha256');
  try {
    const file = await openFile(path);
    for await (const chunk of file.createReadStream()) {
      hash.update(chunk as Buffer);
      onBytes?.((chunk as Buffer).length);
    }
  } catch (cause) {
    throw fileFailure(path, 'reading', cause);
  }
  return hash.digest('hex');
}
