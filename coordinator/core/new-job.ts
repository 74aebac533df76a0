// What a job shows of its target, by the scope that was asked for.
import type { JobScope } from '../../shared/actions.ts';

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
