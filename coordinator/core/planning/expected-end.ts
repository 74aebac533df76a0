// When a job under way will be over: what its plan takes, at the pace that its own nodes have shown.
import type { JobType } from '../../../shared/actions.ts';
import { MOST_UNDER_WAY } from '../rolling.ts';
import { Openings } from '../windows/openings.ts';
import type { MaintenanceWindow } from '../windows/times.ts';
import type { WaitingFor, WorldCanary } from '../world.ts';
import { timesOf } from './estimate.ts';

/** All times are milliseconds since 1970 by PostgreSQL's clock. */
export interface NodeToEnd {
  /** of the node, not of the job node */
  id: string;
  batch: number;
  isComplete: boolean;
  /** null: it was not begun with */
  startedMs: number | null;
  endedMs: number | null;
  /** of the time since it was begun with: what is none of its work, such as a pause */
  heldMs: number;
}

export interface JobToEnd {
  nowMs: number;
  type: JobType;
  settleMs: number;
  /** in the stored order */
  nodes: readonly NodeToEnd[];
  waitingFor: WaitingFor | null;
  canary: WorldCanary | null;
  /** the windows and freezes that it waits for; none for a job that does not */
  windows: readonly MaintenanceWindow[];
}

/** Waits of which it is known how long they take; a look is part of every stop. */
const KNOWN: readonly WaitingFor['kind'][] = ['look', 'hints', 'canary', 'window'];

/** How many times as long as expected its nodes took, those that are COMPLETE: the median, so that one that was held up does not count for all. */
function paceOf(nodes: readonly NodeToEnd[], expectedS: (id: string) => number): number {
  const paces = nodes
    .flatMap(({ id, isComplete, startedMs, endedMs, heldMs }) =>
      isComplete && startedMs !== null && endedMs !== null
        ? [Math.max(0, endedMs - startedMs - heldMs) / 1_000 / Math.max(1, expectedS(id))]
        : [],
    )
    .sort((a, b) => a - b);
  return paces[Math.floor(paces.length / 2)] ?? 1;
}

/** What is left of the wait after its canaries, as far as none of them has failed; null: it lasts until somebody resumes the job. */
function canaryLeftMs({ nowMs, nodes, canary }: JobToEnd): number | null {
  if (canary === null || canary.passedMs !== null) return 0;
  const others = nodes.filter(({ batch }) => batch >= canary.batches);
  const isFailed = nodes.some(
    ({ batch, isComplete, endedMs }) => batch < canary.batches && endedMs !== null && !isComplete,
  );
  if (others.length === 0 || isFailed || others.some(({ startedMs }) => startedMs !== null)) return 0;
  if (canary.waitMs === 0) return null;
  return Math.max(
    0,
    canary.waitMs - canary.waitedMs - (canary.sinceMs === null ? 0 : nowMs - canary.sinceMs),
  );
}

/**
 * @param secondsOf how long the last job of this type that went well took on a node; undefined: none has
 * @returns null: it is not known, since the job waits for somebody, or for what has no time of its own
 */
export function expectedEndMs(job: JobToEnd, secondsOf: (id: string) => number | undefined): number | null {
  const { nowMs, nodes, waitingFor } = job;
  if (waitingFor !== null && !KNOWN.includes(waitingFor.kind)) return null;
  const waitMs = canaryLeftMs(job);
  if (waitMs === null) return null;
  const batches = [...new Set(nodes.map(({ batch }) => batch))].map((batch) =>
    nodes.filter((node) => node.batch === batch),
  );
  const settleS = job.settleMs / 1_000;
  const { otherwiseSeconds } = timesOf(batches, job.type, secondsOf, settleS);
  const expectedS = (id: string): number => (secondsOf(id) ?? otherwiseSeconds) + settleS;
  const pace = paceOf(nodes, expectedS);
  const takesMs = ({ id }: NodeToEnd): number => expectedS(id) * 1_000 * pace;
  const openings = new Openings(job.windows);
  /** What has begun goes on while the cluster is shut, and nothing begins then. */
  const worked = (fromMs: number, batch: readonly NodeToEnd[]): number => {
    const open = batch.filter(({ endedMs }) => endedMs === null);
    const ends = open.flatMap((node) =>
      node.startedMs === null
        ? []
        : [fromMs + Math.max(0, node.startedMs + node.heldMs + takesMs(node) - nowMs)],
    );
    const pending = open.filter(({ startedMs }) => startedMs === null);
    const turnMs = Math.max(0, ...pending.map(takesMs));
    let endMs = fromMs;
    for (let turns = Math.ceil(pending.length / MOST_UNDER_WAY); turns > 0; turns -= 1)
      endMs = openings.opensMs(endMs) + turnMs;
    return Math.max(endMs, ...ends);
  };
  const isCanary = ([node]: readonly NodeToEnd[]): boolean =>
    node !== undefined && node.batch < (job.canary?.batches ?? 0);
  const triedMs = batches.filter(isCanary).reduce(worked, openings.opensMs(nowMs));
  const waitedMs = waitMs === 0 ? triedMs : openings.passedMs(triedMs, waitMs);
  const endMs = batches.filter((batch) => !isCanary(batch)).reduce(worked, waitedMs);
  return Number.isFinite(endMs) ? endMs : null;
}
