// Runs a short-lived program as the server's user and keeps the end of what it said.
import { spawn } from 'node:child_process';

/** Whom a process runs as; empty: as ourselves. */
export interface Identity {
  uid?: number;
  gid?: number;
}

/** All that PostgreSQL's programs get to see: messages in English, times in UTC, nothing of ours. */
export const BARE_ENVIRONMENT = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** Longest run of any program here; initdb on a slow disk is the slowest. */
const WITHIN_MS = 180_000;
const KEPT_OUTPUT = 8_000;

/** @returns ok: it exited with 0; output: the end of what it wrote, or why it could not be run. Never throws. */
export async function runProgram(
  program: string,
  args: readonly string[],
  identity: Identity,
): Promise<{ ok: boolean; output: string }> {
  return await new Promise((resolve) => {
    const child = spawn(program, args, {
      ...identity,
      cwd: '/',
      env: BARE_ENVIRONMENT,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: WITHIN_MS,
      killSignal: 'SIGKILL',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
      });
    child.once('error', (error) => resolve({ ok: false, output: error.message }));
    child.once('close', (code, signal) =>
      resolve({ ok: code === 0, output: signal === null ? output : `${output}\nended by ${signal}` }),
    );
  });
}
