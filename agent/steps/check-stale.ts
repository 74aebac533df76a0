// Looks whether the database node runs with what is there: with nothing changed since it was started, it is left running.
import { posix } from 'node:path';
import { filesOf, pathOf } from '../config-files/files.ts';
import { layoutOf } from '../products/index.ts';
import { databaseJarOf } from './database-jar.ts';
import { configDirectory } from './rendered-files.ts';
import { type Staleness, writtenConfig } from './restart-need.ts';
import type { Step, StepContext } from './step.ts';
import { looked } from './telling.ts';

/** Told by name; the event has them all. */
const MOST_NAMES = 5;

export const namesOf = (paths: readonly string[]): string => {
  const more = paths.length > MOST_NAMES ? ` and ${paths.length - MOST_NAMES} more` : '';
  return `${paths.slice(0, MOST_NAMES).join(', ')}${more}`;
};

/**
 * Files that are read at a start and that became what they are, or are gone, after `sinceMs`: the configuration, whoever writes that,
 * and the database's own jar. By their times on this host, so that what was changed and changed back counts too.
 */
export async function changedSince(context: StepContext, sinceMs: number): Promise<string[]> {
  const { host, input } = context;
  const config = await configDirectory(context);
  const jar = await databaseJarOf(host, input);
  const read = new Map<string, string | null>(
    filesOf(input.product).map(([id, file]) => [posix.join(config, pathOf(file, input.install.type)), id]),
  );
  if (jar !== null) read.set(jar.path, null);
  const files: string[] = [];
  for (const [path, fileId] of read) {
    const changedMs = await host.changedMs(path);
    // without this one no node can have been started
    if (changedMs === null ? fileId === 'cassandra-yaml' : changedMs > sinceMs) files.push(path);
  }
  return files;
}

/** What the running node may have read otherwise. @returns null when it does not run */
export async function changedSinceStart(
  context: StepContext,
): Promise<{ startedMs: number; files: string[] } | null> {
  const { host, input } = context;
  const running = await host.findCassandra(layoutOf(input).directory);
  if (running === null) return null;
  const startedMs = host.startedMs(running);
  return { startedMs, files: await changedSince(context, startedMs) };
}

export const checkStale: Step = {
  name: 'check-stale',
  async *run(context) {
    const { directory: resource } = layoutOf(context.input);
    yield looked('restart', 'Checking if the database node runs with what is there', { resource });
    const since = await changedSinceStart(context);
    if (since === null) {
      yield looked('stale', 'The database node does not run', { resource, after: { files: [] } });
      return { isStale: true } satisfies Staleness;
    }
    // A clock that was set back would hide what this run has written itself.
    const files = [...new Set([...(writtenConfig(context)?.changed ?? []), ...since.files])];
    const startedOn = new Date(since.startedMs).toISOString();
    const after = { files, 'started-on': startedOn };
    yield files.length === 0
      ? looked(
          'not-stale',
          `Neither a configuration file nor the installed version has changed since the database node was started (${startedOn}): it is left running`,
          { resource, after },
        )
      : looked('stale', `Changed after the database node was started (${startedOn}): ${namesOf(files)}`, {
          resource,
          after,
        });
    return { isStale: files.length > 0 } satisfies Staleness;
  },
};
