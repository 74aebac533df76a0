// Running a program of the machine for the bed: what it said when it went well, an error that shows it when not.
import { spawn } from 'node:child_process';

export interface Ended {
  /** 128 when a signal ended it */
  exitCode: number;
  /** standard output and standard error as they came */
  output: string;
}

interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** standard input; empty unless given */
  input?: string | Buffer;
}

/** A program that fails is a value. @throws ENOENT when there is none */
export function end(argv: readonly [string, ...string[]], options: RunOptions = {}): Promise<Ended> {
  const [file, ...args] = argv;
  const { input = '', ...rest } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { ...rest, stdio: 'pipe' });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stdin.on('error', () => {}); // it need not read what it is given
    child.stdin.end(input);
    child.on('error', reject);
    child.on('close', (exitCode) =>
      resolve({ exitCode: exitCode ?? 128, output: Buffer.concat(chunks).toString() }),
    );
  });
}

/** @throws Error with all that it said when it exits with anything but 0 */
export async function run(argv: readonly [string, ...string[]], options: RunOptions = {}): Promise<string> {
  const { exitCode, output } = await end(argv, options);
  if (exitCode !== 0) throw new Error(`${argv.join(' ')} exited ${exitCode}:\n${output}`);
  return output;
}
