// The batches of a job: which nodes may be away together, as far as its strategy lets them and the ring is known.
import type { JobType } from '../../../shared/actions.ts';
import type { Strategy } from '../../../shared/job-options.ts';
import type { GateOptions } from '../gate/facts.ts';
import { apartFrom, type Sharing } from './sharing.ts';

interface Place {
  datacenterName: string;
  rack: string;
}

export interface NodeToPlan extends Place {
  id: string;
  seed: boolean;
  /** null: nobody knows yet with whom it shares replica sets */
  sharing: Sharing | null;
}

export interface Bounds {
  strategy: Strategy;
  /** upper bound of nodes in a batch; null: none */
  batchSize: number | null;
  gate: Pick<GateOptions, 'level' | 'levels' | 'relaxed' | 'force'>;
}

const isSameDatacenter = (a: Place, b: Place): boolean => a.datacenterName === b.datacenterName;
const isSameRack = (a: Place, b: Place): boolean => isSameDatacenter(a, b) && a.rack === b.rack;

/** Whether the strategy would have two nodes away together (LCM 6.8, "Job concurrency"); null: never. */
const TOGETHER: Readonly<Record<Strategy, ((a: Place, b: Place) => boolean) | null>> = {
  default: null,
  'node-per-cluster-at-a-time': null,
  'node-per-datacenter-at-a-time': (a, b) => !isSameDatacenter(a, b),
  'rack-per-cluster-at-a-time': isSameRack,
  'rack-per-datacenter-at-a-time': (a, b) => !isSameDatacenter(a, b) || isSameRack(a, b),
  'datacenter-at-a-time': isSameDatacenter,
  'cluster-at-a-time': () => true,
  'fastest-safe': () => true,
};

/** Whether the ring makes no difference: no two nodes are ever away together. */
export const isOneByOne = ({ strategy, batchSize }: Bounds): boolean =>
  TOGETHER[strategy] === null || batchSize === 1;

/** Nodes that join, or that change their version, do so one after the other, whatever was asked for. */
export const strategyInForce = (type: JobType, asked: Strategy): Strategy =>
  type === 'restart' || type === 'configure' ? asked : 'default';

/** A node with all that it shares a replica set with that counts. */
interface Item<Node> {
  node: Node;
  /** in the order of the job */
  place: number;
  apart: Set<Item<Node>>;
}

function keepApart<Node extends NodeToPlan>(items: readonly Item<Node>[], gate: Bounds['gate']): void {
  const byAddress = new Map(items.map((item) => [item.node.sharing?.address, item]));
  const datacenterOf = (address: string) => byAddress.get(address)?.node.datacenterName;
  for (const item of items) {
    const { sharing, datacenterName } = item.node;
    if (sharing === null) continue;
    for (const address of apartFrom(sharing, datacenterName, datacenterOf, gate)) {
      const other = byAddress.get(address);
      if (other === undefined) continue;
      item.apart.add(other);
      other.apart.add(item);
    }
  }
}

/** Whether nodes of a batch have to share no replica set; a job with force overrules that, but not of what promises to be safe. */
export const isSplit = ({ strategy, gate }: Bounds): boolean => !gate.force || strategy === 'fastest-safe';

/**
 * Greedy colouring of the graph of nodes that may not be away together: those with most neighbours first, or rack by rack, as the
 * job has them, where that makes fewer batches (it does in large rings of as many racks as copies). A batch leaves one of the
 * job's seeds up, or is that seed alone: nodes that start have to find one.
 * @param nodes in the order of the job
 * @returns every node once; batches in the order of their first nodes
 */
export function planBatches<Node extends NodeToPlan>(nodes: readonly Node[], bounds: Bounds): Node[][] {
  const isTogether = TOGETHER[bounds.strategy];
  if (isTogether === null || isOneByOne(bounds)) return nodes.map((node) => [node]);
  const most = bounds.batchSize ?? Number.POSITIVE_INFINITY;
  const isAsked = isSplit(bounds);
  const items = nodes.map((node, place): Item<Node> => ({ node, place, apart: new Set() }));
  if (isAsked) keepApart(items, bounds.gate);
  const seeds = nodes.filter(({ seed }) => seed).length;
  const isLoner = ({ node }: Item<Node>): boolean =>
    (isAsked && node.sharing === null) || (node.seed && seeds === 1);
  const fits = (item: Item<Node>, batch: readonly Item<Node>[]): boolean =>
    batch.length < most &&
    batch.every((other) => isTogether(item.node, other.node) && !item.apart.has(other) && !isLoner(other)) &&
    !(item.node.seed && batch.filter(({ node }) => node.seed).length === seeds - 1);
  const coloured = (order: readonly Item<Node>[]): Item<Node>[][] => {
    const batches: Item<Node>[][] = [];
    for (const item of order) {
      const batch = isLoner(item) ? undefined : batches.find((one) => fits(item, one));
      if (batch === undefined) batches.push([item]);
      else batch.push(item);
    }
    return batches;
  };
  const asStored = coloured(items);
  const byNeighbours = coloured([...items].sort((a, b) => b.apart.size - a.apart.size || a.place - b.place));
  const fewest = byNeighbours.length < asStored.length ? byNeighbours : asStored;
  const firstOf = (batch: readonly Item<Node>[]): number => Math.min(...batch.map(({ place }) => place));
  return fewest
    .sort((a, b) => firstOf(a) - firstOf(b))
    .map((batch) => batch.sort((a, b) => a.place - b.place).map(({ node }) => node));
}
