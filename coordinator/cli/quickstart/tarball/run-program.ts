// Running one program to its end, by argument vector and never through a shell.
import { spawn } from 'node:child_process';

export interface Ran {
  exitCode: number;
  /** Standard output and standard error as they came, the last 64 KiB of them. */
  output: string;
}

const KEEP_BYTES = 65_536;

/**
 * Runs `file` with `args`. A program that fails is a value: look at `exitCode` (128 when a signal ended it).
 * @throws the system's error when there is no such program (`ENOENT`) or it may not be run
 */
export function runProgram(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-KEEP_BYTES);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode: exitCode ?? 128, output }));
  });
}

/** The last lines a program said that are worth showing in an error. */
export const lastLines = (output: string, lines = 5): string =>
  output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-lines)
    .join(' | ');
