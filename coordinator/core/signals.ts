// What the facts of a node or a job add up to now: the input of the status tables.
import type { JobSignal, NodeSignal } from './status-table.ts';
import type { World, WorldNode } from './world.ts';

/** Under way: given to an agent and not ended. */
export const isUnderWay = (node: WorldNode): boolean => node.endedMs === null && node.run !== null;

const isInFlight = (node: WorldNode): boolean => isUnderWay(node) && node.run?.outcome === null;

/** True once anything of this run was heard after the job was orphaned (or it never was), and that counts. */
const heardSinceOrphaned = (world: World, node: WorldNode): boolean =>
  world.job.orphanedMs === null ||
  (world.limits.adoptOrphans && (node.run?.lastActiveMs ?? 0) > world.job.orphanedMs);

/**
 * A cold start took this job's runs out of sight and none of those under way has been heard since. With nothing under way
 * there is nobody to wait for, and the job is adopted at once, unless adoption is off.
 */
export function isOrphaned(world: World): boolean {
  const { orphanedMs, startedMs } = world.job;
  if (orphanedMs === null || startedMs === null) return false;
  if (world.nowMs < orphanedMs + world.limits.orphanGraceMs) return false;
  const underWay = world.nodes.filter(isInFlight);
  if (underWay.length === 0) return !world.limits.adoptOrphans;
  return underWay.every((node) => !heardSinceOrphaned(world, node));
}

/** The adoption window has passed, or adoption is off. */
export const adoptionIsOver = (world: World): boolean =>
  world.job.orphanedMs !== null &&
  (!world.limits.adoptOrphans || world.nowMs >= world.job.orphanedMs + world.limits.adoptionWindowMs);

/** Its end is known, or it can be told to end: only what waits or is an orphan expires. */
const mayExpire = ({ endedMs, run, status }: WorldNode): boolean =>
  endedMs !== null || (run?.outcome ?? null) !== null || status === 'PENDING' || status === 'ORPHANED';

/**
 * An orphaned job is to end. A node that worked again before the coordinator restarted once more is shown as an orphan first:
 * no node is moved twice in a pass, and none is left open in a job that is over.
 */
export const isExpired = (world: World, orphaned: boolean): boolean =>
  orphaned && adoptionIsOver(world) && world.job.status === 'ORPHANED' && world.nodes.every(mayExpire);

/**
 * Since when nothing was heard of a run under way; silence counts only while somebody could hear. One that no agent has taken
 * is silent since it was written: whatever keeps it, its job must not look as if it moved.
 */
export function silentSinceMs(world: World, node: WorldNode): number | null {
  if (node.run === null) return null;
  const { lastActiveMs, createdMs } = node.run;
  return Math.max(lastActiveMs ?? createdMs, world.listeningSinceMs);
}

export function isQuiet(world: World, node: WorldNode): boolean {
  const since = silentSinceMs(world, node);
  return since !== null && world.nowMs - since >= world.job.idleAfterMs;
}

const OUTCOME_SIGNAL = {
  succeeded: 'succeeded',
  failed: 'failed',
  lost: 'failed',
  refused: 'failed',
  stopped: 'terminated',
} as const;

/** The signal of a node under way, from its run alone. A fenced run without outcome ends as its fence says, elsewhere. */
export function runSignal(world: World, node: WorldNode): NodeSignal | null {
  if (node.endedMs !== null || node.run === null) return null;
  if (node.run.outcome !== null) return OUTCOME_SIGNAL[node.run.outcome];
  if (world.job.orphanedMs !== null && !heardSinceOrphaned(world, node)) {
    if (world.nowMs < world.job.orphanedMs + world.limits.orphanGraceMs) return null;
    return node.status === 'ORPHANED' && adoptionIsOver(world) ? 'expired' : 'orphaned';
  }
  return isQuiet(world, node) ? 'quieted' : 'woke';
}

/** What is left of a node once this pass's node moves are applied. */
export interface SettledNode {
  status: string;
  over: boolean;
  underWay: boolean;
  quiet: boolean;
}

/** Those whose failure was tried again count no more. */
export const settledNodes = (world: World, nodes: readonly WorldNode[]): SettledNode[] =>
  nodes
    .filter(({ isRetried }) => !isRetried)
    .map((node) => ({
      status: node.status,
      over: node.endedMs !== null,
      underWay: node.endedMs === null && node.status !== 'PENDING',
      quiet: node.endedMs === null && isQuiet(world, node),
    }));

/**
 * The job's signal, in the order of the README: all over (a pending job starts first), orphaned or expired, quieted, doomed, else woke (or started).
 * @param nodes after this pass's node moves
 * @returns null while a pending job has nothing under way
 */
export function jobSignal(world: World, nodes: readonly SettledNode[], orphaned: boolean): JobSignal | null {
  const pending = world.job.startedMs === null;
  if (isExpired(world, orphaned)) return 'expired';
  if (nodes.every((node) => node.over)) {
    const complete = nodes.every((node) => node.status === 'COMPLETE');
    if (complete) return 'succeeded';
    if (world.job.terminateRequestedMs !== null) return 'terminated';
    return pending ? 'started' : 'failed';
  }
  if (pending) return nodes.some((node) => node.underWay) ? 'started' : null;
  if (orphaned) return 'orphaned';
  if (nodes.some((node) => node.underWay && node.quiet)) return 'quieted';
  if (nodes.some((node) => node.status === 'FAILED')) return 'doomed';
  return 'woke';
}
