// Which nodes to start now: in the stored order, those of one batch at once, never past a node that has to wait.
import { MOST_TRIES } from './bootstrap.ts';
import { isCanary } from './canary.ts';
import type { StopQuestion } from './gate/facts.ts';
import { isOfLate } from './gate/rounds.ts';
import { unseenFromMs } from './looking.ts';
import { isUnderWay } from './signals.ts';
import { AT_ITS_HOST, iso } from './waiting.ts';
import type { WaitingFor, World, WorldBootstrap, WorldNode } from './world.ts';

/** Of a batch, however large: what each asks before its stop is asked of the same few nodes. */
export const MOST_UNDER_WAY = 20;

export interface Rolling {
  start: readonly WorldNode[];
  /** one of these that goes before its turn, for whom the others wait; null: none does */
  first: WorldNode | null;
  /** those whose turn it is and that have no agent, begun with or not: one is brought to them over SSH */
  bootstrap: readonly WorldNode[];
  waitingFor: WaitingFor | null;
}

/** Its turn begins with an agent, or goes on with bringing one. */
const needsAgent = (world: World, node: WorldNode): boolean =>
  world.limits.bringAgents &&
  !world.job.isLooking && // to bring an agent is to touch a host
  node.isModelled &&
  !node.agent.enrolled &&
  (node.bootstrap === null ? node.hasCredential : node.bootstrap.outcome === null);

const WITHOUT_AGENT = 'enrol one and let it connect, or terminate the job.';

/** What a node waits for whose host lets nobody in: what it would wait for without a credential. */
function noWayIn(node: WorldNode, { createdMs, reason, waits }: WorldBootstrap): WaitingFor {
  const again =
    waits === 'change'
      ? 'once the node or its machine credential is changed'
      : 'every minute, and once the node or its machine credential is changed';
  return {
    kind: 'agent-not-enrolled',
    ids: [node.nodeId],
    since: iso(createdMs),
    what: `Node ${node.name} has no agent: ${WITHOUT_AGENT} The coordinator could not bring one there, and tries it again ${again}: ${reason}`,
  };
}

function comingAgent(world: World, node: WorldNode): WaitingFor {
  const { bootstrap } = node;
  const step =
    bootstrap === null || !bootstrap.hasBegun
      ? 'as soon as it is at fewer others'
      : `try ${bootstrap.failedTries + 1} of ${MOST_TRIES}`;
  const reason = bootstrap?.reason ?? null;
  const before = reason === null ? '' : ` The one before failed: ${reason}`;
  return {
    kind: 'bootstrap',
    ids: [node.nodeId],
    since: iso(bootstrap?.createdMs ?? world.nowMs),
    what: `Node ${node.name} has no agent: the coordinator brings one there over SSH, ${step}.${before}`,
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
      what: `Node ${node.name} has no agent: ${WITHOUT_AGENT}`,
    };
  }
  if (node.isModelled && !node.agent.connected) {
    const onward = world.job.isLooking
      ? `the job goes on without it at ${iso(unseenFromMs(world, node))}.`
      : 'the job goes on when it is back. On a host that was installed anew install and enrol another one.';
    return {
      kind: 'agent',
      ids,
      since,
      what: `The agent of node ${node.name} is not connected: ${onward} ${AT_ITS_HOST}`,
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

/** As all say that were asked of late: by its own agent no database node runs there, or nobody has it among those that live. */
function isSeenDown(question: StopQuestion, nodeId: string, nowMs: number): boolean {
  const { peers } = question;
  const views = question.views.filter((one) => isOfLate(one, nowMs));
  if (views.some((one) => one.nodeId === nodeId && one.down)) return true;
  const address = peers.find((peer) => peer.nodeId === nodeId)?.address;
  const seen = views.flatMap(({ view }) => (view === null ? [] : [view]));
  return address !== undefined && seen.length > 0 && seen.every(({ live }) => !live.includes(address));
}

/** Else all of them would wait at the gate for one that stands behind them, until they fail. A canary has nobody before it. */
function downAndWaitedFor(world: World): WorldNode | null {
  const { job, gate, nodes } = world;
  const underWay = nodes.filter(isUnderWay);
  const waiting = new Map(gate.map((question) => [question.jobNodeId, question]));
  const isWaiting = (node: WorldNode): boolean =>
    waiting.get(node.jobNodeId)?.answer?.verdict === 'wait' && !isCanary(world, node);
  if (!['restart', 'configure'].includes(job.type) || !underWay.every(isWaiting)) return null;
  const awaited = job.waitingFor?.kind === 'gate' ? job.waitingFor.ids : [];
  const isNext = (node: WorldNode): boolean =>
    awaited.includes(node.nodeId) &&
    node.endedMs === null &&
    node.run === null &&
    gate.some((question) => isSeenDown(question, node.nodeId, world.nowMs)) &&
    !needsAgent(world, node) &&
    obstacle(world, node) === null;
  return nodes.find(isNext) ?? null;
}

/**
 * A node that has to wait holds its place: nothing behind it starts, unless nothing is done but look. One that an agent is
 * brought to is being worked on. A batch begins once all of the one before are over; whoever does not run, and is waited for, is started first.
 */
export function rolling(world: World): Rolling {
  const underWay = world.nodes.filter(isUnderWay).length;
  const batch = world.nodes.find(({ endedMs }) => endedMs === null)?.batch;
  const start: WorldNode[] = [];
  const bootstrap: WorldNode[] = [];
  let waitingFor: WaitingFor | null = null;
  for (const node of world.nodes) {
    if (node.endedMs !== null || node.run !== null) continue;
    if (node.batch !== batch || underWay + start.length + bootstrap.length >= MOST_UNDER_WAY) break;
    if (needsAgent(world, node)) {
      if (node.bootstrap !== null && node.bootstrap.waits !== null) {
        waitingFor ??= noWayIn(node, node.bootstrap);
        break;
      }
      bootstrap.push(node);
      waitingFor ??= comingAgent(world, node);
      continue;
    }
    const reason = obstacle(world, node);
    if (reason !== null) {
      waitingFor ??= reason;
      if (world.job.isLooking) continue;
      break;
    }
    start.push(node);
  }
  const first = underWay > 0 && start.length + bootstrap.length === 0 ? downAndWaitedFor(world) : null;
  if (first !== null) start.push(first);
  // With other nodes at work the job is moving; the reason shows once they are done.
  return { start, first, bootstrap, waitingFor: underWay + start.length > 0 ? null : waitingFor };
}
