// What a job would work on: its name and exact nodes, in the order in which they would be worked on.
import type { JobScope, JobType } from '../../../shared/actions.ts';
import { orderNodes } from '../../../shared/node-order.ts';
import type { Node } from '../../../shared/rest-types.ts';
import type { Topology } from '../api/queries.ts';

export interface RunTarget {
  path: string[];
  nodes: (Node & { datacenterName: string })[];
}

/** null when the cluster has no such part (any more) */
export function runTarget(
  { cluster, datacenters, nodes }: Topology,
  scope: JobScope,
  resourceId: string,
  type: JobType,
): RunTarget | null {
  const names = new Map(datacenters.map(({ id, name }) => [id, name]));
  const placed = nodes.map((node) => ({
    ...node,
    seed: node.effective.seed,
    datacenterName: names.get(node['datacenter-id']) ?? '',
  }));
  const within = placed.filter((node) =>
    scope === 'cluster' ? true : (scope === 'datacenter' ? node['datacenter-id'] : node.id) === resourceId,
  );
  const datacenter = scope === 'datacenter' ? names.get(resourceId) : within[0]?.datacenterName;
  if (scope === 'cluster' && resourceId !== cluster.id) return null;
  if (scope !== 'cluster' && datacenter === undefined) return null;
  const path = [cluster.name];
  if (scope !== 'cluster') path.push(datacenter ?? '');
  if (scope === 'node') path.push(within[0]?.name ?? '');
  return { path, nodes: orderNodes(type, within) };
}
