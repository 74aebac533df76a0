// Replica arithmetic: whether a range keeps a consistency level with some of its replicas away.
import type { ConsistencyLevel, ReplicaSet, RingKeyspace } from '../../../shared/ring-view.ts';

export interface RangeCase {
  level: ConsistencyLevel;
  /** all replicas of the range */
  replicas: ReplicaSet['replicas'];
  copies: RingKeyspace['copies'];
  datacenterOf: (address: string) => string;
  isAway: (address: string) => boolean;
  /** the datacenter of the node to be stopped: LOCAL levels are those of its clients, since stopping it changes no other's */
  local: string;
}

const quorum = (copies: number): number => Math.floor(copies / 2) + 1;

/**
 * A datacenter that has fewer nodes than copies still needs the quorum of its copies. Under SimpleStrategy, which knows no
 * datacenters, LOCAL_QUORUM needs the quorum of all copies from one of them.
 */
export function keeps({ level, replicas, copies, datacenterOf, isAway, local }: RangeCase): boolean {
  const here = (datacenter: string) => replicas.filter((replica) => datacenterOf(replica) === datacenter);
  const there = (some: readonly string[]): number => some.filter((replica) => !isAway(replica)).length;
  const ringWide = copies?.[''];
  const hasQuorum = (datacenter: string): boolean => {
    const some = here(datacenter);
    return there(some) >= quorum(Math.max(ringWide ?? copies?.[datacenter] ?? 0, some.length));
  };
  const allCopies = (): number =>
    Math.max(ringWide ?? Object.values(copies ?? {}).reduce((sum, n) => sum + n, 0), replicas.length);
  switch (level) {
    case 'ONE':
      return there(replicas) >= 1;
    case 'TWO':
      return there(replicas) >= 2;
    case 'THREE':
      return there(replicas) >= 3;
    case 'QUORUM':
      return there(replicas) >= quorum(allCopies());
    case 'ALL':
      return there(replicas) >= allCopies();
    case 'LOCAL_ONE':
      return there(here(local)) >= 1;
    case 'LOCAL_QUORUM':
      return hasQuorum(local);
    case 'EACH_QUORUM':
      return [...new Set(replicas.map(datacenterOf))].every(hasQuorum);
  }
}
