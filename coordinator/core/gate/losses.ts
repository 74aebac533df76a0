// Which ranges would lose their consistency level with one more node away, as each view has it.
import type { ConsistencyLevel, ReplicaSet, RingKeyspace, RingView } from '../../../shared/ring-view.ts';
import type { StopQuestion } from './facts.ts';
import { keeps } from './levels.ts';

/** Everything that views, agreeing or not, say between them: the worse one holds. */
export interface Ring {
  live: Set<string>;
  /** seen as down by anybody, or on leave */
  away: ReadonlySet<string>;
  views: readonly RingView[];
}

export interface Loss {
  keyspace: string;
  level: string;
  ranges: number;
  sample: string;
  /** replicas away besides this node; none: no other has to be away for it */
  away: readonly string[];
}

type LossOf = Omit<Loss, 'keyspace'>;

/** The ranges that would lose the level. */
function lossOf(
  question: StopQuestion,
  ring: Ring,
  view: RingView,
  level: ConsistencyLevel,
  { copies, replicaSets }: RingKeyspace,
): LossOf | null {
  const datacenterOf = (address: string): string => view.datacenters[address] ?? '';
  const local = datacenterOf(question.address);
  const isLostWith =
    (isAway: (address: string) => boolean) =>
    ({ replicas }: ReplicaSet) =>
      !keeps({ level, replicas, copies, datacenterOf, isAway, local });
  const now = replicaSets
    .filter(({ replicas }) => replicas.includes(question.address))
    .filter(isLostWith((address) => address === question.address || ring.away.has(address)));
  // What would be lost with no other away is among what is lost with these away too.
  const never = now.filter(isLostWith((address) => address === question.address));
  const lost = never.length > 0 ? never : now;
  const [first] = lost;
  if (first === undefined) return null;
  const others =
    never.length > 0 ? [] : lost.flatMap(({ replicas }) => replicas.filter((at) => ring.away.has(at)));
  return {
    level,
    ranges: lost.reduce((sum, { ranges }) => sum + ranges, 0),
    sample: first.sample,
    away: [...new Set(others)],
  };
}

/** Of each keyspace of a view. Hundreds of keyspaces may be replicated alike: they share their sets, and what would be lost of them. */
function lossesIn(question: StopQuestion, ring: Ring, view: RingView): Loss[] {
  const { level: ofAll, levels } = question.options;
  const known = new Map<readonly ReplicaSet[], Map<string, LossOf | null>>();
  return view.keyspaces.flatMap((keyspace) => {
    const { name, copies, replicaSets } = keyspace;
    const level = levels[name] ?? ofAll;
    const ofSets = known.get(replicaSets) ?? new Map<string, LossOf | null>();
    known.set(replicaSets, ofSets);
    const key = JSON.stringify([level, copies]);
    const loss = ofSets.has(key) ? ofSets.get(key) : lossOf(question, ring, view, level, keyspace);
    ofSets.set(key, loss ?? null);
    return loss ? [{ keyspace: name, ...loss }] : [];
  });
}

/** The worst that any view says of each keyspace: lost for good before lost for now, then by ranges. */
export function allLosses(question: StopQuestion, ring: Ring): Loss[] {
  const worst = new Map<string, Loss>();
  for (const loss of ring.views.flatMap((view) => lossesIn(question, ring, view))) {
    const known = worst.get(loss.keyspace);
    const [a, b] = [known?.away.length === 0, loss.away.length === 0];
    if (known === undefined || (b && !a) || (a === b && loss.ranges > known.ranges))
      worst.set(loss.keyspace, loss);
  }
  return [...worst.values()];
}
