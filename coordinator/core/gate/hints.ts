// Hints that wait for nodes that stay up: until these have them, they lack writes that the node to be stopped may have.
import type { StopQuestion } from './facts.ts';
import { listed } from './keyspace-names.ts';

export interface KeptHints {
  /** of the nodes that have not got theirs */
  addresses: string[];
  message: string;
}

/** As far as the nodes that were asked tell; null when they tell of none. */
export function keptHints(
  { address, views, peers }: StopQuestion,
  away: ReadonlySet<string>,
): KeptHints | null {
  const addresses = new Set<string>();
  const keepers = new Set<string>();
  for (const { name, view } of views)
    for (const waiting of view?.hintsFor ?? []) {
      if (waiting === address || away.has(waiting)) continue;
      addresses.add(waiting);
      keepers.add(name);
    }
  if (addresses.size === 0) return null;
  const names = [...addresses].map((at) => peers.find((peer) => peer.address === at)?.name ?? at);
  return {
    addresses: [...addresses],
    message: `Hints wait to be delivered to ${listed(names)} (kept by ${listed(keepers)}).`,
  };
}
