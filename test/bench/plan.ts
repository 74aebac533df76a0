// Planning the batches of a ring of 1,000 nodes with 256 tokens each, from where its ranges are to the last batch.
import { planBatches } from '../../coordinator/core/planning/batches.ts';
import { sharingOfRing, shuffledTokens } from '../support/placement.ts';
import { percentile, report } from './report.ts';

const NODES = 1_000;
const TOKENS = 256;
const RACKS = 3;
const ROUNDS = 5;
const LIMIT_MS = 2_000;

const nodes = Array.from({ length: NODES }, (_, place) => ({
  address: `10.0.${place >> 8}.${place & 255}`,
  datacenter: 'dc1',
  rack: `r${place % RACKS}`,
}));
const gate = { level: 'LOCAL_QUORUM', levels: {}, relaxed: [], force: false } as const;

const times: { ms: number; planningMs: number }[] = [];
let batches = 0;
for (let round = 0; round < ROUNDS; round += 1) {
  const ring = shuffledTokens(nodes, TOKENS, Math.random);
  const startedMs = performance.now();
  const sharing = sharingOfRing(ring, { users: { dc1: RACKS } });
  const knownMs = performance.now();
  const planned = planBatches(
    nodes.map(({ address, datacenter, rack }, place) => ({
      id: address,
      datacenterName: datacenter,
      rack,
      seed: place < RACKS,
      sharing: sharing.get(address) ?? null,
    })),
    { strategy: 'fastest-safe', batchSize: null, gate },
  );
  const endedMs = performance.now();
  times.push({ ms: endedMs - startedMs, planningMs: endedMs - knownMs });
  batches = planned.length;
}
const value = percentile(
  times.map(({ ms }) => ms),
  0.5,
);
report({
  name: 'plan',
  value,
  unit: 'ms',
  limit: LIMIT_MS,
  ratio: value / LIMIT_MS,
  more: {
    planning: percentile(
      times.map(({ planningMs }) => planningMs),
      0.5,
    ),
    nodes: NODES,
    tokens: TOKENS,
    batches,
  },
});
