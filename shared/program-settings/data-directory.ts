// The directory a program keeps its files in, made or refused before anything is put there.
import { accessSync, constants, mkdirSync } from 'node:fs';
import { BadConfiguration } from './read.ts';

/** What stands against it, in words, for as long as nobody changes it; any other reason is told by its code, and may pass. */
const WORDS: Readonly<Record<string, string>> = {
  EEXIST: 'is no directory',
  ENOTDIR: 'lies below something that is no directory',
  EACCES: 'may not be used by this user',
  EPERM: 'may not be used by this user',
  EROFS: 'is on a file system that may only be read',
};

/**
 * @param asked the mode of a new one; the variable that names it otherwise; whether it must take files in any case: a
 *   coordinator that is given its database and keys from elsewhere puts none there; and what is to be done where this user
 *   may not use it, null for another directory
 * @throws BadConfiguration as for any other mistake in the settings; Error when it may do at another time
 */
export function makeDataDirectory(
  path: string,
  asked: { mode: number; variable: string; isWritten: boolean; asAnotherUser: string | null },
): void {
  const { R_OK, W_OK, X_OK } = constants;
  try {
    mkdirSync(path, { recursive: true, mode: asked.mode });
    accessSync(path, asked.isWritten ? R_OK | W_OK | X_OK : R_OK | X_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const why = WORDS[code];
    if (why === undefined) {
      const reason = code === 'ENOSPC' ? 'cannot be made: no space is left' : `cannot be used: ${code}`;
      throw new Error(`data-dir: ${path} ${reason}`, { cause: error });
    }
    const another = `choose another with --data-dir or ${asked.variable}`;
    const cure = ['EACCES', 'EPERM'].includes(code) ? (asked.asAnotherUser ?? another) : another;
    throw new BadConfiguration([`data-dir: ${path} ${why}: ${cure}`]);
  }
}
