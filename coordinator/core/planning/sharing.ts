// With whom a node shares replica sets, as the ring last said it, and which of that keeps two nodes from being away together.
import type { ReplicaSet, RingKeyspace, RingView } from '../../../shared/ring-view.ts';
import type { GateOptions } from '../gate/facts.ts';
import { isSystem } from '../gate/keyspace-names.ts';
import { keeps } from '../gate/levels.ts';

/** Keyspaces that one node keeps together with the same others. */
export interface SharedKeyspaces {
  keyspaces: readonly string[];
  copies: RingKeyspace['copies'];
  /** addresses of all that have a part in any of its replica sets, its own among them */
  replicas: readonly string[];
}

/** What the ring said of a node. */
export interface Sharing {
  /** as the ring knows it */
  address: string;
  groups: readonly SharedKeyspaces[];
}

/** All that have a part in any of those replica sets that the node has a part in, in order. */
const replicasOf = (address: string, lists: readonly (readonly ReplicaSet[])[]): string[] => {
  const sets = lists.flat().filter(({ replicas }) => replicas.includes(address));
  return [...new Set(sets.flatMap(({ replicas }) => replicas))].sort();
};

/** Everything that views of a node say between them; none is left out that only one of them has. */
export function sharingOf(address: string, views: readonly RingView[]): Sharing {
  const byName = new Map<string, { copies: RingKeyspace['copies']; lists: ReplicaSet[][] }>();
  const numbers = new Map<ReplicaSet[], number>();
  for (const { name, copies, replicaSets } of views.flatMap((view) => view.keyspaces)) {
    const known = byName.get(name) ?? { copies, lists: [] };
    byName.set(name, known);
    known.lists.push(replicaSets);
    if (!numbers.has(replicaSets)) numbers.set(replicaSets, numbers.size);
  }
  // Keyspaces that are replicated alike share their lists: each combination is gone through once.
  const ofLists = new Map<string, string[]>();
  const groups = new Map<
    string,
    { keyspaces: string[]; copies: RingKeyspace['copies']; replicas: string[] }
  >();
  for (const [name, { copies, lists }] of byName) {
    const combination = lists.map((list) => numbers.get(list)).join();
    const replicas = ofLists.get(combination) ?? replicasOf(address, lists);
    ofLists.set(combination, replicas);
    if (replicas.length === 0) continue;
    const key = JSON.stringify([copies, replicas]);
    const group = groups.get(key) ?? { keyspaces: [], copies, replicas };
    groups.set(key, group);
    group.keyspaces.push(name);
  }
  return { address, groups: [...groups.values()] };
}

type Levels = Pick<GateOptions, 'level' | 'levels' | 'relaxed'>;

export const isLocal = (level: string): boolean => level.startsWith('LOCAL_');

type Copies = NonNullable<RingKeyspace['copies']>;

/**
 * How many copies there can be in each datacenter: one that has fewer nodes has as many as nodes. Nodes of which it is not known
 * where they are may be in any.
 */
export const placedCopies = (
  copies: Copies,
  replicas: readonly string[],
  datacenterOf: (address: string) => string | undefined,
): Copies =>
  Object.fromEntries(
    Object.entries(copies).map(([datacenter, count]) => {
      const there = replicas.filter(
        (replica) => datacenter === '' || (datacenterOf(replica) ?? datacenter) === datacenter,
      );
      return [datacenter, Math.min(count, there.length)];
    }),
  );

/** Whether a range of so many copies keeps the level with one replica away, wherever the replicas are. @param there copies that are placed */
export function isKeptWithOneAway(
  level: GateOptions['level'],
  local: string,
  there: Copies,
  copies: Copies,
): boolean {
  const replicas = Object.entries(there).flatMap(([datacenter, count]) =>
    Array.from({ length: count }, (_, place) => `${datacenter === '' ? local : datacenter} ${place}`),
  );
  const datacenterOf = (replica: string): string => replica.slice(0, replica.lastIndexOf(' '));
  const isAway = (replica: string): boolean => replica === `${local} 0`;
  return keeps({ level, replicas, copies, datacenterOf, isAway, local });
}

/** The levels that the job has kept of these keyspaces; none of what the gate passes over: relaxed, or the product's own and too few. */
export function levelsKept(
  { keyspaces, copies }: SharedKeyspaces,
  datacenter: string,
  { level, levels, relaxed }: Levels,
): GateOptions['level'][] {
  return keyspaces.flatMap((name) => {
    const one = levels[name] ?? level;
    const isPassedOver =
      relaxed.includes(name) ||
      (isSystem(name) && copies !== null && !isKeptWithOneAway(one, datacenter, copies, copies));
    return isPassedOver ? [] : [one];
  });
}

/**
 * Addresses of those that share a replica set with it which counts. LOCAL levels are those of one datacenter's clients alone: what is
 * away elsewhere takes nothing from them.
 */
export function apartFrom(
  { address, groups }: Sharing,
  here: string,
  datacenterOf: (address: string) => string | undefined,
  asked: Levels,
): string[] {
  return groups.flatMap((group) => {
    const levels = levelsKept(group, here, asked);
    if (levels.length === 0) return [];
    const isFar = (other: string): boolean => levels.every(isLocal) && datacenterOf(other) !== here;
    return group.replicas.filter((replica) => replica !== address && !isFar(replica));
  });
}
