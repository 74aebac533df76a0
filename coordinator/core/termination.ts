// What a request to end a job comes to: whether it counts as one, what is told of it, and when it gives up a run whose agent is away.
import type { World, WorldNode } from './world.ts';

/**
 * A request that follows the first too soon is a repeat of it (a double click, a retry), not a second one.
 * @param firstAgoMs how long ago the first was made; null: this is it
 * @returns in how many ms a request would count; 0: this one does
 */
export const countsInMs = (firstAgoMs: number | null, againAfterMs: number): number =>
  firstAgoMs === null ? 0 : Math.max(0, againAfterMs - firstAgoMs);

/**
 * What the event of a request that counts says.
 * @param by the account that asked; null while authentication is off
 */
export function terminationWords(
  by: string | null,
  { isFirst, started }: { isFirst: boolean; started: boolean },
): string {
  const who = by === null ? '' : ` by ${by}`;
  if (!isFirst)
    return `Termination was asked for again${who}: what is under way is given up, safe point or not`;
  const next = started
    ? 'what is under way stops at its next safe point, nothing else is started'
    : 'no node is started';
  return `Termination was asked for${who}: ${next}`;
}

/** From when an agent's being away counts against a request to terminate; only while somebody could hear it. */
export const awayFromMs = (world: World, node: WorldNode, askedMs: number): number =>
  Math.max(askedMs, node.agent.awaySinceMs ?? 0, world.listeningSinceMs);

/** The agent has been away long enough after a terminate request, or the operator asked twice. */
export function mustFence(world: World, node: WorldNode): boolean {
  const asked = world.job.terminateRequestedMs;
  if (asked === null) return false;
  if (world.job.terminateRequests > 1) return true;
  return (
    !node.agent.connected && world.nowMs - awayFromMs(world, node, asked) >= world.limits.terminateAwayMs
  );
}
