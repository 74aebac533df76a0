// One look at a job: from what is known to what should be done. The scheduler performs the commands in this order.
import type { EventType } from '../../shared/events.ts';
import type { JobStatus } from '../../shared/status.ts';
import { type CanaryCommand, canaryWait } from './canary.ts';
import { asking, type GateCommand, NOBODY_ASKS } from './gate/asking.ts';
import { isUnseen, unseenFromMs, unseenWords } from './looking.ts';
import { jobVerdict, nodeVerdict } from './machines.ts';
import { paused } from './pausing.ts';
import { rolling } from './rolling.ts';
import {
  isExpired,
  isOrphaned,
  isUnderWay,
  jobSignal,
  runSignal,
  settledNodes,
  silentSinceMs,
} from './signals.ts';
import type { NodeSignal } from './status-table.ts';
import { awayFromMs, mustFence } from './termination.ts';
import { behind, isSameReason, waiting } from './waiting.ts';
import { ignoredWords, outsideWindow } from './windows/shutting.ts';
import { standing } from './windows/standing.ts';
import type { WaitingFor, World, WorldNode } from './world.ts';

export type Command =
  | { do: 'move-node'; jobNodeId: string; from: JobStatus; to: JobStatus; signal: NodeSignal; over: boolean }
  /** `hadAgentBrought`: it was waited for, or still is */
  | { do: 'start-run'; jobNodeId: string; nodeId: string; hadAgentBrought: boolean }
  | { do: 'bring-agent'; jobNodeId: string; nodeId: string }
  | { do: 'request-stop'; runId: string; nodeId: string }
  | { do: 'fence-run'; runId: string; nodeId: string }
  | { do: 'adopt-job' }
  | { do: 'ignore-windows' }
  | { do: 'move-job'; from: JobStatus; to: JobStatus; signal: string; over: boolean }
  | {
      do: 'record-event';
      jobNodeId: string | null;
      nodeId: string | null;
      type: EventType;
      subtype: string;
      message: string;
    }
  | { do: 'set-waiting-for'; waitingFor: WaitingFor | null }
  | { do: 'report-bug'; what: string }
  | CanaryCommand
  | GateCommand;

export interface Plan {
  commands: readonly Command[];
  /** when this job should be looked at again although nothing was heard; null: only when woken */
  lookAgainAtMs: number | null;
}

/** Collects commands and keeps each node's state as they would leave it. */
class Draft {
  readonly commands: Command[] = [];
  readonly nodes = new Map<string, WorldNode>();
  constructor(world: World) {
    for (const node of world.nodes) this.nodes.set(node.jobNodeId, node);
  }

  signal(node: WorldNode, signal: NodeSignal, nowMs: number): void {
    const verdict = nodeVerdict(node.status, node.endedMs !== null, signal);
    if (verdict.kind === 'bug') {
      this.commands.push({ do: 'report-bug', what: `node ${node.status} was ${signal}` });
    } else if (verdict.kind === 'move') {
      const { to, over } = verdict;
      this.commands.push({ do: 'move-node', jobNodeId: node.jobNodeId, from: node.status, to, signal, over });
      this.nodes.set(node.jobNodeId, { ...node, status: to, endedMs: over ? nowMs : null });
    }
  }

  event(node: WorldNode | null, type: EventType, subtype: string, message: string): void {
    const jobNodeId = node?.jobNodeId ?? null;
    this.commands.push({
      do: 'record-event',
      jobNodeId,
      nodeId: node?.nodeId ?? null,
      type,
      subtype,
      message,
    });
  }

  current(): WorldNode[] {
    return [...this.nodes.values()];
  }
}

function settleUnderWay(world: World, draft: Draft): void {
  for (const node of world.nodes) {
    if (!isUnderWay(node) || node.run === null) continue;
    const { run } = node;
    const giveUp = (subtype: string, message: string, signal: 'terminated' | 'expired' | 'failed'): void => {
      draft.commands.push({ do: 'fence-run', runId: run.id, nodeId: node.nodeId });
      draft.event(node, 'error', subtype, message);
      draft.signal(node, signal, world.nowMs);
    };
    const signal = runSignal(world, node);
    if (run.outcome === null && mustFence(world, node)) {
      const message = `The run on ${node.name} was given up before its agent had stopped: the database node may be down or drained, run the same job on it again`;
      giveUp('run-fenced', message, 'terminated');
      continue;
    }
    if (signal === 'expired') {
      const message = `The agent of ${node.name} did not come back within the adoption window`;
      giveUp('run-expired', message, 'expired');
      continue;
    }
    if ((signal === 'woke' || signal === 'quieted') && isUnseen(world, node)) {
      giveUp('not-looked-at', unseenWords(node), 'failed');
      continue;
    }
    if (signal !== null) {
      if (signal === 'failed' && run.outcome !== 'failed')
        draft.event(node, 'error', `run-${run.outcome}`, run.reason ?? 'The run could not be carried out');
      draft.signal(node, signal, world.nowMs);
    }
    const isToStop = world.job.terminateRequestedMs !== null && run.stopRequestedMs === null;
    if (run.outcome === null && isToStop)
      draft.commands.push({ do: 'request-stop', runId: run.id, nodeId: node.nodeId });
  }
}

