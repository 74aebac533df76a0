// Nodes at which a job that only looks cannot look: it ends without them, and does not keep its cluster from other jobs.
import { iso } from './waiting.ts';
import type { World, WorldNode } from './world.ts';

/**
 * From when on it goes on without this node: no agent is brought to a host for a look, and none is waited for as a job waits that
 * has work to do there. Infinity: it can be looked at.
 */
export function unseenFromMs(world: World, { isModelled, agent }: WorldNode): number {
  if (!isModelled || agent.connected) return Number.POSITIVE_INFINITY;
  if (!agent.enrolled) return world.nowMs;
  // An agent can be heard only by a coordinator that listens.
  return Math.max(agent.awaySinceMs ?? 0, world.listeningSinceMs) + world.limits.terminateAwayMs;
}

function whyNot({ agent }: WorldNode): string {
  if (!agent.enrolled)
    return 'it has no agent, and none is brought to a host for a look: enrol one, or run the job itself';
  const since = agent.awaySinceMs === null ? ', and never was' : ` since ${iso(agent.awaySinceMs)}`;
  return `its agent is not connected${since}`;
}

/** Those that it does not wait for any longer, and what is told of each. */
export function unseen(
  world: World,
  nodes: readonly WorldNode[],
  orphaned: boolean,
): { node: WorldNode; message: string }[] {
  const { isLooking, terminateRequestedMs, startedMs } = world.job;
  const isItsTurn = startedMs !== null || world.ahead === null;
  if (!isLooking || !isItsTurn || orphaned || terminateRequestedMs !== null) return [];
  return nodes
    .filter(({ endedMs, run }) => endedMs === null && run === null)
    .filter((node) => unseenFromMs(world, node) <= world.nowMs)
    .map((node) => ({ node, message: `Node ${node.name} was not looked at: ${whyNot(node)}` }));
}
