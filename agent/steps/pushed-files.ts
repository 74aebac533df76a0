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
  try {
    const kept: unknown = JSON.parse((await host.readText(layoutOf(input).pushed)) ?? '{}');
    return typeof kept === 'object' && kept !== null ? (kept as PushedFiles) : {};
  } catch {
    return {};
  }
}

/** Files of another version are kept by theirs: this one may never start, and the node go on with the other. */
function ofOtherVersions(before: PushedFiles, files: readonly { path: string }[]): PushedFiles {
  const ours = new Set(files.map(({ path }) => posix.dirname(path)));
  return Object.fromEntries(Object.entries(before).filter(([path]) => !ours.has(posix.dirname(path))));
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
  const ours = files.map(({ path, text }): [string, Pushed] => {
    const digest = sha256(text);
    const last = Object.hasOwn(before, path) ? before[path] : undefined;
    const isAsBefore = last?.sha256 === digest && !written.includes(path);
    return [path, isAsBefore ? last : { sha256: digest, on }];
  });
  const now = { ...ofOtherVersions(before, files), ...Object.fromEntries(ours) };
  if (JSON.stringify(now) !== JSON.stringify(before)) {
    const { pushed } = layoutOf(input);
    await host.ensureDirectory(posix.dirname(pushed), 0o750);
    await host.replaceText(pushed, JSON.stringify(now), OWN);
  }
  return files.map(({ path, text }) => stateOf(now, path, text, false));
}
