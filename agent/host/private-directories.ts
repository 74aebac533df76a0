// Directories for files that are of use for a moment, and that nobody else is to read.
import { chmod, chown, lstat, mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { StepFailed } from '../../shared/errors.ts';
import { runCommand } from './commands.ts';
import { fileFailure } from './files.ts';
import type { Account } from './host.ts';

const pathOf = (name: string): string => join(tmpdir(), name);

/**
 * The directory stays ours when another may read it: whoever owned it could lead what we write and remove elsewhere. Files are the
 * reader's own: its group may have others in it.
 */
export async function makePrivate(
  name: string,
  filesIn: (directory: string) => ReadonlyMap<string, string | Uint8Array>,
  reader: Account | null,
): Promise<string> {
  const directory = pathOf(name);
  const makeDirectory = async (path: string): Promise<void> => {
    await mkdir(path, { mode: 0o700 });
    await chmod(path, reader === null ? 0o700 : 0o711); // whatever the umask took away
  };
  const files = filesIn(directory);
  try {
    await makeDirectory(directory);
    for (const folder of new Set([...files.keys()].map((file) => dirname(file))))
      if (folder !== '.') await makeDirectory(join(directory, folder));
    for (const [file, content] of files) {
      const path = join(directory, file);
      await writeFile(path, content, { mode: 0o400, flag: 'wx' });
      if (reader !== null) await chown(path, reader.uid, reader.gid);
    }
    const work = join(directory, 'work');
    await mkdir(work, { mode: 0o700 });
    if (reader !== null) await chown(work, reader.uid, reader.gid);
    return directory;
  } catch (cause) {
    throw fileFailure(directory, 'making', cause);
  }
}

/** rm(1) follows no link that somebody else puts in the place of a directory while it is at work there, as Node's own would. */
export async function removePrivate(name: string): Promise<void> {
  const path = pathOf(name);
  const env = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' };
  const argv = ['rm', '-rf', '--one-file-system', '--', path] as const;
  const { exitCode, stderr } = await runCommand(argv, { withinMs: 30_000, env });
  if (exitCode === 0) return;
  throw new StepFailed('file-failed', `Failed removing ${path}: ${stderr.trim().slice(0, 500)}`, {
    resource: path,
  });
}

/** None where that cannot be read: they are in nobody's way. A link is not followed: what it leads to is not one of ours. */
export async function oldPrivates(prefix: string, olderThanMs: number): Promise<string[]> {
  const names = await readdir(tmpdir()).catch((): string[] => []);
  const found: string[] = [];
  for (const name of names.filter((one) => one.startsWith(prefix))) {
    const seen = await lstat(pathOf(name)).catch(() => null);
    if (seen === null || !seen.isDirectory() || seen.uid !== process.getuid?.()) continue;
    if (Date.now() - seen.mtimeMs > olderThanMs) found.push(name);
  }
  return found;
}
