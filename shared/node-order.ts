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

/**
 * Seeds first on install, last otherwise; within that by datacenter, rack and name, so that one rack is finished before the next.
 * @returns a new array; the order is stored before the first node starts
 */
export function orderNodes<Node extends ModelNode>(type: JobType, nodes: readonly Node[]): Node[] {
  const seedRank = (node: ModelNode): number => (node.seed === (type === 'install') ? 0 : 1);
  const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return [...nodes].sort(
    (a, b) =>
      seedRank(a) - seedRank(b) ||
      text(a.datacenterName, b.datacenterName) ||
      text(a.rack, b.rack) ||
      text(a.name, b.name) ||
      text(a.id, b.id),
  );
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
  const rackOf = ({ datacenterName, rack }: Node): string => JSON.stringify([datacenterName, rack]);
  const firsts = new Map<string, Node>();
  for (const node of seeds.length > 0 ? seeds : ordered)
    if (!firsts.has(rackOf(node))) firsts.set(rackOf(node), node);
  return [...firsts.values()];
}
