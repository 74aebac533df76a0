// Processes as /proc shows them: named by pid and start time, found by their command line, started in a session of their own.
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { uptime } from 'node:os';
import { StepFailed } from '../../shared/errors.ts';
import { fileFailure, openFile } from './files.ts';
import type { ProcessId } from './host.ts';
import { allPids, commandLineOf, startTicksOf } from './proc.ts';

const MAIN_CLASSES: readonly string[] = [
  'org.apache.cassandra.service.CassandraDaemon',
  'com.datastax.bdp.DseModule',
  'com.datastax.bdp.DseCoreModule',
];

/** @throws StepFailed `process-unreadable` */
export const isAlive = async (process: ProcessId): Promise<boolean> =>
  (await startTicksOf(process.pid)) === process.startTicks;

/** USER_HZ: what proc(5) counts in on every architecture that has a JVM. */
const TICK_MS = 10;

/**
 * By the wall clock as it is set now. Ticks count from boot, sleep included; hrtime leaves sleep out, and of an uptime a container
 * may have one of its own, which is shorter: the earlier moment is never too late.
 * @see Host.startedMs
 */
export const startedMs = ({ startTicks }: ProcessId): number => {
  const upMs = Math.max(Number(process.hrtime.bigint() / 1_000_000n), uptime() * 1_000);
  return Math.floor(Date.now() - upMs) + startTicks * TICK_MS;
};

/** @returns false when that very process was gone already */
export async function signalProcess(target: ProcessId, name: NodeJS.Signals): Promise<boolean> {
  if (!(await isAlive(target))) return false;
  try {
    return process.kill(target.pid, name);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ESRCH') return false;
    const pid = String(target.pid);
    throw new StepFailed('signal-refused', `Could not send ${name} to process ${pid}`, {
      resource: pid,
      cause,
    });
  }
}

const isBelow = (argument: string, directory: string): boolean => {
  // as a whole path: /x/node1 must not match /x/node10 nor /y/x/node1
  for (
    let at = argument.indexOf(`${directory}/`);
    at !== -1;
    at = argument.indexOf(`${directory}/`, at + 1)
  ) {
    if (at === 0 || '=:,@"\''.includes(argument.charAt(at - 1))) return true;
  }
  return false;
};

/** True for the JVM of a Cassandra below `directory`, and for its launcher on the way to becoming it. */
export function isCassandraOf(commandLine: readonly string[], directory: string): boolean {
  const isJvm = commandLine.some((argument) => MAIN_CLASSES.includes(argument));
  const isLauncher =
    commandLine.includes(`${directory}/run/cassandra.pid`) &&
    commandLine.includes('-p') &&
    commandLine.includes('-f');
  return isLauncher || (isJvm && commandLine.some((argument) => isBelow(argument, directory)));
}

/** @throws StepFailed `process-unreadable`: what could not be looked at may be the one */
export async function findCassandra(directory: string): Promise<ProcessId | null> {
  for (const pid of await allPids()) {
    const commandLine = await commandLineOf(pid);
    if (commandLine === null || !isCassandraOf(commandLine, directory)) continue;
    const startTicks = await startTicksOf(pid);
    if (startTicks !== null) return { pid, startTicks };
  }
  return null;
}

/** The service whose cgroup this process is in, as /proc/self/cgroup tells; null: none. */
export const serviceOf = (cgroups: string): string | null =>
  /^(?:0:|\d+:name=systemd):\/.*?([^/\n]+\.service)$/m.exec(cgroups)?.[1] ?? null;

/**
 * Under systemd what an agent starts would stay in the agent's service, and be stopped, counted and limited with it. A scope
 * is a cgroup of its own; systemd-run makes it and then becomes the program, so pid and start time stay those of the spawn.
 */
async function ownScope(): Promise<readonly string[]> {
  if (process.getuid?.() !== 0) return [];
  const isSystemd = await access('/run/systemd/system').then(
    () => true,
    () => false,
  );
  const cgroups = isSystemd ? await readFile('/proc/self/cgroup', 'utf8').catch(() => '') : '';
  return serviceOf(cgroups) === null
    ? []
    : [
        'systemd-run',
        '--scope',
        '--quiet',
        '--property=TasksMax=infinity',
        '--description=Database node',
        '--',
      ];
}

/**
 * In a session and a cgroup of its own, so that nothing that ends the agent's process group or service reaches it.
 * @throws StepFailed `spawn-failed`, or `process-unreadable` when it could not be told apart by start time: nothing runs then
 */
export async function spawnDetached(
  argv: readonly [string, ...string[]],
  options: { cwd: string; env: Readonly<Record<string, string>>; outputPath: string },
  startedAt = startTicksOf,
): Promise<ProcessId> {
  const [program, ...rest] = [...(await ownScope()), ...argv] as [string, ...string[]];
  const { O_APPEND, O_CREAT, O_WRONLY } = constants;
  const output = await openFile(options.outputPath, O_APPEND | O_CREAT | O_WRONLY, 0o640).catch(
    (cause: unknown) => {
      throw fileFailure(options.outputPath, 'opening', cause);
    },
  );
  const child = await spawned(program, rest, options, output.fd).finally(() => output.close());
  const pid = child.pid ?? 0;
  try {
    return { pid, startTicks: (await startedAt(pid)) ?? 0 }; // 0: dead already, never alive
  } catch (cause) {
    child.kill('SIGKILL'); // nobody would know it as ours
    throw cause;
  }
}

async function spawned(
  program: string,
  rest: readonly string[],
  { cwd, env }: { cwd: string; env: Readonly<Record<string, string>> },
  output: number,
): Promise<ChildProcess> {
  try {
    const child = spawn(program, rest, {
      cwd,
      env,
      detached: true,
      shell: false,
      stdio: ['ignore', output, output],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.on('error', () => {}); // nothing more to hear of it: it is watched through /proc
    child.unref();
    return child;
  } catch (cause) {
    const { code = 'unknown reason' } = cause as NodeJS.ErrnoException;
    // node says ENOENT of a missing folder to start it in, too
    const hasFolder = code !== 'ENOENT' || (await stat(cwd).catch(() => null)) !== null;
    const why = hasFolder ? code : `there is no folder ${cwd} to start it in`;
    throw new StepFailed('spawn-failed', `Could not start ${program}: ${why}`, {
      resource: hasFolder ? program : cwd,
      detail: { code },
      cause,
    });
  }
}
