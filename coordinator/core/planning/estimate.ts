// How long a plan takes and how little of each range it leaves, in numbers and in a sentence.
import type { JobType } from '../../../shared/actions.ts';
import { MOST_UNDER_WAY } from '../rolling.ts';
import { type Bounds, isSplit, type NodeToPlan } from './batches.ts';
import { isLocal, levelsKept, placedCopies } from './sharing.ts';

/** Seconds for a node where none has been measured: guesses, and told as such. */
export const DEFAULT_SECONDS: Readonly<Record<JobType, number>> = {
  install: 300,
  configure: 90,
  restart: 60,
  upgrade: 240,
  check: 5,
};

export interface Times {
  /** of each batch: its slowest node, as often as it takes when so many are under way at once */
  batchSeconds: number[];
  seconds: number;
  /** nodes whose own last time it rests on */
  measuredNodes: number;
  /** what the others were given: the median of those, or the default */
  otherwiseSeconds: number;
}

/**
 * @param secondsOf how long the last job of this type that went well took on this node, without its settle-seconds; undefined: none has
 * @param settleS that each node is left in peace afterwards
 */
export function timesOf(
  batches: readonly (readonly Pick<NodeToPlan, 'id'>[])[],
  type: JobType,
  secondsOf: (nodeId: string) => number | undefined,
  settleS: number,
): Times {
  const measured = batches
    .flat()
    .flatMap(({ id }) => secondsOf(id) ?? [])
    .sort((a, b) => a - b);
  const otherwiseSeconds = measured[Math.floor(measured.length / 2)] ?? DEFAULT_SECONDS[type];
  const batchSeconds = batches.map(
    (batch) =>
      Math.ceil(batch.length / MOST_UNDER_WAY) *
      (settleS + Math.max(...batch.map(({ id }) => secondsOf(id) ?? otherwiseSeconds))),
  );
  return {
    batchSeconds,
    seconds: batchSeconds.reduce((sum, seconds) => sum + seconds, 0),
    measuredNodes: measured.length,
    otherwiseSeconds,
  };
}

export interface Availability {
  live: number;
  copies: number;
}

/**
 * The fewest copies that any range of a keyspace that counts is left with, where the nodes of a batch share none.
 * @returns null where the ring has not said it of all nodes, nothing counts, or nodes that share ranges may be away together
 */
export function worstAvailability(
  batches: readonly (readonly NodeToPlan[])[],
  bounds: Bounds,
): Availability | null {
  if (!isSplit(bounds) && batches.some((batch) => batch.length > 1)) return null;
  const left: Availability[] = [];
  const nodes = batches.flat();
  const datacenterOf = new Map(nodes.map((node) => [node.sharing?.address, node.datacenterName]));
  for (const { sharing, datacenterName } of nodes) {
    if (sharing === null) return null;
    for (const group of sharing.groups) {
      const levels = levelsKept(group, datacenterName, bounds.gate);
      if (levels.length === 0) continue;
      if (group.copies === null) return null;
      const here = group.copies[datacenterName];
      const counted = levels.some(isLocal) && here !== undefined ? { [datacenterName]: here } : group.copies;
      const copies = Object.values(counted).reduce((sum, count) => sum + count, 0);
      const most = Object.values(placedCopies(counted, group.replicas, (at) => datacenterOf.get(at)));
      const kept = Math.min(
        group.replicas.length,
        most.reduce((sum, count) => sum + count, 0),
      );
      left.push({ live: kept - 1, copies });
    }
  }
  return left.sort((a, b) => a.live - b.live || b.copies - a.copies)[0] ?? null;
}

/** `45 s`, `12 min`, `2 h 10 min`: no finer than an estimate is. */
export function spokenSeconds(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const tens = Math.round(minutes / 10) * 10;
  const [hours, rest] = [Math.floor(tens / 60), tens % 60];
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/**
 * `37 batches, about 2 h 10 min, worst availability 2 of 3`
 * @param waits for somebody to resume it, however long that takes
 */
export function sentenceOf(
  batches: number,
  seconds: number,
  worst: Availability | null,
  waits = false,
): string {
  const left = worst === null ? 'not known' : `${worst.live} of ${worst.copies}`;
  return `${batches} ${batches === 1 ? 'batch' : 'batches'}, about ${spokenSeconds(seconds)}${waits ? ' and a wait until it is resumed' : ''}, worst availability ${left}`;
}
