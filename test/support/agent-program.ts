// Starts test/support/agent-process.ts: an agent as a process of its own, killed, paused and started again on the same files.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  /** another process on the same files */
  startAgain(): void;
  /** lets the step come to its end */
  openGate(): void;
  remove(): Promise<void>;
}

export async function startAgentProgram(
  bundle: string,
  given: Partial<Omit<AgentProgramOptions, 'bundle' | 'before'>>,
): Promise<AgentProgram> {
  const directory = await mkdtemp(join(tmpdir(), 'agent-program-'));
  const identity = await enrol(bundle);
  const options: AgentProgramOptions = {
    bundle: '',
    before: { identity, directory },
    addresses: identity.coordinatorAddresses.slice(0, 1),
    paceMs: 5,
    textBytes: 0,
    ...given,
  };
  const script = fileURLToPath(new URL('./agent-process.ts', import.meta.url));
  const start = (): ChildProcess =>
    spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(options)], {
      stdio: ['pipe', 'inherit', 'inherit'],
    });
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
    startAgain: () => {
      child = start();
    },
    openGate: () => writeFileSync(join(directory, 'gate'), ''),
    remove: async () => {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
