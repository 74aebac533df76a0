// The runs of a simulation as rows: what they ask, and which nodes are away by them.
import type {
  AskedView,
  GateAnswer,
  GateOptions,
  StopQuestion,
} from '../../../../coordinator/core/gate/facts.ts';
import type { WorldRun } from '../../../../coordinator/core/world.ts';
import type { Hosts } from './hosts.ts';
import type { Ring } from './ring.ts';

/** As `NOTICED_AFTER_S` of `store/gate.ts` has it. */
const NOTICED_AFTER_MS = 60_000;

export interface Question {
  /** so often was it asked, since its agent was away in between */
  asked: number;
  askedMs: number;
  round: number;
  roundMs: number;
  answer: GateAnswer | null;
  views: AskedView[];
  /** of those that were asked before */
  latest: Map<string, { round: number; isBlind: boolean }>;
}

export interface Run {
  readonly jobNodeId: string;
  readonly address: string;
  /** as the coordinator has it */
  seen: WorldRun;
  question: Question | null;
  leaveMs: number | null;
  /** since when it is told of nothing but hints; null: it is not */
  hintsSinceMs: number | null;
  /** for how long it was before, since nothing kept the job back */
  hintsWaitedMs: number;
  isToStop: boolean;
  /** its agent is through with it, heard or not */
  isOver: boolean;
  /** its node is back, by it or by somebody */
  isBack: boolean;
  fencedMs: number | null;
  letGoMs: number | null;
  finishedMs: number | null;
}

/** Some later run of the same node, in the order in which they were started. */
const isBroughtBack = (runs: readonly Run[], run: Run, isBack: (later: Run) => boolean): boolean =>
  runs.slice(runs.indexOf(run) + 1).some((later) => later.address === run.address && isBack(later));

/** As `readGate` of `store/gate.ts`: those that have leave and are not back, or ended otherwise not long ago. */
export function onLeave(runs: readonly Run[], nowMs: number): string[] {
  const isRecent = (ms: number | null): boolean => ms === null || ms > nowMs - NOTICED_AFTER_MS;
  const counts = ({ fencedMs, letGoMs, finishedMs, seen }: Run): boolean =>
    fencedMs !== null
      ? isRecent(letGoMs)
      : finishedMs === null || (seen.outcome !== 'succeeded' && isRecent(finishedMs));
  return runs
    .filter((run) => run.leaveMs !== null && counts(run))
    .filter((run) => !isBroughtBack(runs, run, ({ seen }) => seen.outcome === 'succeeded'))
    .map(({ address }) => address);
}

/** Those that are stopped by a run, or will be, or were and are not back; whatever the coordinator knows of it. */
export const stoppedByUs = (runs: readonly Run[], hosts: Hosts): string[] =>
  runs
    .filter(
      ({ address, leaveMs, isOver, isBack }) =>
        leaveMs !== null && (!isOver || (!isBack && !hosts.isUp(address))),
    )
    .filter((run) => !isBroughtBack(runs, run, ({ isBack }) => isBack))
    .map(({ address }) => address);

/** What the runs of a job ask that have no answer yet that ends it. @param all those of earlier jobs too */
export function questionsOf(
  runs: Iterable<Run>,
  {
    all,
    ring,
    hosts,
    options,
    nowMs,
  }: { all: readonly Run[]; ring: Ring; hosts: Hosts; options: GateOptions; nowMs: number },
): StopQuestion[] {
  return [...runs].flatMap(({ jobNodeId, address, seen, question, fencedMs }) => {
    if (question === null || seen.outcome !== null || fencedMs !== null) return [];
    const { askedMs, roundMs, answer, views } = question;
    if (answer !== null && answer.verdict !== 'wait') return [];
    const peers = ring.nodes
      .filter((node) => node.address !== address)
      .map((node) => ({
        nodeId: node.address,
        name: node.address,
        address: node.address,
        connected: hosts.awaySinceMs(node.address) === null,
      }));
    const about = { jobNodeId, nodeId: address, name: address, address, questionId: seen.id };
    const away = onLeave(all, nowMs).filter((other) => other !== address);
    return [
      {
        ...about,
        askedMs,
        roundMs,
        answer,
        views: [...views],
        peers,
        onLeave: away,
        notLetGo: [],
        ended: [],
        options,
        askedBy: null,
      },
    ];
  });
}
