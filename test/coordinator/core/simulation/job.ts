// Jobs by chance on a ring: their options, their order and batches as the product plans them, and what the planner was told of the ring.
import type { GateOptions } from '../../../../coordinator/core/gate/facts.ts';
import {
  type Bounds,
  type NodeToPlan,
  planBatches,
  strategyInForce,
} from '../../../../coordinator/core/planning/batches.ts';
import type { Sharing } from '../../../../coordinator/core/planning/sharing.ts';
import type { WorldCanary, WorldJob, WorldNode } from '../../../../coordinator/core/world.ts';
import { CANARIES, STRATEGIES, type Strategy } from '../../../../shared/job-options.ts';
import { canariesOf, type ModelNode, orderNodes } from '../../../../shared/node-order.ts';
import { sharingOfRing } from '../../../support/placement.ts';
import type { Random } from '../../../support/random.ts';
import { world, worldNode } from '../../../support/worlds.ts';
import type { Ring } from './ring.ts';

/** By address. */
export type Known = Map<string, Sharing>;

export interface SimulatedJob {
  job: WorldJob;
  nodes: WorldNode[];
  bounds: Bounds;
  options: GateOptions;
  batches: (ModelNode & NodeToPlan)[][];
}

/** What earlier stops have told of a ring: of all its nodes and keyspaces, unless it has grown since. */
export function knownOf({ tokens, keyspaces }: Ring, rnd: Random, isAll: boolean): Known {
  const told = keyspaces.filter(() => isAll || rnd.chance(0.8));
  const all = sharingOfRing(tokens, Object.fromEntries(told.map(({ name, copies }) => [name, copies])));
  return new Map([...all].filter(() => isAll || rnd.chance(0.8)));
}

export function gateOptionsFor({ keyspaces }: Ring, rnd: Random, isCalm: boolean): GateOptions {
  const common = keyspaces[0]?.level ?? 'LOCAL_QUORUM';
  return {
    level: common,
    levels: Object.fromEntries(
      keyspaces.flatMap(({ name, level }) => (level === common ? [] : [[name, level]])),
    ),
    relaxed: keyspaces.flatMap(({ name }) => (rnd.chance(0.1) ? [name] : [])),
    timeoutMs: rnd.pick([10_000, 40_000, 600_000]),
    atLimit: rnd.pick(['hold', 'hold', 'fail'] as const),
    hintsMs: rnd.pick([0, 10_000, 40_000]),
    force: !isCalm && rnd.chance(0.1),
    keepsApart: false,
  };
}

/** @param only the nodes that are left of an earlier job; null: of all, or of most */
export function makeJob(
  { ring, known, rnd }: { ring: Ring; known: Known; rnd: Random },
  gate: GateOptions,
  only: ReadonlySet<string> | null,
): SimulatedJob {
  const type = rnd.pick(['restart', 'restart', 'restart', 'configure', 'upgrade'] as const);
  const isWhole = rnd.chance(0.7);
  const model = ring.nodes
    .map(({ address, datacenter, rack }, place): ModelNode & NodeToPlan => ({
      id: address,
      name: address,
      datacenterName: datacenter,
      rack,
      seed: place % 4 === 0,
      sharing: known.get(address) ?? null,
    }))
    .filter(({ id }, place) => only?.has(id) ?? (place === 0 || isWhole || rnd.chance(0.7)));
  const asked: Strategy = rnd.chance(0.4) ? 'fastest-safe' : rnd.pick(STRATEGIES);
  const options = { ...gate, keepsApart: asked === 'fastest-safe' };
  const strategy = strategyInForce(type, asked);
  const bounds: Bounds = { strategy, batchSize: rnd.chance(0.3) ? 1 + rnd.below(4) : null, gate: options };
  const ordered = orderNodes(type, model);
  const canaries = canariesOf(type, ordered, rnd.chance(0.75) ? 'none' : rnd.pick(CANARIES));
  const others = ordered.filter((node) => !canaries.includes(node));
  const batches = [...canaries.map((node) => [node]), ...planBatches(others, bounds)];
  const clock = { waitMs: rnd.pick([0, 30_000]), waitedMs: 0, sinceMs: null, passedMs: null };
  const canary: WorldCanary | null = canaries.length === 0 ? null : { batches: canaries.length, ...clock };
  const mayFail = { continueOnError: rnd.chance(0.3), holdOnError: rnd.chance(0.3) };
  const nodes = batches.flatMap((batch, at) =>
    batch.map(({ id }) => worldNode(id, { nodeId: id, batch: at })),
  );
  const { job } = world({ type, canary, ...mayFail, ignoreWindows: rnd.chance(0.2) }, []);
  return { job, nodes, bounds, options, batches };
}
