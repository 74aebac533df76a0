// Running a program to its end: argv only, a fixed environment, bounded output, TERM then KILL when it takes too long.
import { spawn } from 'node:child_process';
import { StepFailed } from '../../shared/errors.ts';
import type { CommandOptions, CommandResult } from './host.ts';

const MOST_OUTPUT = 64 * 1024;
const KILL_AFTER_MS = 2_000;

/** Keeps the last bytes of a stream. */
class Tail {
  #kept = Buffer.alloc(0);
  add(chunk: Buffer): void {
    this.#kept = Buffer.concat([this.#kept, chunk]).subarray(-MOST_OUTPUT);
  }
  get text(): string {
    return this.#kept.toString('utf8');
  }
}

/** @throws StepFailed `program-not-found`, `command-timed-out`; whatever `signal` was aborted with */
export async function runCommand(
  argv: readonly [string, ...string[]],
  options: CommandOptions & { env: Readonly<Record<string, string>> },
): Promise<CommandResult> {
  options.signal?.throwIfAborted();
  const [program, ...rest] = argv;
  const child = spawn(program, rest, {
    cwd: options.cwd ?? '/',
    env: options.env,
    shell: false,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout = new Tail();
  const stderr = new Tail();
  const keep = (tail: Tail) => (chunk: Buffer) => {
    tail.add(chunk);
    options.onOutput?.();
  };
  child.stdout.on('data', keep(stdout));
  child.stderr.on('data', keep(stderr));

  let timedOut = false;
  let killing: NodeJS.Timeout | undefined;
  const end = (): void => {
    child.kill('SIGTERM');
    killing ??= setTimeout(() => {
      child.kill('SIGKILL');
      child.stdout.destroy(); // a grandchild may hold the pipes open for ever
      child.stderr.destroy();
    }, KILL_AFTER_MS);
  };
  const limit = setTimeout(() => {
    timedOut = true;
    end();
  }, options.withinMs);
  options.signal?.addEventListener('abort', end, { once: true });
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? -1));
    });
    options.signal?.throwIfAborted();
    if (timedOut) {
      const message = `${program} took longer than ${options.withinMs} ms`;
      throw new StepFailed('command-timed-out', message, { resource: program });
    }
    return { exitCode, stdout: stdout.text, stderr: stderr.text };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new StepFailed('program-not-found', `There is no program ${program}`, {
        resource: program,
        cause,
      });
    }
    throw cause;
  } finally {
    clearTimeout(limit);
    clearTimeout(killing);
    options.signal?.removeEventListener('abort', end);
  }
}
