// Jobs outside of their cluster's maintenance windows: what they wait for, and what is said of those that do not.
import { isUnderWay } from '../signals.ts';
import { goesOn, iso } from '../waiting.ts';
import type { WaitingFor, World, WorldNode } from '../world.ts';
import type { Standing } from './standing.ts';
import type { MaintenanceWindow } from './times.ts';

const named = (kind: MaintenanceWindow['kind'], all: readonly MaintenanceWindow[]): string =>
  `${kind}${all.length === 1 ? '' : 's'} ${all.map(({ name }) => name).join(', ')}`;
const isFrozen = ({ by }: Standing): boolean => by[0]?.kind === 'freeze';
const since = (ms: number | null): string => (ms === null ? '' : ` since ${iso(ms)}`);

const windowsOf = (all: readonly MaintenanceWindow[]) => all.filter(({ kind }) => kind === 'window');

/** `Frozen since …, by freeze year-end` */
const shutWords = (now: Standing): string =>
  isFrozen(now)
    ? `Frozen${since(now.sinceMs)}, by ${named('freeze', now.by)}`
    : `Outside of the maintenance windows of the cluster${since(now.sinceMs)}`;

function untilWords(now: Standing, all: readonly MaintenanceWindow[]): string {
  if (now.changesMs === null) {
    const which = isFrozen(now) ? '' : ` (${named('window', windowsOf(all))})`;
    return `until its windows or freezes are changed: as they are, it never opens${which}`;
  }
  const opens = iso(now.changesMs);
  return isFrozen(now)
    ? `until ${opens}`
    : `until ${opens}, when ${named('window', now.by)} ${now.by.length === 1 ? 'opens' : 'open'}`;
}

/**
 * @param nodes as this pass leaves them
 * @returns null: no window or freeze keeps the job from starting nodes, and these from stopping
 */
export function outsideWindow(world: World, nodes: readonly WorldNode[], now: Standing): WaitingFor | null {
  const { job } = world;
  const left = nodes.filter(({ endedMs }) => endedMs === null);
  const isFree = now.open || job.ignoreWindows || job.isLooking;
  if (isFree || job.terminateRequestedMs !== null || left.length === 0) return null;
  const underWay = goesOn(left.filter(isUnderWay));
  return {
    kind: 'window',
    // None of them opens it where it never opens: they are what would have to be changed.
    ids: (now.by.length > 0 ? now.by : windowsOf(world.windows)).map(({ id }) => id),
    since: iso(world.nowMs),
    what: `${shutWords(now)}: no node is started or stopped ${untilWords(now, world.windows)}; a job with ignore-windows does not wait.${underWay}`,
  };
}

/** Of a job that does not wait, and stops or starts a node. */
export const ignoredWords = (now: Standing, by: string | null): string =>
  `${shutWords(now)}, and not waited for: the job was asked for with ignore-windows${by === null ? '' : ` by ${by}`}`;
