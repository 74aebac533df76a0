// Why the embedded server cannot run, as one line that says what to do about it.
import { LcmError, Unavailable } from '../../../shared/errors.ts';

export const USE_ANOTHER = 'set RINGMASTER_DATABASE_URL to a PostgreSQL server (14 or newer)';

/** PostgreSQL's words (English: it runs with LC_ALL=C) and our own system calls' codes, with what they mean to an operator. */
const MEANINGS: readonly [RegExp, string][] = [
  [
    // A write that was cut short is told without the system's words.
    /No space left on device|Disk quota exceeded|wrote only \d+ of \d+ bytes|ENOSPC|EDQUOT/,
    'the disk is full',
  ],
  [
    /could not look up effective user ID|user does not exist/,
    `its user has no entry in the passwd file; add one, or ${USE_ANOTHER}`,
  ],
  [
    /has wrong ownership|data directory .* has invalid permissions/,
    'its files belong to somebody else; chown them to the user it runs as',
  ],
  [/Read-only file system|EROFS/, 'the file system is read-only; choose another data directory'],
  [
    /Permission denied|Operation not permitted|EACCES|EPERM/,
    'permission denied; run as the user that made it, or choose another data directory',
  ],
];

const linesOf = (output: string): string[] =>
  output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** What a server says to whoever asks it before it can answer. */
const NOT_YET = /the database system is (starting up|in recovery mode|shutting down|not yet accepting)/;

/** The line that matters in a server's output: the last complaint, not the farewell after it. */
export function lastComplaint(output: string): string {
  const lines = linesOf(output);
  return (
    lines.findLast((line) => /\b(PANIC|FATAL|error):/.test(line) && !NOT_YET.test(line)) ??
    lines.at(-1) ??
    'it said nothing'
  );
}

/** @param said what a program wrote, or what a system call threw */
export function refusal(directory: string, said: string, cause?: unknown): Unavailable {
  const known = MEANINGS.find(([pattern]) => pattern.test(said));
  const why =
    known === undefined
      ? lastComplaint(said)
      : `${known[1]} (${linesOf(said).findLast((line) => known[0].test(line))})`;
  return new Unavailable(`The embedded PostgreSQL cannot run in ${directory}: ${why}`, cause);
}

/** Turns what a system call threw into a refusal; what has been said in our words already stays as it is. */
export function asRefusal(directory: string, error: unknown): unknown {
  if (error instanceof LcmError || !(error instanceof Error) || !('code' in error)) return error;
  return refusal(directory, error.message, error);
}
