// Why a job does not move: one reason, since when, and what would end it.
import { isQuiet, isUnderWay, silentSinceMs } from './signals.ts';
import type { WaitingFor, World, WorldNode } from './world.ts';

export const iso = (ms: number): string => new Date(ms).toISOString();

export const namesOf = (nodes: readonly WorldNode[]): string => nodes.map(({ name }) => name).join(', ');
const idsOf = (nodes: readonly WorldNode[]): string[] => nodes.map(({ nodeId }) => nodeId);

/** Said of a job that starts and stops no node for now; nothing where no node is under way. */
export const goesOn = (underWay: readonly WorldNode[]): string =>
  underWay.length === 0
    ? ''
    : ` What is under way on ${namesOf(underWay)} goes on up to the stop of its node; one that is stopped is brought back.`;

/** What to look at where an agent is away. */
export const AT_ITS_HOST =
  "Of an agent from its package `systemctl status ringmaster-agent` and `journalctl -u ringmaster-agent` on the node's host tell more.";

/** A pending job behind an older one of its cluster. */
export const behind = (world: World, ahead: NonNullable<World['ahead']>): WaitingFor => ({
  kind: 'job',
  ids: [ahead.jobId],
  since: iso(world.nowMs),
  what: `Job ${ahead.jobId} (${ahead.jobType}, ${ahead.status}) of the same cluster has to end first.`,
});

interface Unheard extends WaitingFor {
  /** who it is, and not what comes of it */
  brief: string;
}

/** Until somebody lets the job go on, or its window opens, no run under way that is heard of again would move it. */
const STANDS: ReadonlySet<WaitingFor['kind']> = new Set(['paused', 'failure', 'window']);

/** Runs under way that nothing is heard of: their agents are away, or say nothing. */
function unheard(world: World, underWay: readonly WorldNode[]): Unheard | null {
  const earliest = (nodes: readonly WorldNode[], since: (node: WorldNode) => number | null): string =>
    iso(Math.min(...nodes.map((node) => since(node) ?? world.nowMs)));
  const away = underWay.filter((node) => !node.agent.connected);
  if (away.length > 0) {
    const brief = `Not connected while a run is under way: the agent of ${namesOf(away)}.`;
    return {
      kind: 'agent',
      ids: idsOf(away),
      since: earliest(away, (node) => node.agent.awaySinceMs),
      what: `${brief} What has become of the run is not known until it is back (if its host is up, the run goes on); or terminate the job. ${AT_ITS_HOST}`,
      brief,
    };
  }
  const silent = underWay.filter((node) => isQuiet(world, node));
  if (silent.length === 0) return null;
  const notTaken = silent.filter((node) => node.run?.acceptedMs === null);
  const without =
    notTaken.length === silent.length ? 'not on its run yet' : 'without a sign of life from its run';
  const brief = `Connected, but ${without}: the agent of ${namesOf(silent)}.`;
  return {
    kind: 'silent-run',
    ids: idsOf(silent),
    since: earliest(silent, (node) => silentSinceMs(world, node)),
    what: `${brief} The job goes on with the next one, or terminate it.`,
    brief,
  };
}

function reasonOf(
  world: World,
  nodes: readonly WorldNode[],
  orphaned: boolean,
  notMoving: WaitingFor | null,
): WaitingFor | null {
  const { terminateRequestedMs, orphanedMs } = world.job;
  const underWay = nodes.filter((node) => isUnderWay(node) && node.run?.outcome === null);
  if (terminateRequestedMs !== null) {
    const away = underWay.filter((node) => !node.agent.connected);
    const without =
      away.length === 0
        ? ''
        : ` Its agent is not connected: ${namesOf(away)}; the run there is given up ${world.limits.terminateAwayMs / 1_000} s after that, or once termination is asked for again, which counts from ${world.limits.terminateAgainMs / 1_000} s after the first request.`;
    return {
      kind: 'terminate',
      ids: idsOf(underWay),
      since: iso(terminateRequestedMs),
      what: `Termination was asked for; still on the way to a safe point: ${namesOf(underWay)}.${without}`,
    };
  }
  if (orphaned && orphanedMs !== null) {
    return {
      kind: 'adoption',
      ids: idsOf(underWay),
      since: iso(orphanedMs),
      what: `The coordinator restarted; the job goes on when its agents attach again, until ${iso(orphanedMs + world.limits.adoptionWindowMs)}.`,
    };
  }
  const mute = unheard(world, underWay);
  if (mute === null) return notMoving;
  const { brief, ...reason } = mute;
  return notMoving !== null && STANDS.has(notMoving.kind)
    ? { ...notMoving, what: `${notMoving.what} ${brief}` }
    : reason;
}

/** Waits that know since when their node waits, which is asked anew. */
const OWN_SINCE: ReadonlySet<WaitingFor['kind']> = new Set(['look', 'gate']);

/** What was stored before reasons named ids is about something else. */
const isAboutTheSame = (a: WaitingFor, b: WaitingFor): boolean =>
  a.kind === b.kind && a.ids.length === b.ids?.length && a.ids.every((id) => b.ids.includes(id));

/**
 * @param nodes as this pass leaves them
 * @param notMoving why the next node cannot be started, or one under way cannot be stopped
 * @returns null while something moves; the same reason keeps the moment from which it has held, where it does not know of one
 * itself, as a wait at the gate does, whose nodes change with each look
 */
export function waiting(
  world: World,
  nodes: readonly WorldNode[],
  orphaned: boolean,
  notMoving: WaitingFor | null,
): WaitingFor | null {
  const now = reasonOf(world, nodes, orphaned, notMoving);
  const before = world.job.waitingFor;
  const isKept = now !== null && before !== null && !OWN_SINCE.has(now.kind) && isAboutTheSame(now, before);
  return isKept ? { ...now, since: before.since } : now;
}

/** By what it says: the order in which its fields come back from the database is not ours. */
export const isSameReason = (a: WaitingFor | null, b: WaitingFor | null): boolean =>
  a === null || b === null ? a === b : isAboutTheSame(a, b) && a.since === b.since && a.what === b.what;
