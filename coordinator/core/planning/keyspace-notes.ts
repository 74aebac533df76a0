// What the gate will refuse for a job's keyspaces, and which it names in vain: told before there is a job, as far as the ring is known.
import { isSystem, listed, namedInVain } from '../gate/keyspace-names.ts';
import type { Bounds, NodeToPlan } from './batches.ts';
import { isKeptWithOneAway, placedCopies } from './sharing.ts';

/** `users at LOCAL_QUORUM`, of all that can never keep their level with one of these nodes away. */
function refused(nodes: readonly NodeToPlan[], { level, levels, relaxed }: Bounds['gate']): string[] {
  const datacenters = new Map(nodes.map(({ sharing, datacenterName }) => [sharing?.address, datacenterName]));
  const datacenterOf = (address: string) => datacenters.get(address);
  return nodes.flatMap(({ sharing, datacenterName }) =>
    (sharing?.groups ?? []).flatMap(({ keyspaces, copies, replicas }) => {
      if (copies === null) return [];
      const there = placedCopies(copies, replicas, datacenterOf);
      return keyspaces
        .map((name) => ({ name, asked: levels[name] ?? level }))
        .filter(({ name }) => !isSystem(name) && !relaxed.includes(name))
        .filter(({ asked }) => !isKeptWithOneAway(asked, datacenterName, there, copies))
        .map(({ name, asked }) => `${name} at ${asked}`);
    }),
  );
}

/** @param isAlone its ring has no other node, so that there is nothing to keep */
export function keyspaceNotes(
  nodes: readonly NodeToPlan[],
  gate: Bounds['gate'],
  isAlone: boolean,
): string[] {
  const never = gate.force || isAlone ? [] : refused(nodes, gate);
  const known = nodes.flatMap(({ sharing }) => sharing?.groups.flatMap(({ keyspaces }) => keyspaces) ?? []);
  return [
    ...(never.length === 0
      ? []
      : [
          `The gate will refuse to stop nodes that hold what can never keep its level with one node away: ${listed(never)}. Replicate it more, or name it in relaxed-keyspaces; where there is more than one replica, a lower level may be asked of it (consistency-level, keyspace-levels).`,
        ]),
    ...namedInVain(new Set(known), gate).map(
      ({ option, unknown, others }) =>
        `${option} names what is no keyspace that these nodes are known to hold: ${unknown}. Known are: ${others} (capitals count).`,
    ),
  ];
}
