// Unpacking a tarball: into a folder beside the target, renamed when it is whole.
import { rename, rm } from 'node:fs/promises';
import { StepFailed } from '../../shared/errors.ts';
import { ensureDirectory, fileFailure, freeBytesAt, pathExists, sizeOf } from './files.ts';
import type { CommandOptions, CommandResult } from './host.ts';

type Run = (argv: readonly [string, ...string[]], options: CommandOptions) => Promise<CommandResult>;

/** What went wrong first, which the lines after it only follow from; checkpoints are signs of life. */
function reasonIn(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !line.includes('checkpoint'));
  return lines[0] ?? 'tar does not say why';
}

/**
 * GNU tar itself keeps members inside: it drops leading slashes, refuses `..`, and makes links that point outside last.
 * @throws StepFailed `unpack-failed` with tar's last words, `disk-full`, `already-there`
 */
export async function unpackTarball(
  run: Run,
  path: string,
  directory: string,
  options: CommandOptions,
): Promise<void> {
  if (await pathExists(directory)) {
    throw new StepFailed('already-there', `${directory} exists already`, { resource: directory });
  }
  const partial = `${directory}.partial`; // the same name each time: what a crash left is cleared away
  await rm(partial, { recursive: true, force: true });
  try {
    await ensureDirectory(partial, 0o755);
    const argv = [
      'tar',
      '-xzf',
      path,
      '--no-same-owner',
      '--strip-components=1',
      '--checkpoint=500',
      '--checkpoint-action=echo', // a sign of life
      '-C',
      partial,
    ] as const;
    const free = await freeBytesAt(partial); // before: afterwards there is none
    const { exitCode, stderr } = await run(argv, options);
    if (exitCode !== 0) {
      const isFull = stderr.includes('No space left on device');
      const detail = { stderr: stderr.slice(-2_000) };
      if (isFull) {
        const packed = await sizeOf(path);
        const room = free === null ? '' : `. ${free} bytes were free, and ${packed} bytes packed take more`;
        const message = `Could not unpack ${path}: no space is left below ${directory}${room}`;
        throw new StepFailed('disk-full', message, {
          resource: directory,
          detail: { ...detail, free, packed },
        });
      }
      const message = `Could not unpack ${path}: ${reasonIn(stderr)}`;
      throw new StepFailed('unpack-failed', message, { resource: path, detail });
    }
    await rename(partial, directory);
  } catch (cause) {
    await rm(partial, { recursive: true, force: true });
    if (cause instanceof StepFailed || options.signal?.aborted) throw cause;
    throw fileFailure(directory, 'unpacking to', cause);
  }
}
