// Starts a node again as it ran, as one that comes back by itself does, or one that a script restarts.
import { spawn } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';

/** @returns how to start this process again, with its own command line, environment and directory */
export function cassandraAgain(pid: number): () => void {
  const words = (name: string): string[] =>
    readFileSync(`/proc/${pid}/${name}`, 'utf8').split('\0').slice(0, -1);
  const [program = '', ...args] = words('cmdline');
  const env = Object.fromEntries(words('environ').map((one) => one.split(/=(.*)/s).slice(0, 2)));
  const cwd = readlinkSync(`/proc/${pid}/cwd`);
  return () => spawn(program, args, { env, cwd, detached: true, stdio: 'ignore' }).unref();
}
