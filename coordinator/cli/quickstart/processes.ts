// The quickstart's own processes: the coordinator and the agents, ended by their ids, and the database nodes at the end.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface Running {
  readonly name: string;
  readonly child: ChildProcess;
  readonly logPath: string;
  stop(): Promise<void>;
}

/** Run from sources (tests) or from the build (npm): whatever this file is itself. */
const isBuilt = import.meta.url.endsWith('.js');

function commandOf(program: string, nodeOptions: readonly string[]): [string, ...string[]] {
  // The agent's own launcher knows what keeps it small.
  if (isBuilt && program === 'agent/main') return [join(root, 'agent/ringmaster-agent')];
  const source = isBuilt ? [join(root, `${program}.js`)] : ['--import', 'tsx', join(root, `${program}.ts`)];
  return [process.execPath, ...nodeOptions, ...source];
}

/** Starts one of our programs (`coordinator/main`, `agent/main`), output to a file; TERM, then KILL after 10 s. */
export function startProgram(
  name: string,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  logPath: string,
  nodeOptions: readonly string[] = [],
): Running {
  const out = openSync(logPath, 'a', 0o600);
  const [command, ...first] = commandOf(program, nodeOptions);
  const child = spawn(command, [...first, ...args], {
    stdio: ['ignore', out, out],
    env: { ...process.env, NODE: process.execPath, ...env },
    detached: true,
  });
  closeSync(out);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    name,
    child,
    logPath,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await exited;
      clearTimeout(force);
    },
  };
}

/** Pids of processes whose command line, or environment as it was at their start, is one of these. */
function pidsOf(matches: (words: string) => boolean, file: 'cmdline' | 'environ' = 'cmdline'): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return matches(readFileSync(`/proc/${pid}/${file}`, 'utf8'));
      } catch {
        return false;
      }
    });
}

/** Pids of Cassandra processes whose command line names this directory. */
export const cassandrasBelow = (directory: string): number[] =>
  pidsOf(
    (line) => line.includes('org.apache.cassandra.service.CassandraDaemon') && line.includes(`${directory}/`),
  );

/** Those, and the launchers that are about to become one. */
const startedBelow = (directory: string): number[] =>
  pidsOf(
    (line) =>
      line.includes(`${directory}/`) &&
      /org\.apache\.cassandra\.service\.CassandraDaemon|\/bin\/cassandra\0/.test(line),
  );

/** Agents and coordinators that were told to keep their data below the directory. */
const programsBelow = (directory: string): number[] =>
  pidsOf(
    (words) =>
      words
        .split('\0')
        .some(
          (word) =>
            word === `RINGMASTER_DATA_DIR=${directory}/coordinator` ||
            word.startsWith(`RINGMASTER_AGENT_DATA_DIR=${directory}/agents/`),
        ),
    'environ',
  );

/** Ends the agents and the coordinator of a quickstart that was killed. @returns how many there were */
export async function stopProgramsBelow(directory: string): Promise<number> {
  return await endAll(() => programsBelow(directory), 15_000);
}

/** Ends the database nodes below the directory: they outlive agents by design, so somebody has to. */
export async function stopCassandras(directory: string, withinMs = 30_000): Promise<void> {
  await endAll(() => startedBelow(directory), withinMs);
}

/** One that is ending has no command line any more while it still has its ports, to the end of its last thread. */
function holdsPorts(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return !/^State:\s+[ZX]/m.test(status) || !/^Threads:\s+[01]$/m.test(status);
  } catch {
    return false;
  }
}

/** A process that was killed has its memory to give back first. */
const KILLED_WITHIN_MS = 5_000;

/** Asks each once to end, and no longer asks after that time. @returns how many there were */
async function endAll(look: () => number[], withinMs: number): Promise<number> {
  const deadline = Date.now() + withinMs;
  const asked = new Set<number>();
  const areEnding = (): boolean => Date.now() < deadline + KILLED_WITHIN_MS && [...asked].some(holdsPorts);
  for (let left = look(); left.length > 0 || areEnding(); left = look()) {
    for (const pid of left) {
      const signal = Date.now() > deadline ? 'SIGKILL' : asked.has(pid) ? null : 'SIGTERM';
      asked.add(pid);
      try {
        if (signal !== null) process.kill(pid, signal);
      } catch {
        // it has ended since
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return asked.size;
}
