// Running a program to its end: argv only, a fixed environment, bounded output, TERM then KILL when it takes too long.
import { type ChildProcess, spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { StepFailed } from '../../shared/errors.ts';
import { type CommandOptions, type CommandResult, MOST_OUTPUT } from './host.ts';

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

/** What a program that did not start is told as; node says ENOENT of a missing folder to start it in, too. */
async function notStarted(program: string, cwd: string, cause: unknown): Promise<StepFailed> {
  const { code = 'unknown reason' } = cause as NodeJS.ErrnoException;
  if (code !== 'ENOENT') {
    const message = `${program} could not be started: ${code}`;
    return new StepFailed('program-not-started', message, { resource: program, detail: { code }, cause });
  }
  const isThere = await stat(cwd).then(
    () => true,
    () => false,
  );
  if (isThere)
    return new StepFailed('program-not-found', `There is no program ${program}`, {
      resource: program,
      cause,
    });
  const message = `There is no folder ${cwd} to start ${program} in`;
  return new StepFailed('program-not-started', message, { resource: cwd, detail: { code }, cause });
}

/** @throws StepFailed `program-not-found`, `program-not-started`, `command-timed-out`; whatever `signal` was aborted with */
export async function runCommand(
  argv: readonly [string, ...string[]],
  options: CommandOptions & { env: Readonly<Record<string, string>> },
): Promise<CommandResult> {
  options.signal?.throwIfAborted();
  const [program, ...rest] = argv;
  const cwd = options.cwd ?? '/';
  let child: ChildProcess;
  try {
    child = spawn(program, rest, {
      cwd,
      env: options.env,
      shell: false,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (cause) {
    throw await notStarted(program, cwd, cause); // some reasons are thrown at once, others come as an event
  }
  const stdout = new Tail();
  const stderr = new Tail();
  const keep = (tail: Tail) => (chunk: Buffer) => {
    tail.add(chunk);
    options.onOutput?.();
  };
  // Both are missing where no file can be opened any more, not even a pipe.
  child.stdout?.on('data', keep(stdout));
  child.stderr?.on('data', keep(stderr));

  let timedOut = false;
  let killing: NodeJS.Timeout | undefined;
  const end = (): void => {
    child.kill('SIGTERM');
    killing ??= setTimeout(() => {
      child.kill('SIGKILL');
      child.stdout?.destroy(); // a grandchild may hold the pipes open for ever
      child.stderr?.destroy();
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
    }).catch(async (cause: unknown) => {
      throw await notStarted(program, cwd, cause);
    });
    options.signal?.throwIfAborted();
    if (timedOut) {
      const message = `${program} took longer than ${options.withinMs} ms`;
      throw new StepFailed('command-timed-out', message, { resource: program });
    }
    return { exitCode, stdout: stdout.text, stderr: stderr.text };
  } finally {
    clearTimeout(limit);
    clearTimeout(killing);
    options.signal?.removeEventListener('abort', end);
  }
}
