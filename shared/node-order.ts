// The order in which a job works through its nodes: decided here, stored with the job, shown before it is asked for.
import type { JobType } from './actions.ts';
import type { Canary } from './job-options.ts';

/** What the order goes by. */
export interface ModelNode {
  id: string;
  name: string;
  datacenterName: string;
  rack: string;
  seed: boolean;
}

const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const rackOf = ({ datacenterName, rack }: ModelNode): string => JSON.stringify([datacenterName, rack]);

/**
 * Seeds first on install, last otherwise; within that by datacenter, rack and name, so that one rack is finished before the next.
 * An install lets the racks of a datacenter take turns instead, a node of each in each round: where tokens are allocated for a
 * replication factor, Cassandra refuses any to the second node of a rack while there are more racks than one and fewer than
 * replicas (`TokenAllocation.getStrategy`).
 * @returns a new array; the order is stored before the first node starts
 */
export function orderNodes<Node extends ModelNode>(type: JobType, nodes: readonly Node[]): Node[] {
  const seedRank = (node: ModelNode): number => (node.seed === (type === 'install') ? 0 : 1);
  const rackByRack = [...nodes].sort(
    (a, b) =>
      seedRank(a) - seedRank(b) ||
      text(a.datacenterName, b.datacenterName) ||
      text(a.rack, b.rack) ||
      text(a.name, b.name) ||
      text(a.id, b.id),
  );
  return type === 'install' ? inTurns(rackByRack, seedRank) : rackByRack;
}

/** @param rackByRack seeds before others, as they stay; a rack's seeds have its first turns */
function inTurns<Node extends ModelNode>(
  rackByRack: readonly Node[],
  seedRank: (node: Node) => number,
): Node[] {
  const taken = new Map<string, number>();
  const turns = rackByRack.map((node) => {
    const turn = taken.get(rackOf(node)) ?? 0;
    taken.set(rackOf(node), turn + 1);
    return { node, turn };
  });
  return turns
    .sort(
      (a, b) =>
        seedRank(a.node) - seedRank(b.node) ||
        text(a.node.datacenterName, b.node.datacenterName) ||
        a.turn - b.turn, // the sort is stable: by rack and name within a round
    )
    .map(({ node }) => node);
}

/**
 * Those that a job works on before the others. Seeds are last in the order, so that of each rack a node that is none comes first;
 * an install has seeds first, and so no other canaries where there are any.
 * @param ordered as `orderNodes` has them
 */
export function canariesOf<Node extends ModelNode>(
  type: JobType,
  ordered: readonly Node[],
  canary: Canary,
): Node[] {
  if (canary === 'none') return [];
  if (canary === 'first-node') return ordered.slice(0, 1);
  const seeds = type === 'install' ? ordered.filter(({ seed }) => seed) : [];
  const firsts = new Map<string, Node>();
  for (const node of seeds.length > 0 ? seeds : ordered)
    if (!firsts.has(rackOf(node))) firsts.set(rackOf(node), node);
  return [...firsts.values()];
}
