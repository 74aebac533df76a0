// Where Cassandra keeps the ranges of a ring, as pure functions: what planners of batches are held against.
import type { Sharing } from '../../coordinator/core/planning/sharing.ts';

export interface RingNode {
  address: string;
  datacenter: string;
  rack: string;
}

/** Replication of a keyspace: copies by datacenter, or `''` of all of the ring. */
export type Copies = Readonly<Record<string, number>>;

/** The owners of all tokens in their order. `random` gives numbers from 0 to 1. */
export function shuffledTokens(nodes: readonly RingNode[], tokens: number, random: () => number): RingNode[] {
  return nodes
    .flatMap((node) => Array.from({ length: tokens }, () => ({ node, token: random() })))
    .sort((a, b) => a.token - b.token)
    .map(({ node }) => node);
}

/** Replicas of each range. Source: Apache Cassandra 5.0, SimpleStrategy.calculateNaturalReplicas and NetworkTopologyStrategy.DatacenterEndpoints. */
export function placed(ring: readonly RingNode[], copies: Copies): string[][] {
  const nodes = [...new Set(ring)];
  const places = Object.entries(copies).map(([datacenter, count]) => {
    const here = nodes.filter((node) => datacenter === '' || node.datacenter === datacenter);
    const racks = datacenter === '' ? 0 : new Set(here.map(({ rack }) => rack)).size;
    // SimpleStrategy knows no racks: as if every node could repeat one.
    return {
      datacenter,
      wanted: Math.min(count, here.length),
      repeats: datacenter === '' ? count : count - racks,
    };
  });
  return ring.map((_, from) =>
    places.flatMap(({ datacenter, wanted, repeats }) => {
      const found: string[] = [];
      const racks = new Set<string>();
      let repeatsLeft = repeats;
      for (let step = 0; step < ring.length && found.length < wanted; step += 1) {
        const node = ring[(from + step) % ring.length];
        if (node === undefined || (datacenter !== '' && node.datacenter !== datacenter)) continue;
        if (found.includes(node.address)) continue;
        if (datacenter !== '' && !racks.has(node.rack)) racks.add(node.rack);
        else if (repeatsLeft <= 0) continue;
        else repeatsLeft -= 1;
        found.push(node.address);
      }
      return found;
    }),
  );
}

/** What the ring would say of each node, by address, of keyspaces by name. */
export function sharingOfRing(
  ring: readonly RingNode[],
  keyspaces: Readonly<Record<string, Copies>>,
): Map<string, Sharing> {
  const addresses = [...new Set(ring)].map(({ address }) => address).sort();
  const placeOf = new Map(addresses.map((address, place) => [address, place]));
  const groups = Object.entries(keyspaces).map(([name, copies]) => {
    // A byte for each pair that has a range in common: a thousand nodes have a quarter of a million ranges.
    const isMet = new Uint8Array(addresses.length ** 2);
    for (const replicas of placed(ring, copies)) {
      const places = replicas.map((replica) => placeOf.get(replica) ?? 0);
      for (const one of places) for (const other of places) isMet[one * addresses.length + other] = 1;
    }
    return { name, copies, isMet };
  });
  return new Map(
    addresses.map((address, place) => {
      const own = groups.map(({ name, copies, isMet }) => ({
        keyspaces: [name],
        copies,
        replicas: addresses.filter((_, other) => isMet[place * addresses.length + other] === 1),
      }));
      return [address, { address, groups: own.filter(({ replicas }) => replicas.length > 0) }];
    }),
  );
}
