// What /proc tells of a process. A process that is gone is an answer; a /proc that could not be read is none.
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { StepFailed } from '../../shared/errors.ts';
import type { ProcessId, RunningProgram } from './host.ts';

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** The state letter, thread count and start ticks of a /proc/<pid>/stat line. The name in parentheses may hold anything, even `) `. */
export function parseStat(line: string): { state: string; threads: number; startTicks: number } {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' '); // fields[0] is field 3 of proc(5)
  return { state: fields[0] ?? '?', threads: Number(fields[17]), startTicks: Number(fields[19]) };
}

/**
 * @returns clock ticks after boot; null when there is no such process of ours, or only what is left of it until its parent looks
 * @throws StepFailed `process-unreadable`
 */
export async function startTicksOf(pid: number): Promise<number | null> {
  const line = await readOf(pid, 'stat');
  if (line === null) return null;
  const { state, threads, startTicks } = parseStat(line);
  // an ending JVM shows its first thread as a zombie while others still hold the ports
  const isGone = state === 'X' || (state === 'Z' && threads <= 1);
  return isGone ? null : startTicks;
}

/**
 * @returns null when there is no such process of ours; empty for a kernel thread and a zombie
 * @throws StepFailed `process-unreadable`
 */
export async function commandLineOf(pid: number): Promise<string[] | null> {
  return (await readOf(pid, 'cmdline'))?.split('\0') ?? null;
}

/** @see Host.programOf */
export async function programOf({ pid, startTicks }: ProcessId): Promise<RunningProgram | null> {
  const read = (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  const isThere = async (): Promise<boolean> => (await startTicksOf(pid)) === startTicks;
  if (!(await isThere())) return null;
  const path = await readlink(`/proc/${pid}/exe`).catch(() => null);
  const status = await read('status');
  const numbersIn = (name: string): number[] =>
    (new RegExp(`^${name}:(.*)$`, 'm').exec(status)?.[1] ?? '')
      .trim()
      .split(/\s+/)
      .filter(Boolean)
      .map(Number);
  const [, effective] = numbersIn('Gid');
  const groups = effective === undefined ? [] : [effective, ...numbersIn('Groups')];
  const words = (await read('cmdline')).split('\0').slice(0, -1);
  return (await isThere()) ? { path, uids: numbersIn('Uid'), groups, words } : null; // else its pid may be another's
}

/** @throws StepFailed `process-unreadable` */
export async function allPids(): Promise<number[]> {
  const names = await readdir('/proc').catch((cause: unknown) => {
    throw unreadable('/proc', cause);
  });
  return names.filter((name) => /^[0-9]+$/.test(name)).map(Number);
}

/** Null for ENOENT and ESRCH, and for a process of another user that is hidden from us: we could not have started that one. */
async function readOf(pid: number, file: 'stat' | 'cmdline'): Promise<string | null> {
  const path = `/proc/${pid}/${file}`;
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    if ((code === 'EACCES' || code === 'EPERM') && !(await isOurs(pid))) return null;
    throw unreadable(path, cause);
  }
}

async function isOurs(pid: number): Promise<boolean> {
  const path = `/proc/${pid}`;
  try {
    return (await stat(path)).uid === process.geteuid?.();
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ESRCH') return false;
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): StepFailed {
  const code = codeOf(cause) ?? null;
  return new StepFailed('process-unreadable', `Could not read ${path}: ${code ?? 'unknown reason'}`, {
    resource: path,
    detail: { code },
    cause,
  });
}
