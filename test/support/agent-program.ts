// Starts test/support/agent-process.ts: an agent as a process of its own, killed, paused and started again on the same files.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { enrol } from '../../agent/enrol.ts';
import type { Identity } from '../../agent/identity/identity.ts';
import type { Keepalive } from '../../shared/wire/service.ts';

export interface AgentProgramOptions {
  bundle: string;
  before: { identity: Identity; directory: string };
  addresses: string[];
  keepalive?: Keepalive;
  outbox?: { mostBytes: number; segmentBytes: number; reserveBytes: number };
  /** between two events */
  paceMs: number;
  /** length of each event's text */
  textBytes: number;
}

export interface AgentProgram {
  directory: string;
  child(): ChildProcess;
  /** kill -9, resolved once it is gone */
  kill(): Promise<void>;
  /** another process on the same files; resolves with its exit code should it end */
  startAgain(): Promise<number | null>;
  /** on standard error, over all its lives */
  said(): string;
  /** lets the step come to its end */
  openGate(): void;
  remove(): Promise<void>;
}

/** @param at its directory, made by the caller; a temporary one unless given */
export async function startAgentProgram(
  bundle: string,
  given: Partial<Omit<AgentProgramOptions, 'bundle' | 'before'>>,
  at: string | null = null,
): Promise<AgentProgram> {
  const directory = at ?? (await mkdtemp(join(tmpdir(), 'agent-program-')));
  const identity = await enrol(bundle);
  const options: AgentProgramOptions = {
    bundle: '',
    before: { identity, directory },
    addresses: identity.coordinatorAddresses.slice(0, 1),
    paceMs: 5,
    textBytes: 0,
    ...given,
  };
  const script = fileURLToPath(new URL(`./agent-process${extname(import.meta.url)}`, import.meta.url));
  let said = '';
  const start = (): ChildProcess => {
    const started = spawn(process.execPath, [...process.execArgv, script, JSON.stringify(options)], {
      stdio: ['pipe', 'inherit', 'pipe'],
    });
    started.stderr.on('data', (chunk) => (said += chunk));
    return started;
  };
  let child = start();
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return {
    directory,
    child: () => child,
    kill,
    startAgain: async () => {
      child = start();
      const [code] = await once(child, 'exit');
      return code;
    },
    said: () => said,
    openGate: () => writeFileSync(join(directory, 'gate'), ''),
    remove: async () => {
      await kill();
      if (at === null) await rm(directory, { recursive: true, force: true });
    },
  };
}
