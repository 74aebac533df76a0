// Looks whether the database node runs with what is there: with nothing changed since it was started, it is left running.
import { posix } from 'node:path';
import { filesOf, pathOf } from '../config-files/files.ts';
import { layoutOf } from '../products/index.ts';
import { databaseJarOf } from './database-jar.ts';
import { readPushed } from './pushed-files.ts';
import { configPlace } from './rendered-files.ts';
import { type Staleness, writtenConfig } from './restart-need.ts';
import type { Step, StepContext } from './step.ts';
import { looked } from './telling.ts';

/** Told by name; the event has them all. */
const MOST_NAMES = 5;

/** What the running node has not read as it is now. */
export interface Changed {
  files: string[];
  /** those of them that are not there any more */
  gone: readonly string[];
}

export const namesOf = (paths: readonly string[], gone: readonly string[] = []): string => {
  const more = paths.length > MOST_NAMES ? ` and ${paths.length - MOST_NAMES} more` : '';
  const names = paths.slice(0, MOST_NAMES).map((path) => (gone.includes(path) ? `${path} (gone)` : path));
  return `${names.join(', ')}${more}`;
};

interface Missing {
  path: string;
  /** with the links on its way */
  named: string;
  /** every version comes with one */
  isNeeded: boolean;
}

/**
 * Of files that are not there: those which were, as far as that is known, and whose directory has changed since. Of one that was
 * removed before a node was started the directory mostly has not: that node has done without it.
 */
async function goneSince(context: StepContext, missing: readonly Missing[], sinceMs: number) {
  const { host } = context;
  const gone: string[] = [];
  const pushed = missing.length === 0 ? {} : await readPushed(context);
  for (const { path, named, isNeeded } of missing) {
    if (((await host.changedMs(posix.dirname(named))) ?? 0) <= sinceMs) continue;
    if (isNeeded || Object.hasOwn(pushed, path)) gone.push(path);
  }
  return gone;
}

/**
 * Files that are read at a start and that became what they are, or went, after `sinceMs`: the configuration, whoever writes that,
 * and the database's own jar. By their times on this host, so that what was changed and changed back counts too, and by those of
 * the links on their way.
 */
export async function changedSince(context: StepContext, sinceMs: number): Promise<Changed> {
  const { host, input } = context;
  const { named: config, real } = await configPlace(context);
  const jar = await databaseJarOf(host, input);
  const files: string[] = [];
  const missing: Missing[] = [];
  for (const [, file] of filesOf(input.product)) {
    const below = pathOf(file, input.install.type);
    const [path, named] = [posix.join(real, below), posix.join(config, below)];
    const changedMs = await host.changedMs(named);
    if (changedMs === null) missing.push({ path, named, isNeeded: file.whenMissing === 'fail' });
    else if (changedMs > sinceMs) files.push(path);
  }
  const gone = await goneSince(context, missing, sinceMs);
  files.push(...gone);
  if (jar !== null && ((await host.changedMs(jar.path)) ?? 0) > sinceMs) files.push(jar.path);
  return { files, gone };
}

/** @returns null when it does not run */
export async function changedSinceStart(
  context: StepContext,
): Promise<(Changed & { startedMs: number }) | null> {
  const { host, input } = context;
  const running = await host.findCassandra(layoutOf(input).directory);
  if (running === null) return null;
  const startedMs = host.startedMs(running);
  return { startedMs, ...(await changedSince(context, startedMs)) };
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
      : looked(
          'stale',
          `Changed after the database node was started (${startedOn}): ${namesOf(files, since.gone)}`,
          {
            resource,
            after,
          },
        );
    return { isStale: files.length > 0 } satisfies Staleness;
  },
};
