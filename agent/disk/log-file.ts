// One file of a log under our hands: whole writes at a position, durable sync, cutting; and the errors of a full disk.
import { constants } from 'node:fs';
import { open, rename, unlink, writeFile } from 'node:fs/promises';
import { StepFailed } from '../../shared/errors.ts';
import { syncDirectory } from './sync-directory.ts';

/** What a log needs of a file; a test may put a failing one in its place. */
export interface LogFile {
  /** Writes all of `bytes` at `position`, or throws. */
  write(bytes: Buffer, position: number): Promise<void>;
  /** Resolves when all that was written is on the device (fdatasync). */
  sync(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  close(): Promise<void>;
}

export type OpenLogFile = (path: string) => Promise<LogFile>;

/** Opens for writing, made if missing, readable by its owner alone. */
export const openLogFile: OpenLogFile = async (path) => {
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  return {
    async write(bytes, position) {
      // A disk that fills up in the middle takes a part first and says ENOSPC only at the next call.
      for (let done = 0; done < bytes.length; ) {
        done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
      }
    },
    sync: () => handle.datasync(),
    truncate: (bytes) => handle.truncate(bytes),
    close: () => handle.close(),
  };
};

/** Puts `bytes` in place of the file, whole or not at all. */
export async function replaceFile(directory: string, path: string, bytes: Buffer): Promise<void> {
  const next = `${path}.new`;
  try {
    await writeFile(next, bytes, { mode: 0o600, flush: true });
    await rename(next, path);
    await syncDirectory(directory);
  } catch (error) {
    await unlink(next).catch(() => {});
    throw error;
  }
}

export const hasCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));

export const isNoSpace = (error: unknown): boolean => hasCode(error, 'ENOSPC', 'EDQUOT');

export const isDiskFull = (error: unknown): boolean =>
  error instanceof StepFailed && error.subtype === 'disk-full';

/** A failed write as the expected failure `disk-full` or `disk-failed`. */
export function diskFailure(error: unknown, path: string): StepFailed {
  if (error instanceof StepFailed) return error;
  return isNoSpace(error)
    ? new StepFailed('disk-full', 'no space left to record events, and the reserve is used up', {
        resource: path,
        cause: error,
      })
    : new StepFailed('disk-failed', 'the agent could not write its own records', {
        resource: path,
        cause: error,
      });
}
