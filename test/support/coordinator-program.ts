// The coordinator as a process of its own: to be killed, paused, and watched as it ends.
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { chmod, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Running, startProgram } from '../../coordinator/cli/quickstart/processes.ts';
import { MASTER_KEY } from './coordinator.ts';
import { eventually } from './eventually.ts';

export interface CoordinatorProgram extends Running {
  restUrl: string;
  grpcPort: number;
  /** all that it logged so far */
  log(): string;
  /** resolves with the exit code, or the signal that ended it */
  ended: Promise<number | string>;
  /** resumes it if need be, ends it by SIGKILL and removes its directory */
  remove(): Promise<void>;
}

/**
 * Starts it; whether it comes up is another question. Ports are free ones, the database an embedded one and the data directory
 * its own, gone with it, unless `env` says otherwise.
 */
export async function spawnCoordinator(env: Record<string, string>): Promise<CoordinatorProgram> {
  const own = mkdtempSync(join(tmpdir(), 'coordinator-'));
  await chmod(own, 0o755); // the embedded database's user has to get there
  const directory = env['RINGMASTER_DATA_DIR'] ?? own;
  const logPath = join(own, 'log');
  const program = startProgram(
    'coordinator',
    'coordinator/main',
    [],
    {
      RINGMASTER_DATA_DIR: directory,
      RINGMASTER_REST_PORT: '0',
      RINGMASTER_GRPC_PORT: '0',
      RINGMASTER_ENROL_PORT: '0',
      RINGMASTER_GRPC_HOST: '127.0.0.1',
      RINGMASTER_MASTER_KEY: MASTER_KEY,
      RINGMASTER_BOOTSTRAP: 'off', // models here name hosts that are nobody's
      ...env,
    },
    logPath,
  );
  const { child } = program;
  return {
    ...program,
    restUrl: '',
    grpcPort: 0,
    log: () => readFileSync(logPath, 'utf8'),
    ended: once(child, 'exit').then(([code, signal]) => code ?? signal),
    remove: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      await rm(own, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The same, once it is ready. */
export async function startCoordinatorProgram(env: Record<string, string>): Promise<CoordinatorProgram> {
  const program = await spawnCoordinator(env);
  const ready = await eventually(
    () => {
      const line = program
        .log()
        .split('\n')
        .find((text) => text.includes('"coordinator ready"'));
      if (line === undefined) throw new Error(`not ready: ${program.log()}`);
      return JSON.parse(line) as { address: string; port: number };
    },
    { withinMs: 30_000 },
  );
  return { ...program, restUrl: ready.address, grpcPort: ready.port };
}
