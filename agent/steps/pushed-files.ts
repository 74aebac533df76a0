// What jobs wrote last, by file: kept on this host alone, since a digest of a whole file tells whether a guess of its secret is right.
import { posix } from 'node:path';
import { layoutOf } from '../products/index.ts';
import { sha256 } from './rendered-files.ts';
import type { StepContext } from './step.ts';

/** Of the agent's own user, as the files with secrets are. */
const OWN = 0o600;

interface Pushed {
  /** of the bytes that were written */
  sha256: string;
  /** ISO 8601: since when it is pushed as it is */
  on: string;
}
export type PushedFiles = Readonly<Record<string, Pushed>>;

/** How a file that is managed stands to what was written last, in the API's words. */
export interface FileState {
  path: string;
  state: 'as-pushed' | 'edited' | 'missing' | 'never-pushed';
  'pushed-on': string | null;
  /** the model would change it; null: that cannot be told */
  stale: boolean | null;
}

/** By absolute path. What cannot be read is as if nothing had been pushed: the next job that writes keeps it anew. */
export async function readPushed({ host, input }: StepContext): Promise<PushedFiles> {
  const text = await host.readText(layoutOf(input).pushed);
  try {
    return text === null ? {} : (JSON.parse(text) as PushedFiles);
  } catch {
    return {};
  }
}

/** @param there the file as it is now; null: it is not */
export function stateOf(
  pushed: PushedFiles,
  path: string,
  there: string | null,
  stale: boolean | null,
): FileState {
  const last = Object.hasOwn(pushed, path) ? pushed[path] : undefined;
  const state =
    last === undefined
      ? 'never-pushed'
      : there === null
        ? 'missing'
        : sha256(there) === last.sha256
          ? 'as-pushed'
          : 'edited';
  return { path, state, 'pushed-on': last?.on ?? null, stale };
}

/**
 * Once all files are as they are to be.
 * @param written those of them that were not so before
 * @returns their states
 */
export async function keepPushed(
  context: StepContext,
  files: readonly { path: string; text: string }[],
  written: readonly string[],
): Promise<FileState[]> {
  const { host, input } = context;
  const before = await readPushed(context);
  const on = new Date(host.nowMs()).toISOString();
  const now = Object.fromEntries(
    files.map(({ path, text }) => {
      const digest = sha256(text);
      const last = Object.hasOwn(before, path) ? before[path] : undefined;
      const isAsBefore = last?.sha256 === digest && !written.includes(path);
      return [path, isAsBefore ? last : { sha256: digest, on }];
    }),
  ) as PushedFiles;
  if (JSON.stringify(now) !== JSON.stringify(before)) {
    const { pushed } = layoutOf(input);
    await host.ensureDirectory(posix.dirname(pushed), 0o750);
    await host.replaceText(pushed, JSON.stringify(now), OWN);
  }
  return files.map(({ path, text }) => stateOf(now, path, text, false));
}
