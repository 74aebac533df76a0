// A disk of a few megabytes, to be filled: a mount that only root may make.
import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  /** open to every user */
  directory: string;
  /** @param butBytes so much is left free */
  fill(butBytes?: number): void;
  /** gives back all that was filled */
  clear(): void;
  remove(): Promise<void>;
}

/** @throws where one may not mount: without root, or in a container */
export async function mountSmallDisk(megabytes: number): Promise<SmallDisk> {
  const directory = await mkdtemp(join(tmpdir(), 'small-disk-'));
  await chmod(directory, 0o755);
  const options = `size=${megabytes}m,mode=755`;
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', directory], { stdio: 'ignore' });
  const filler = join(directory, 'filler');
  return {
    directory,
    fill: (butBytes = 0) => {
      const { bavail, bsize } = statfsSync(directory);
      try {
        writeFileSync(filler, Buffer.alloc(bavail * bsize - butBytes, 1));
      } catch (error) {
        // Somebody else took the last of it; what was written stays.
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    },
    clear: () => rmSync(filler, { force: true }),
    remove: async () => {
      execFileSync('umount', ['-l', directory]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
