// A disk whose writes fail when a test says so, as one does that went read-only or is dying.
import { type OpenLogFile, openLogFile } from '../../../agent/disk/log-file.ts';

export interface FailingDisk {
  openFile: OpenLogFile;
  /** From now on no write gets through whole; what was written stays. */
  fail(): void;
  heal(): void;
}

/**
 * @param code of the error, such as EIO or EROFS
 * @param afterBytes of a write get through before it fails
 */
export function failingDisk(code: string, { afterBytes } = { afterBytes: 0 }): FailingDisk {
  let isFailing = false;
  const check = (): void => {
    if (isFailing) throw Object.assign(new Error(`${code}: write`), { code });
  };
  return {
    openFile: async (path) => {
      const file = await openLogFile(path);
      return {
        ...file,
        write: async (bytes, position) => {
          if (isFailing) await file.write(bytes.subarray(0, afterBytes), position);
          check();
          await file.write(bytes, position);
        },
        truncate: async (bytes) => {
          check();
          await file.truncate(bytes);
        },
      };
    },
    fail() {
      isFailing = true;
    },
    heal() {
      isFailing = false;
    },
  };
}
