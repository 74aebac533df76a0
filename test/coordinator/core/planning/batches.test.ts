// Batches of nodes: each once, within what the strategy allows, and no two of a batch in one replica set.
import { expect } from 'chai';
import fc from 'fast-check';
import {
  type Bounds,
  type NodeToPlan,
  planBatches,
  strategyInForce,
} from '../../../../coordinator/core/planning/batches.ts';
import { JOB_TYPES } from '../../../../shared/actions.ts';
import { STRATEGIES, type Strategy } from '../../../../shared/job-options.ts';
import {
  type Copies,
  placed,
  type RingNode,
  sharingOfRing,
  shuffledTokens,
} from '../../../support/placement.ts';

const bounds = (strategy: Strategy, rest: Partial<Bounds['gate']> = {}, batchSize: number | null = null) => ({
  strategy,
  batchSize,
  gate: { level: 'LOCAL_QUORUM' as const, levels: {}, relaxed: [], force: false, ...rest },
});

/** So many nodes in each rack of each datacenter: `1a0` is the first of rack a in dc1. */
function nodesOf(datacenters: number, racks: number, each: number): RingNode[] {
  const nodes: RingNode[] = [];
  for (let dc = 1; dc <= datacenters; dc += 1)
    for (const rack of 'abcdef'.slice(0, racks))
      for (let n = 0; n < each; n += 1)
        nodes.push({ address: `${dc}${rack}${n}`, datacenter: `dc${dc}`, rack });
  return nodes;
}

