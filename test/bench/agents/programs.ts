// The product's programs, started as npm starts them, and what /proc tells of them.
import { spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';

export interface Program {
  pid: number;
  log(): string;
  stop(): Promise<void>;
}

/** Runs what `npm start` or `npm run agent` runs, without npm in between: its pid is the program's own. */
export function startByNpm(
  script: 'start' | 'agent',
  env: Readonly<Record<string, string>>,
  logPath: string,
): Program {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const [command = '', ...args] = (scripts[script] ?? '').split(' ');
  const out = openSync(logPath, 'a', 0o600);
  const child = spawn(command, args, { stdio: ['ignore', out, out], env: { ...process.env, ...env } });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    pid: child.pid ?? 0,
    log: () => readFileSync(logPath, 'utf8'),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}

export interface Memory {
  rssMib: number;
  /** without what is mapped from files, node's own executable above all */
  anonMib: number;
}

const MIB = 1_024; // of KiB

export function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  const mib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]) / MIB;
  return { rssMib: mib('Rss'), anonMib: mib('Anonymous') };
}

/** User and system time of all threads since the start; the kernel counts in hundredths. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** How many files this process and those it starts may have open; node raises its own limit to the hard one. */
export function mostOpenFiles(): number {
  const [, most] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? [];
  return Number(most);
}
