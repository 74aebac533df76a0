// Replica arithmetic: whether a range keeps a consistency level with some of its replicas away.
import type { ConsistencyLevel, RingKeyspace } from '../../../shared/ring-view.ts';

export interface RangeCase {
  level: ConsistencyLevel;
  /** all replicas of the range */
  replicas: readonly string[];
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
  const ringWide = copies?.[''];
  /** How many replicas there are, and are not away; this is asked of every range of a node at each look. */
  const count = (isCounted: (replica: string) => boolean = () => true) => {
    let [all, there] = [0, 0];
    for (const replica of replicas) {
      if (!isCounted(replica)) continue;
      all += 1;
      if (!isAway(replica)) there += 1;
    }
    return { all, there };
  };
  const countIn = (datacenter: string) => count((replica) => datacenterOf(replica) === datacenter);
  const hasQuorum = (datacenter: string): boolean => {
    const { all, there } = countIn(datacenter);
    return there >= quorum(Math.max(ringWide ?? copies?.[datacenter] ?? 0, all));
  };
  const allCopies = (): number =>
    Math.max(ringWide ?? Object.values(copies ?? {}).reduce((sum, n) => sum + n, 0), replicas.length);
  switch (level) {
    case 'ONE':
      return count().there >= 1;
    case 'TWO':
      return count().there >= 2;
    case 'THREE':
      return count().there >= 3;
    case 'QUORUM':
      return count().there >= quorum(allCopies());
    case 'ALL':
      return count().there >= allCopies();
    case 'LOCAL_ONE':
      return countIn(local).there >= 1;
    case 'LOCAL_QUORUM':
      return hasQuorum(local);
    case 'EACH_QUORUM':
      return [...new Set(replicas.map(datacenterOf))].every(hasQuorum);
  }
}