/** Each node owns every n-th token, so that all that may share a range do. */
const woven = (nodes: readonly RingNode[]): RingNode[] => shuffledTokens(nodes, 64, numbers());
function numbers(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const planned = (
  ring: readonly RingNode[],
  keyspaces: Readonly<Record<string, Copies>>,
  seeds: readonly string[] = [],
  unknown: readonly string[] = [],
): NodeToPlan[] => {
  const sharing = sharingOfRing(ring, keyspaces);
  return [...new Set(ring)]
    .sort((a, b) => (a.address < b.address ? -1 : 1))
    .map(({ address, datacenter, rack }) => ({
      id: address,
      datacenterName: datacenter,
      rack,
      seed: seeds.includes(address),
      sharing: unknown.includes(address) ? null : (sharing.get(address) ?? null),
    }));
};
const ids = (batches: readonly (readonly NodeToPlan[])[]): string[] =>
  batches.map((batch) => batch.map(({ id }) => id).join(' '));

const TWO = woven(nodesOf(2, 2, 2));
const BOTH = { users: { dc1: 2, dc2: 2 } };
const racksOf = (batch: readonly NodeToPlan[]) => new Set(batch.map((one) => one.datacenterName + one.rack));
const datacentersOf = (batch: readonly NodeToPlan[]) => new Set(batch.map((one) => one.datacenterName));
const isOneRackEach = (batch: readonly NodeToPlan[]) => racksOf(batch).size === datacentersOf(batch).size;
const WITHIN: Readonly<Record<Strategy, (batch: readonly NodeToPlan[]) => boolean>> = {
  default: (batch) => batch.length === 1,
  'node-per-cluster-at-a-time': (batch) => batch.length === 1,
  'node-per-datacenter-at-a-time': (batch) => datacentersOf(batch).size === batch.length,
  'rack-per-cluster-at-a-time': (batch) => racksOf(batch).size === 1,
  'rack-per-datacenter-at-a-time': isOneRackEach,
  'datacenter-at-a-time': (batch) => datacentersOf(batch).size === 1,
  'cluster-at-a-time': () => true,
  'fastest-safe': () => true,
};

describe('the batches of a job', () => {
  it('are as large as each strategy has them where the gate is overruled, and in the stored order', () => {
    const all = planned(TWO, BOTH);
    const of = (strategy: Strategy) => ids(planBatches(all, bounds(strategy, { force: true })));
    const one = ['1a0', '1a1', '1b0', '1b1', '2a0', '2a1', '2b0', '2b1'];
    expect(of('default')).to.deep.equal(one);
    expect(of('node-per-cluster-at-a-time')).to.deep.equal(one);
    expect(of('node-per-datacenter-at-a-time')).to.deep.equal(['1a0 2a0', '1a1 2a1', '1b0 2b0', '1b1 2b1']);
    expect(of('rack-per-cluster-at-a-time')).to.deep.equal(['1a0 1a1', '1b0 1b1', '2a0 2a1', '2b0 2b1']);
    expect(of('rack-per-datacenter-at-a-time')).to.deep.equal(['1a0 1a1 2a0 2a1', '1b0 1b1 2b0 2b1']);
    expect(of('datacenter-at-a-time')).to.deep.equal(['1a0 1a1 1b0 1b1', '2a0 2a1 2b0 2b1']);
    expect(of('cluster-at-a-time')).to.deep.equal([one.join(' ')]);
    expect(of('fastest-safe')).to.deep.equal(['1a0 1a1 2a0 2a1', '1b0 1b1 2b0 2b1']);
  });

  it('are racks where a range has a copy in each, and hold what no range has of both', () => {
    const all = planned(woven(nodesOf(1, 3, 3)), { users: { dc1: 3 } });
    const racks = ['1a0 1a1 1a2', '1b0 1b1 1b2', '1c0 1c1 1c2'];
    expect(ids(planBatches(all, bounds('fastest-safe')))).to.deep.equal(racks);
    expect(ids(planBatches(all, bounds('cluster-at-a-time')))).to.deep.equal(racks);
    expect(ids(planBatches(all, bounds('cluster-at-a-time', {}, 2)))).to.deep.equal([
      ...['1a0 1a1', '1a2', '1b0 1b1', '1b2', '1c0 1c1', '1c2'],
    ]);
  });

  it('span datacenters only at levels that are of one datacenter each', () => {
    const all = planned(TWO, BOTH);
    expect(planBatches(all, bounds('fastest-safe'))).to.have.length(2);
    expect(planBatches(all, bounds('fastest-safe', { level: 'QUORUM' }))).to.have.length(4);
    expect(planBatches(all, bounds('fastest-safe', { levels: { users: 'QUORUM' } }))).to.have.length(4);
  });

  it('are of one node each for a keyspace that knows no racks, unless it is relaxed or could not keep its level anyway', () => {
    const ring = woven(nodesOf(1, 3, 2));
    const of = (keyspaces: Readonly<Record<string, Copies>>, relaxed: string[] = []) =>
      planBatches(planned(ring, { users: { dc1: 3 }, ...keyspaces }), bounds('fastest-safe', { relaxed }));
    expect(of({ system_distributed: { '': 3 } })).to.have.length(6);
    expect(of({ system_distributed: { '': 3 } }, ['system_distributed'])).to.have.length(3);
    expect(of({ system_traces: { '': 2 } })).to.have.length(3);
    expect(of({ traces: { '': 2 } })).to.have.length(6);
  });

  it('have a node alone of which the ring has said nothing', () => {
    const ring = woven(nodesOf(1, 3, 2));
    const all = planned(ring, { users: { dc1: 3 } }, [], ['1a0']);
    expect(ids(planBatches(all, bounds('fastest-safe')))).to.deep.equal(['1a0', '1a1', '1b0 1b1', '1c0 1c1']);
    expect(planBatches(all, bounds('cluster-at-a-time', { force: true }))).to.have.length(1);
  });

  it('leave a seed up, or are that seed alone', () => {
    const ring = woven(nodesOf(1, 3, 2));
    const of = (seeds: string[]) =>
      ids(planBatches(planned(ring, { users: { dc1: 3 } }, seeds), bounds('fastest-safe')));
    expect(of(['1a0'])).to.deep.equal(['1a0', '1a1', '1b0 1b1', '1c0 1c1']);
    expect(of(['1a0', '1a1'])).to.deep.equal(['1a0', '1a1', '1b0 1b1', '1c0 1c1']);
    expect(of(['1a0', '1b0'])).to.deep.equal(['1a0 1a1', '1b0 1b1', '1c0 1c1']);
  });

  it('are of one node each where nodes join or change their version, whatever was asked for', () => {
    const inForce = JOB_TYPES.map((type) => strategyInForce(type, 'fastest-safe'));
    expect(inForce).to.deep.equal(['default', 'fastest-safe', 'fastest-safe', 'default', 'default']);
  });

  it('have every node once, within the strategy, apart from its replicas, and the same each time', () => {
    const rings = fc.record({
      nodes: fc.tuple(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 3 }),
      ),
      tokens: fc.integer({ min: 1, max: 8 }),
      copies: fc.integer({ min: 1, max: 4 }),
      isSimple: fc.boolean(),
      places: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 288, maxLength: 288 }),
      strategy: fc.constantFrom(...STRATEGIES),
      batchSize: fc.option(fc.integer({ min: 1, max: 4 })),
      level: fc.constantFrom('LOCAL_QUORUM' as const, 'QUORUM' as const),
    });
    fc.assert(
      fc.property(rings, ({ nodes, tokens, copies, isSimple, places, strategy, batchSize, level }) => {
        const made = nodesOf(...nodes);
        let next = 0;
        const ring = shuffledTokens(made, tokens, () => places[next++] ?? 0);
        const datacenters = [...new Set(made.map(({ datacenter }) => datacenter))];
        const replication = isSimple
          ? { '': copies }
          : Object.fromEntries(datacenters.map((datacenter) => [datacenter, copies]));
        const all = planned(ring, { users: replication });
        const batches = planBatches(all, bounds(strategy, { level }, batchSize));
        expect(batches.flat().map(({ id }) => id)).to.have.members(all.map(({ id }) => id));
        expect(ids(planBatches(all, bounds(strategy, { level }, batchSize)))).to.deep.equal(ids(batches));
        const sets = placed(ring, replication);
        for (const batch of batches) {
          expect(batch.length).to.be.at.most(batchSize ?? all.length);
          expect(WITHIN[strategy](batch), ids([batch])[0]).to.equal(true);
          for (const datacenter of level === 'QUORUM' ? [null] : datacenters)
            for (const replicas of sets) {
              const away = batch.filter(
                ({ id, datacenterName }) =>
                  replicas.includes(id) && datacenterName === (datacenter ?? datacenterName),
              );
              expect(away.length, `${ids([away])[0]} of ${replicas.join(' ')}`).to.be.at.most(1);
            }
        }
      }),
      { numRuns: 500 },
    );
  });
});
