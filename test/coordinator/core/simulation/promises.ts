// What has to hold of every stop and every start in a simulation, in words of its own: none of this asks the code that it is held against.
import type { WorldJob, WorldNode } from '../../../../coordinator/core/world.ts';
import type { Strategy } from '../../../../shared/job-options.ts';
import type { RingNode } from '../../../support/placement.ts';
import type { SimulatedJob } from './job.ts';
import { hasLevel, type Keyspace, type Ring } from './ring.ts';

/** Whether a keyspace can never keep its level while one node is away; the product's own are then let go. */
const isHopeless = (ring: Ring, keyspace: Keyspace, address: string): boolean =>
  keyspace.replicaSets.some(
    (replicas) =>
      replicas.includes(address) &&
      !hasLevel(ring, keyspace, replicas, new Set([address]), ring.datacenters[address] ?? ''),
  );

/** The keyspaces whose level is promised while this node is away. */
const promised = (ring: Ring, relaxed: readonly string[], address: string): Keyspace[] =>
  ring.keyspaces.filter(
    (keyspace) =>
      !relaxed.includes(keyspace.name) &&
      !(keyspace.name.startsWith('system_') && isHopeless(ring, keyspace, address)),
  );

/** The ranges that lose their level as this node goes too. */
export function lostBy(
  ring: Ring,
  relaxed: readonly string[],
  away: ReadonlySet<string>,
  address: string,
): string[] {
  const local = ring.datacenters[address] ?? '';
  const after = new Set([...away, address]);
  return promised(ring, relaxed, address).flatMap((keyspace) =>
    keyspace.replicaSets
      .filter(
        (replicas) =>
          replicas.includes(address) &&
          hasLevel(ring, keyspace, replicas, away, local) &&
          !hasLevel(ring, keyspace, replicas, after, local),
      )
      .map((replicas) => `${keyspace.name} at ${keyspace.level} on ${replicas.join(' ')}`),
  );
}

/** The ranges that lack their level once this node goes too, and of which one with leave has a copy that the level counts. */
export function lostTogether(
  ring: Ring,
  relaxed: readonly string[],
  { address, away, leave }: { address: string; away: ReadonlySet<string>; leave: readonly string[] },
): string[] {
  const local = ring.datacenters[address] ?? '';
  const after = new Set([...away, ...leave, address]);
  return promised(ring, relaxed, address).flatMap((keyspace) => {
    const isCounted = (one: string): boolean =>
      !keyspace.level.startsWith('LOCAL_') || ring.datacenters[one] === local;
    return keyspace.replicaSets
      .filter(
        (replicas) =>
          replicas.includes(address) &&
          leave.some((one) => replicas.includes(one) && isCounted(one)) &&
          !hasLevel(ring, keyspace, replicas, after, local),
      )
      .map((replicas) => `${keyspace.name} lacks ${keyspace.level} on ${replicas.join(' ')}`);
  });
}

/** The fewest copies that any range is left with, of those that its level counts; null: nothing is promised. */
export function fewestLeft(
  ring: Ring,
  relaxed: readonly string[],
  away: ReadonlySet<string>,
  address: string,
): number | null {
  const local = ring.datacenters[address];
  const left = promised(ring, relaxed, address).flatMap(({ level, replicaSets, copies }) =>
    replicaSets
      .filter((replicas) => replicas.includes(address))
      .map((replicas) => {
        const isHere = level.startsWith('LOCAL_') && !('' in copies);
        const counted = replicas.filter((one) => !isHere || ring.datacenters[one] === local);
        return counted.filter((one) => one !== address && !away.has(one)).length;
      }),
  );
  return left.length === 0 ? null : Math.min(...left);
}

const isPair: Readonly<Record<Strategy, (sameDc: boolean, sameRack: boolean) => boolean>> = {
  default: () => false,
  'node-per-cluster-at-a-time': () => false,
  'node-per-datacenter-at-a-time': (sameDc) => !sameDc,
  'rack-per-cluster-at-a-time': (sameDc, sameRack) => sameDc && sameRack,
  'rack-per-datacenter-at-a-time': (sameDc, sameRack) => !sameDc || sameRack,
  'datacenter-at-a-time': (sameDc) => sameDc,
  'cluster-at-a-time': () => true,
  'fastest-safe': () => true,
};

/** Whether a job may work on this node while it works on the others. */
export function isWithin({ bounds }: SimulatedJob, others: readonly RingNode[], node: RingNode): boolean {
  const most = bounds.batchSize ?? Number.POSITIVE_INFINITY;
  return (
    others.length < most &&
    others.every((other) =>
      isPair[bounds.strategy](
        other.datacenter === node.datacenter,
        other.datacenter === node.datacenter && other.rack === node.rack,
      ),
    )
  );
}

/** Why a job may neither start nor stop a node now; null: it may. */
export function keptBack(
  job: WorldJob,
  nodes: readonly WorldNode[],
  isFrozen: boolean,
  nowMs: number,
): string | null {
  if (job.endedMs !== null) return 'it is over';
  if (job.terminateRequestedMs !== null) return 'it is being terminated';
  if (job.pausedMs !== null) return 'it is paused';
  if (isFrozen && !job.ignoreWindows) return 'its cluster is frozen';
  const failed = nodes.filter(({ status, isRetried }) => status === 'FAILED' && !isRetried);
  if (failed.length > 0 && !job.continueOnError && !job.holdOnError) return 'a node has failed';
  const isUntold = failed.some(({ endedMs }) => (endedMs ?? nowMs) > (job.resumedMs ?? 0));
  return job.holdOnError && isUntold ? 'it holds after a failure' : null;
}

/** Why a job with canaries may not start this node yet; null: it may. */
export function behindCanaries(
  { canary, resumedMs }: WorldJob,
  nodes: readonly WorldNode[],
  node: WorldNode,
  nowMs: number,
): string | null {
  if (canary === null || node.batch < canary.batches) return null;
  const canaries = nodes.filter(({ batch }) => batch < canary.batches);
  if (canaries.some(({ endedMs }) => endedMs === null)) return 'a canary is not over';
  const failedMs = canaries.flatMap(({ status, endedMs, isRetried }) =>
    status === 'FAILED' && !isRetried ? [endedMs ?? nowMs] : [],
  );
  if (failedMs.length > 0) return Math.max(...failedMs) > (resumedMs ?? 0) ? 'a canary has failed' : null;
  const lastMs = Math.max(...canaries.map(({ endedMs }) => endedMs ?? nowMs));
  const isPassed = canary.passedMs !== null || (canary.waitMs > 0 && nowMs - lastMs >= canary.waitMs);
  return isPassed || nodes.some(({ batch, run }) => batch >= canary.batches && run !== null)
    ? null
    : 'the wait after its canaries is not over';
}
