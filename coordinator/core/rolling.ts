// Which nodes to start now: in the stored order, never more than allowed at once, never past a node that has to wait.
import { isUnderWay } from './signals.ts';
import { iso } from './waiting.ts';
import type { WaitingFor, World, WorldNode } from './world.ts';

export interface Rolling {
  start: readonly WorldNode[];
  waitingFor: WaitingFor | null;
}

/** Why this node cannot be started now; null when it can. */
function obstacle(world: World, node: WorldNode): WaitingFor | null {
  const since = iso(node.agent.awaySinceMs ?? world.nowMs);
  const ids = [node.nodeId];
  // No agent could do anything with a node that is not modelled: its run is refused at once, and says why.
  if (node.isModelled && !node.agent.enrolled) {
    return {
      kind: 'agent-not-enrolled',
      ids,
      since,
      what: `Node ${node.name} has no agent: enrol one and let it connect, or terminate the job.`,
    };
  }
  if (node.isModelled && !node.agent.connected) {
    return {
      kind: 'agent',
      ids,
      since,
      what: `The agent of node ${node.name} is not connected: the job goes on when it is back.`,
    };
  }
  if (node.heldByFencedRun) {
    return {
      kind: 'fenced-run',
      ids,
      since,
      what: `The agent of node ${node.name} has not yet confirmed that it let go of an earlier run.`,
    };
  }
  return null;
}

/** A node that has to wait holds its place: nothing behind it starts. */
export function rolling(world: World): Rolling {
  const underWay = world.nodes.filter(isUnderWay).length;
  const start: WorldNode[] = [];
  for (const node of world.nodes) {
    if (node.endedMs !== null || node.run !== null) continue;
    if (underWay + start.length >= world.job.nodesAtOnce) return { start, waitingFor: null };
    const waitingFor = obstacle(world, node);
    if (waitingFor !== null) {
      // With other nodes at work the job is moving; the reason shows once they are done.
      return { start, waitingFor: underWay + start.length > 0 ? null : waitingFor };
    }
    start.push(node);
  }
  return { start, waitingFor: null };
}
