// Turns what was asked for into one job and its nodes, in the order in which they will be worked on.
import type { JobScope, JobType } from '../../shared/actions.ts';

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
export function orderNodes(type: JobType, nodes: readonly ModelNode[]): ModelNode[] {
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

/** What a job of this scope shows in its datacenter and node fields (seed, "Job"). */
export function scopeNames(
  scope: JobScope,
  datacenter: { id: string; name: string } | null,
  node: { id: string; name: string } | null,
): {
  datacenterId: string | null;
  datacenterName: string | null;
  nodeId: string | null;
  nodeName: string | null;
} {
  return {
    datacenterId: scope === 'cluster' ? null : (datacenter?.id ?? null),
    datacenterName: scope === 'cluster' ? null : (datacenter?.name ?? null),
    nodeId: scope === 'node' ? (node?.id ?? null) : null,
    nodeName: scope === 'node' ? (node?.name ?? null) : null,
  };
}
