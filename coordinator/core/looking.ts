// Nodes at which a job that only looks cannot look: it ends without them, and does not keep its cluster from other jobs.
import { iso } from './waiting.ts';
import type { World, WorldNode } from './world.ts';

/**
 * From when on it goes on without this node: no agent is brought to a host for a look, and none is waited for as a job waits that
 * has work to do there. Infinity: it can be looked at, or the clocks of the job stand still.
 */
export function unseenFromMs({ nowMs, job, listeningSinceMs, limits }: World, node: WorldNode): number {
  const { isModelled, agent } = node;
  if (!isModelled || agent.connected || job.pausedMs !== null) return Number.POSITIVE_INFINITY;
  if (!agent.enrolled) return nowMs;
  // An agent can be heard only by a coordinator that listens.
  return Math.max(agent.awaySinceMs ?? 0, listeningSinceMs, job.resumedMs ?? 0) + limits.terminateAwayMs;
}

/** Whether it does not wait for this node any longer, begun with or not. An orphaned job has a limit of its own. */
export function isUnseen(world: World, node: WorldNode): boolean {
  const { isLooking, terminateRequestedMs, startedMs } = world.job;
  const isItsTurn = startedMs !== null || world.ahead === null;
  return isLooking && isItsTurn && terminateRequestedMs === null && unseenFromMs(world, node) <= world.nowMs;
}

export function unseenWords({ name, agent }: WorldNode): string {
  const since = agent.awaySinceMs === null ? ', and never was' : ` since ${iso(agent.awaySinceMs)}`;
  const why = agent.enrolled
    ? `its agent is not connected${since}`
    : 'it has no agent, and none is brought to a host for a look: enrol one, or run the job itself';
  return `Node ${name} was not looked at: ${why}`;
}
