// What a plan says of itself: how long, resting on what, and how many copies it leaves.
import { expect } from 'chai';
import type { Bounds, NodeToPlan } from '../../../../coordinator/core/planning/batches.ts';
import {
  sentenceOf,
  spokenSeconds,
  timesOf,
  worstAvailability,
} from '../../../../coordinator/core/planning/estimate.ts';
import type { SharedKeyspaces } from '../../../../coordinator/core/planning/sharing.ts';
import { MOST_UNDER_WAY } from '../../../../coordinator/core/rolling.ts';

const node = (id: string, groups: readonly SharedKeyspaces[] | null = []): NodeToPlan => ({
  id,
  datacenterName: 'dc1',
  rack: 'r',
  seed: false,
  sharing: groups === null ? null : { address: id, groups },
});
const bounds = (rest: Partial<Bounds['gate']> = {}): Bounds => ({
  strategy: 'cluster-at-a-time',
  batchSize: null,
  gate: { level: 'LOCAL_QUORUM', levels: {}, relaxed: [], force: false, ...rest },
});

describe('what a plan says of itself', () => {
  it('counts the slowest node of each batch, and gives those without a time the median of the others', () => {
    const batches = [[node('a'), node('b')], [node('c')], [node('d')]];
    const seconds: Record<string, number> = { a: 10, b: 70, d: 20 };
    expect(timesOf(batches, 'restart', (id) => seconds[id], 0)).to.deep.equal({
      batchSeconds: [70, 20, 20],
      seconds: 110,
      measuredNodes: 3,
      otherwiseSeconds: 20,
    });
    expect(timesOf(batches, 'install', () => undefined, 0)).to.deep.include({
      seconds: 900,
      measuredNodes: 0,
      otherwiseSeconds: 300,
    });
  });

  it('counts a batch as often as it takes with so many nodes under way at once', () => {
    const large = Array.from({ length: MOST_UNDER_WAY + 1 }, (_, place) => node(`n${place}`));
    expect(timesOf([large, [node('a')]], 'restart', () => 10, 0).batchSeconds).to.deep.equal([20, 10]);
    expect(timesOf([large, [node('a')]], 'restart', () => 10, 5).batchSeconds).to.deep.equal([30, 15]);
  });

  it('counts, at a local level, the copies of the own datacenter alone', () => {
    const users = { keyspaces: ['users'], copies: { dc1: 3, dc2: 3 }, replicas: ['a', 'b', 'x', 'y', 'z'] };
    const there = ['x', 'y', 'z'].map((id) => ({ ...node(id, [users]), datacenterName: 'dc2' }));
    const batches = [...['a', 'b'].map((id) => [node(id, [users])]), ...there.map((one) => [one])];
    expect(worstAvailability(batches, bounds())).to.deep.equal({ live: 1, copies: 3 });
    expect(worstAvailability(batches, bounds({ level: 'QUORUM' }))).to.deep.equal({ live: 4, copies: 6 });
  });

  it('counts no more copies in a datacenter than it has nodes, however many others have', () => {
    const users = { keyspaces: ['users'], copies: { dc1: 3, dc2: 1 }, replicas: ['a', 'b', 'x', 'y', 'z'] };
    const there = ['x', 'y', 'z'].map((id) => ({ ...node(id, [users]), datacenterName: 'dc2' }));
    const batches = [...['a', 'b'].map((id) => [node(id, [users])]), ...there.map((one) => [one])];
    expect(worstAvailability(batches, bounds({ level: 'QUORUM' }))).to.deep.equal({ live: 2, copies: 4 });
  });

  it('says the worst that a counted keyspace is left with', () => {
    const users = { keyspaces: ['users'], copies: { dc1: 3, dc2: 5 }, replicas: ['a', 'b', 'c', 'x', 'y'] };
    const worst = (groups: readonly SharedKeyspaces[], rest: Partial<Bounds['gate']> = {}) =>
      worstAvailability([[node('a', groups)]], bounds(rest));
    expect(worst([users])).to.deep.equal({ live: 2, copies: 3 });
    expect(worst([users], { level: 'QUORUM' })).to.deep.equal({ live: 4, copies: 8 });
    const simple = { keyspaces: ['s'], copies: { '': 2 }, replicas: ['a', 'b'] };
    expect(worst([users, simple])).to.deep.equal({ live: 1, copies: 2 });
    expect(worst([users, simple], { relaxed: ['s'] })).to.deep.equal({ live: 2, copies: 3 });
    expect(worst([{ keyspaces: ['k'], copies: { dc1: 3 }, replicas: ['a', 'b'] }])).to.deep.equal({
      live: 1,
      copies: 3,
    });
    const three = { keyspaces: ['t'], copies: { '': 3 }, replicas: ['a', 'b'] };
    expect(worst([simple, three])).to.deep.equal({ live: 1, copies: 3 });
  });

  it('does not say what it cannot know', () => {
    const users = { keyspaces: ['users'], copies: { dc1: 3 }, replicas: ['a', 'b', 'c'] };
    expect(worstAvailability([[node('a', [users])], [node('b', null)]], bounds())).to.equal(null);
    expect(worstAvailability([[node('a', [{ ...users, copies: null }])]], bounds())).to.equal(null);
    expect(worstAvailability([[node('a')]], bounds())).to.equal(null);
    const both = [[node('a', [users]), node('b', [users])]];
    expect(worstAvailability(both, bounds({ force: true }))).to.equal(null);
    expect(
      worstAvailability(
        both.map((batch) => batch.slice(1)),
        bounds({ force: true }),
      ),
    ).to.deep.equal({
      live: 2,
      copies: 3,
    });
  });

  it('is one sentence', () => {
    expect(sentenceOf(37, 7_800, { live: 2, copies: 3 })).to.equal(
      '37 batches, about 2 h 10 min, worst availability 2 of 3',
    );
    expect(sentenceOf(1, 60, null)).to.equal('1 batch, about 60 s, worst availability not known');
    expect(sentenceOf(2, 60, null, true)).to.contain('about 60 s and a wait until it is resumed, worst');
    expect([99, 100, 3_540, 3_599, 7_180].map(spokenSeconds)).to.deep.equal([
      ...['99 s', '2 min', '59 min', '1 h', '2 h'],
    ]);
  });
});