/** Nodes that no agent could be brought to: that it failed was told by whoever tried. */
function settleFailedBootstraps(world: World, draft: Draft): void {
  if (world.job.startedMs === null) return; // a job has to have started before it fails: its node enters first
  for (const node of world.nodes)
    if (node.endedMs === null && node.run === null && node.bootstrap?.outcome === 'failed')
      draft.signal(node, 'failed', world.nowMs);
}

/**
 * Nodes that have no run, one signal each: they end, since the job was terminated, a node failed or the job expired; or an agent is
 * brought to them. Until its host has let somebody in such a node is not at work, and its job neither.
 */
function settleWithoutRun(world: World, draft: Draft, orphaned: boolean, expired: boolean): void {
  const failed = draft.current().find((node) => node.status === 'FAILED');
  const terminate = world.job.terminateRequestedMs !== null;
  for (const node of draft.current()) {
    if (node.endedMs !== null || node.run !== null) continue;
    if (expired) draft.signal(node, 'expired', world.nowMs);
    else if (terminate) draft.signal(node, 'terminated', world.nowMs);
    else if (failed !== undefined && !world.job.continueOnError && !world.job.holdOnError) {
      draft.event(node, 'milestone', 'not-started', `Not started because ${failed.name} failed`);
      draft.signal(node, 'terminated', world.nowMs);
    } else if (orphaned) draft.signal(node, 'orphaned', world.nowMs);
    else if (node.bootstrap?.hasEntered) draft.signal(node, 'entered', world.nowMs);
  }
}

/**
 * Runs that wait to stop their nodes while a node of the job has failed and nothing tells it to go on: their nodes stay as they are.
 * @returns whether the job is given up like that, and nobody gets leave any more
 */
function callOff(world: World, draft: Draft): boolean {
  const { continueOnError, holdOnError, terminateRequestedMs } = world.job;
  const failed = draft.current().find((node) => node.status === 'FAILED');
  if (failed === undefined || continueOnError || holdOnError || terminateRequestedMs !== null) return false;
  const atGate = new Set(world.gate.map(({ jobNodeId }) => jobNodeId));
  for (const node of draft.current()) {
    if (!atGate.has(node.jobNodeId) || node.run === null || node.run.stopRequestedMs !== null) continue;
    draft.commands.push({ do: 'request-stop', runId: node.run.id, nodeId: node.nodeId });
    draft.event(
      node,
      'milestone',
      'not-stopped',
      `Its database node is not stopped because ${failed.name} failed`,
    );
  }
  return true;
}

/** The next moment at which time alone could change what this plan says. */
function lookAgain(world: World, nodes: readonly WorldNode[], known: readonly number[]): number | null {
  const moments: number[] = [...known];
  for (const node of nodes) {
    if (world.job.isLooking && node.endedMs === null) moments.push(unseenFromMs(world, node));
    if (!isUnderWay(node)) continue;
    const silent = silentSinceMs(world, node);
    if (silent !== null) moments.push(silent + world.job.idleAfterMs);
    if (world.job.terminateRequestedMs !== null) {
      moments.push(awayFromMs(world, node, world.job.terminateRequestedMs) + world.limits.terminateAwayMs);
    }
  }
  if (world.job.orphanedMs !== null) {
    moments.push(
      world.job.orphanedMs + world.limits.orphanGraceMs,
      world.job.orphanedMs + world.limits.adoptionWindowMs,
    );
  }
  const coming = moments.filter((moment) => moment > world.nowMs && moment < Number.POSITIVE_INFINITY);
  return coming.length === 0 ? null : Math.min(...coming);
}

const TAKEN_FIRST =
  'Taken before its turn: those that were asked see its database node as down, and others of this job wait for it';

