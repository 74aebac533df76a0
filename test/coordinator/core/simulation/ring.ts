// Rings by chance: datacenters, racks, tokens and keyspaces, and an oracle of its own for whether a range has its level.
import {
  CONSISTENCY_LEVELS,
  type ConsistencyLevel,
  type ReplicaSet,
  type RingKeyspace,
} from '../../../../shared/ring-view.ts';
import { type Copies, placed, type RingNode, shuffledTokens } from '../../../support/placement.ts';
import type { Random } from '../../../support/random.ts';

export interface Keyspace {
  name: string;
  /** the one that the job asks of it */
  level: ConsistencyLevel;
  copies: Copies;
  /** replicas of each range; those with the same ones once */
  replicaSets: readonly string[][];
}

export interface Ring {
  nodes: readonly RingNode[];
  /** the owners of the tokens, in their order */
  tokens: readonly RingNode[];
  keyspaces: readonly Keyspace[];
  datacenters: Readonly<Record<string, string>>;
}

/** Most often the one that most ask for. */
const OFTEN: readonly ConsistencyLevel[] = ['LOCAL_QUORUM', 'LOCAL_QUORUM', 'QUORUM', 'EACH_QUORUM'];
const levelOf = (rnd: Random): ConsistencyLevel => rnd.pick(rnd.chance(0.8) ? OFTEN : CONSISTENCY_LEVELS);

/** More would show little more: a range has five replicas at most, and a world costs what its nodes do. */
const MOST_NODES = 10;

function nodesOf(rnd: Random): RingNode[] {
  const nodes: RingNode[] = [];
  for (let dc = rnd.pick([1, 1, 1, 1, 2, 2, 3]); dc > 0; dc -= 1)
    for (let rack = rnd.pick([1, 2, 3, 3, 3, 3, 4]); rack > 0; rack -= 1)
      for (let n = rnd.pick([1, 1, 2, 2]); n > 0; n -= 1)
        if (nodes.length < MOST_NODES)
          nodes.push({ address: `n${nodes.length}`, datacenter: `dc${dc}`, rack: `r${rack}` });
  return nodes;
}

/** Keyspaces that a level is kept of with any one node away, more often than chance would have them. */
const MOST_TRIES = 3;

const isEverKept = (ring: Pick<Ring, 'datacenters'>, keyspace: Keyspace): boolean =>
  keyspace.replicaSets.every((replicas) =>
    replicas.every((one) => hasLevel(ring, keyspace, replicas, new Set([one]), ring.datacenters[one] ?? '')),
  );

export function makeRing(rnd: Random): Ring {
  const nodes = nodesOf(rnd);
  const tokens = shuffledTokens(nodes, rnd.pick([1, 1, 2, 3]), rnd.next);
  const datacenters = Object.fromEntries(nodes.map(({ address, datacenter }) => [address, datacenter]));
  const names = [...new Set(Object.values(datacenters))];
  const jobLevel = levelOf(rnd);
  const made = (place: number): Keyspace => {
    const most = rnd.pick([1, 2, 3, 3, 3, 3, 3, 3, 3, 4, 5]);
    const copies: Copies = rnd.chance(0.15)
      ? { '': most }
      : Object.fromEntries(
          names.filter(() => rnd.chance(0.9)).map((one) => [one, rnd.chance(0.8) ? most : 1 + rnd.below(5)]),
        );
    const sets = new Map(placed(tokens, copies).map((replicas) => [replicas.join(), replicas]));
    return {
      name: rnd.chance(0.15) ? `system_${place}` : `k${place}`,
      level: rnd.chance(0.6) ? jobLevel : levelOf(rnd),
      copies,
      replicaSets: [...sets.values()],
    };
  };
  const keyspaces = Array.from({ length: rnd.pick([1, 1, 2, 3]) }, (_, place) => {
    let keyspace = made(place);
    for (let tries = 1; tries < MOST_TRIES && !isEverKept({ datacenters }, keyspace); tries += 1)
      keyspace = made(place);
    return keyspace;
  });
  return { nodes, tokens, keyspaces, datacenters };
}

/** The keyspaces as a node of the ring tells of them, with the ranges of one node. */
export const keyspacesAbout = ({ keyspaces }: Ring, address: string): RingKeyspace[] =>
  keyspaces.map(({ name, copies, replicaSets }) => ({
    name,
    copies,
    replicaSets: replicaSets
      .filter((replicas) => replicas.includes(address))
      .map((replicas): ReplicaSet => ({ replicas, ranges: 1, sample: '(0, 1]' })),
  }));

/** How many copies a level needs and how many are there, in words of its own. @param local the datacenter of the clients */
export function hasLevel(
  { datacenters }: Pick<Ring, 'datacenters'>,
  { level, copies }: Keyspace,
  replicas: readonly string[],
  away: ReadonlySet<string>,
  local: string,
): boolean {
  const up = replicas.filter((address) => !away.has(address));
  const isMajority = (have: number, of: number): boolean => have * 2 > of;
  const upIn = (datacenter: string): number =>
    up.filter((address) => datacenters[address] === datacenter).length;
  const total = Object.values(copies).reduce((sum, count) => sum + count, 0);
  const hasMajorityIn = (datacenter: string): boolean =>
    isMajority(upIn(datacenter), copies[''] ?? copies[datacenter] ?? 0);
  switch (level) {
    case 'ONE':
      return up.length >= 1;
    case 'TWO':
      return up.length >= 2;
    case 'THREE':
      return up.length >= 3;
    case 'ALL':
      return up.length >= total;
    case 'QUORUM':
      return isMajority(up.length, total);
    case 'LOCAL_ONE':
      return upIn(local) >= 1;
    case 'LOCAL_QUORUM':
      return hasMajorityIn(local);
    case 'EACH_QUORUM':
      return [...new Set(replicas.map((address) => datacenters[address] ?? ''))].every(hasMajorityIn);
  }
}
