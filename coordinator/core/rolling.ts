// Which nodes to start now: in the stored order, never more than allowed at once, never past a node that has to wait.
import { MOST_TRIES } from './bootstrap.ts';
import { isUnderWay } from './signals.ts';
import { iso } from './waiting.ts';
import type { WaitingFor, World, WorldNode } from './world.ts';

export interface Rolling {
  start: readonly WorldNode[];
  /** those whose turn it is and that have no agent, begun with or not: one is brought to them over SSH */
  bootstrap: readonly WorldNode[];
  waitingFor: WaitingFor | null;
}

/** Its turn begins with an agent, or goes on with bringing one. */
const needsAgent = (node: WorldNode): boolean =>
  node.isModelled &&
  !node.agent.enrolled &&
  (node.bootstrap === null ? node.hasCredential : node.bootstrap.outcome === null);

function comingAgent(world: World, node: WorldNode): WaitingFor {
  const { createdMs, failedTries, reason } = node.bootstrap ?? {
    createdMs: world.nowMs,
    failedTries: 0,
    reason: null,
  };
  const before = reason === null ? '' : ` The one before failed: ${reason}`;
  return {
    kind: 'bootstrap',
    ids: [node.nodeId],
    since: iso(createdMs),
    what: `Node ${node.name} has no agent: the coordinator brings one there over SSH, try ${failedTries + 1} of ${MOST_TRIES}.${before}`,
  };
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

/** A node that has to wait holds its place: nothing behind it starts. One that an agent is brought to is being worked on. */
export function rolling(world: World): Rolling {
  const underWay = world.nodes.filter(isUnderWay).length;
  const start: WorldNode[] = [];
  const bootstrap: WorldNode[] = [];
  let waitingFor: WaitingFor | null = null;
  for (const node of world.nodes) {
    if (node.endedMs !== null || node.run !== null) continue;
    if (underWay + start.length + bootstrap.length >= world.job.nodesAtOnce) break;
    if (needsAgent(node)) {
      bootstrap.push(node);
      waitingFor ??= comingAgent(world, node);
      continue;
    }
    const reason = obstacle(world, node);
    if (reason !== null) {
      waitingFor ??= reason;
      break;
    }
    start.push(node);
  }
  // With other nodes at work the job is moving; the reason shows once they are done.
  return { start, bootstrap, waitingFor: underWay + start.length > 0 ? null : waitingFor };
}