/** Decides what a pass does, and moves no node twice in it. Pure: the same world gives the same plan. */
export function plan(world: World): Plan {
  const { job } = world;
  if (job.endedMs !== null) return { commands: [], lookAgainAtMs: null };
  const draft = new Draft(world);
  const orphaned = isOrphaned(world);
  const expired = isExpired(world, orphaned);
  if (
    job.orphanedMs !== null &&
    job.startedMs !== null &&
    !orphaned &&
    world.nowMs >= job.orphanedMs + world.limits.orphanGraceMs
  ) {
    draft.commands.push({ do: 'adopt-job' });
  }
  settleUnderWay(world, draft);
  settleFailedBootstraps(world, draft);
  for (const node of orphaned ? [] : draft.current()) {
    if (node.endedMs !== null || node.run !== null || !isUnseen(world, node)) continue;
    draft.event(node, 'error', 'not-looked-at', unseenWords(node));
    draft.signal(node, 'failed', world.nowMs);
  }
  settleWithoutRun(world, draft, orphaned, expired);

  const window = standing(world.windows, world.nowMs);
  const pause = paused(world, draft.current()) ?? outsideWindow(world, draft.current(), window);
  const canary = canaryWait(world, draft.current(), pause !== null);
  draft.commands.push(...canary.commands);
  if (canary.begins !== null) draft.event(null, 'milestone', 'canary-wait', canary.begins);
  let waitingFor: WaitingFor | null = null;
  const started: WorldNode[] = [];
  let isOneFirst = false;
  const without: WorldNode[] = [];
  if (job.startedMs === null && world.ahead !== null) {
    waitingFor = behind(world, world.ahead);
  } else if (pause !== null) {
    waitingFor = pause;
  } else if (canary.waitingFor !== null) {
    waitingFor = canary.waitingFor;
  } else if (!orphaned && job.terminateRequestedMs === null) {
    const next = rolling({ ...world, nodes: draft.current() });
    waitingFor = next.waitingFor;
    started.push(...next.start);
    without.push(...next.bootstrap.filter((node) => node.bootstrap === null));
    isOneFirst = next.first !== null;
    if (next.first !== null) draft.event(next.first, 'milestone', 'taken-first', TAKEN_FIRST);
  }
  for (const node of without) {
    draft.commands.push({ do: 'bring-agent', jobNodeId: node.jobNodeId, nodeId: node.nodeId });
  }
  for (const node of started) {
    const { jobNodeId, nodeId, bootstrap } = node;
    draft.commands.push({ do: 'start-run', jobNodeId, nodeId, hadAgentBrought: bootstrap !== null });
    draft.signal(node, 'dispatched', world.nowMs);
  }

  const nodes = draft.current();
  const signal = jobSignal(world, settledNodes(world, nodes), orphaned);
  let over = false;
  if (signal !== null) {
    const verdict = jobVerdict(job.status, false, signal);
    if (verdict.kind === 'bug')
      draft.commands.push({ do: 'report-bug', what: `job ${job.status} was ${signal}` });
    if (verdict.kind === 'move') {
      over = verdict.over;
      draft.commands.push({ do: 'move-job', from: job.status, to: verdict.to, signal, over });
      if (signal === 'started') draft.event(null, 'milestone', 'start', 'job started...');
      else if (over) draft.event(null, 'milestone', 'end', `job ended ${verdict.to}`);
    }
  }
  const isCalledOff = callOff(world, draft);
  // who waits for that one is told once its run is under way
  const gate = isCalledOff || isOneFirst ? NOBODY_ASKS : asking(world, pause);
  draft.commands.push(...gate.commands);
  const stops = gate.commands.some((one) => one.do === 'answer-stop' && one.answer.verdict === 'allowed');
  const isWork = !job.isLooking && (stops || started.length > 0);
  if (!window.open && job.windowsIgnoredMs === null && isWork) {
    draft.commands.push({ do: 'ignore-windows' });
    draft.event(null, 'error', 'window-ignored', ignoredWords(window, job.askedBy));
  }
  const said = isOneFirst ? job.waitingFor : (gate.waitingFor ?? waitingFor);
  const reason = over ? null : waiting(world, nodes, orphaned, said);
  if (!isSameReason(reason, job.waitingFor))
    draft.commands.push({ do: 'set-waiting-for', waitingFor: reason });
  return {
    commands: draft.commands,
    lookAgainAtMs: over
      ? null
      : lookAgain(world, nodes, [
          ...gate.lookAgainAtMs,
          ...canary.lookAgainAtMs,
          // A job starts before it fails, and moves once in a pass.
          ...(signal === 'started' && nodes.every(({ endedMs }) => endedMs !== null)
            ? [world.nowMs + 1]
            : []),
          ...(isOneFirst ? [world.nowMs + 1] : []),
          ...(window.changesMs === null ? [] : [window.changesMs]),
        ]),
  };
}
