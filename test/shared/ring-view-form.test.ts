// Views of rings on their way: the same at the other end, as they are while they are small, and small when the ring is large.
import { expect } from 'chai';
import fc from 'fast-check';
import { formFrom } from '../../coordinator/gateway/ring-view-schema.ts';
import type { ReplicaSet, RingView } from '../../shared/ring-view.ts';
import { formOf, type PackedRingView, viewOf } from '../../shared/ring-view-form.ts';
import { MOST_AGENT_MESSAGE_BYTES } from '../../shared/wire/service.ts';

const viewWith = (keyspaces: RingView['keyspaces']): RingView => ({
  live: ['a', 'b'],
  unreachable: [],
  joining: [],
  leaving: [],
  moving: [],
  schemaVersions: 1,
  streamsWith: [],
  hintsFor: [],
  datacenters: { a: 'dc1', b: 'dc1' },
  keyspaces,
});

const address = (at: number): string => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`;

/** Of one node with 256 tokens among 1,000. */
const largeList = (copies: number): ReplicaSet[] =>
  Array.from({ length: 256 * copies }, (_, at) => ({
    replicas: Array.from({ length: copies }, (_unused, place) => address((at * 7 + place * 131) % 1_000)),
    ranges: 1,
    sample: `(${BigInt(at) * 91_234_567_890_123n}, ${BigInt(at + 1) * 91_234_567_890_123n}]`,
  }));

const keyspacesOf = (count: number, replicaSets: ReplicaSet[]): RingView['keyspaces'] =>
  Array.from({ length: count }, (_, at) => ({ name: `ks${at}`, copies: { dc1: 3 }, replicaSets }));

describe('the form of a view of a ring', () => {
  it('is the view itself, as former coordinators know it, while that is small', () => {
    const view = viewWith(keyspacesOf(10, largeList(1)));
    expect(formOf(view)).to.equal(view);
    expect(viewOf(view)).to.equal(view);
  });

  it('has nothing twice of a large ring with hundreds of keyspaces, and fits into a message', () => {
    const [three, nine] = [largeList(3), largeList(9)];
    const view = viewWith([...keyspacesOf(300, three), ...keyspacesOf(200, nine)]);
    const form = formOf(view);
    expect(form).to.have.property('lists').with.length(2);
    const json = JSON.stringify(form);
    expect(json.length).to.be.below(MOST_AGENT_MESSAGE_BYTES / 2);
    const back = viewOf(formFrom(json));
    expect(back).to.deep.equal(view);
    expect(back.keyspaces[0]?.replicaSets).to.equal(back.keyspaces[299]?.replicaSets);
  });

  it('brings every view over unchanged', () => {
    const node = fc.constantFrom('a', 'b', '::1', '10.0.0.1');
    const set = fc.record({
      replicas: fc.array(node),
      ranges: fc.integer({ min: 1, max: 99 }),
      sample: fc.string(),
    });
    const copies = fc.option(
      fc.dictionary(fc.constantFrom('dc1', 'dc2', ''), fc.nat(9), { noNullPrototype: true }),
    );
    const keyspace = fc.record({ name: fc.string(), copies, replicaSets: fc.array(set) });
    fc.assert(
      fc.property(fc.array(keyspace), fc.boolean(), (keyspaces, isLarge) => {
        const view = viewWith(isLarge ? [...keyspaces, ...keyspacesOf(20, largeList(3))] : keyspaces);
        expect(viewOf(formFrom(JSON.stringify(formOf(view))))).to.deep.equal(view);
      }),
      { numRuns: 50 },
    );
  });

  it('is refused when it names what it has not, or is none', () => {
    const form = formOf(viewWith(keyspacesOf(20, largeList(3)))) as PackedRingView;
    for (const wrong of [
      { ...form, replicas: [] },
      { ...form, lists: [] },
      { ...form, lists: undefined },
      null,
      {},
    ])
      expect(() => formFrom(JSON.stringify(wrong))).to.throw();
  });

  it('is refused when a short text would be endless to judge, and not for keyspaces that are alike', () => {
    const form = formOf(viewWith(keyspacesOf(20, largeList(3)))) as PackedRingView;
    const size = (form.lists[0] ?? []).reduce((sum, [replicas]) => sum + replicas.length + 1, 0);
    const many = (copiesOf: (at: number) => Record<string, number>) => ({
      ...form,
      keyspacesOfLists: Array.from({ length: Math.ceil(3_000_000 / size) + 1 }, (_, at) => ({
        name: `ks${at}`,
        copies: copiesOf(at),
        list: 0,
      })),
    });
    formFrom(JSON.stringify(many(() => ({ dc1: 3 }))));
    expect(() => formFrom(JSON.stringify(many((at) => ({ dc1: at }))))).to.throw('more than any ring has');
    const one = { ...many((at) => ({ dc1: at })), lists: [[[Array(100_000).fill(0), 1, '(0, 1]']]] };
    expect(() => formFrom(JSON.stringify(one)), 'of one set with many replicas').to.throw('more than any');
  });
});
