// In which order a new job takes its nodes.
import { expect } from 'chai';
import fc from 'fast-check';
import { JOB_TYPES, type JobType } from '../../shared/actions.ts';
import type { Canary } from '../../shared/job-options.ts';
import { canariesOf, type ModelNode, orderNodes } from '../../shared/node-order.ts';

const node = (name: string, rest: Partial<ModelNode> = {}): ModelNode => ({
  id: `id-${name}`,
  name,
  datacenterName: 'dc1',
  rack: 'r1',
  seed: false,
  ...rest,
});
const names = (nodes: readonly ModelNode[]): string => nodes.map(({ name }) => name).join(' ');

describe('the order of a new job', () => {
  const ring = [node('a'), node('b', { seed: true }), node('c'), node('d', { seed: true })];

  it('takes seeds first on install and last otherwise', () => {
    expect(names(orderNodes('install', ring))).to.equal('b d a c');
    expect(names(orderNodes('configure', ring))).to.equal('a c b d');
    expect(names(orderNodes('restart', ring))).to.equal('a c b d');
  });

  it('finishes a datacenter, and in it a rack, before the next', () => {
    const nodes = [
      node('a', { datacenterName: 'dc2' }),
      node('b', { rack: 'r2' }),
      node('c', { datacenterName: 'dc2', rack: 'r0' }),
      node('d'),
      node('e', { rack: 'r2' }),
    ];
    expect(names(orderNodes('restart', nodes))).to.equal('d b e c a');
  });

  it('lets the racks of a datacenter take turns on install, counting the seeds that each has had', () => {
    const nodes = [
      node('a1', { rack: 'r1', seed: true }),
      node('a2', { rack: 'r1' }),
      node('a3', { rack: 'r1' }),
      node('b1', { rack: 'r2' }),
      node('b2', { rack: 'r2' }),
      node('c1', { rack: 'r3' }),
      node('z1', { rack: 'r1', datacenterName: 'dc2', seed: true }),
      node('z2', { rack: 'r2', datacenterName: 'dc2' }),
    ];
    expect(names(orderNodes('install', nodes))).to.equal('a1 z1 b1 c1 a2 b2 a3 z2');
  });

  it('installs no second node of a rack before each other rack has one, so that tokens can be allocated', () => {
    const anyNodes = fc
      .array(fc.record({ rack: fc.constantFrom('r1', 'r2', 'r3') }), { minLength: 1, maxLength: 12 })
      .map((all) => all.map(({ rack }, at) => node(String(at), { rack, seed: at === 0 })));
    fc.assert(
      fc.property(anyNodes, (nodes) => {
        const racks = new Set(nodes.map(({ rack }) => rack));
        const first = orderNodes('install', nodes).slice(0, racks.size);
        expect(new Set(first.map(({ rack }) => rack))).to.deep.equal(racks);
      }),
    );
  });

  it('tells nodes of the same name apart by id, so that there is one order only', () => {
    const twins = [node('a', { id: '2' }), node('a', { id: '1' })];
    expect(orderNodes('restart', twins).map(({ id }) => id)).to.deep.equal(['1', '2']);
  });

  it('is the same however the nodes were listed, holds each once and leaves the list alone', () => {
    const word = fc.constantFrom('x', 'y', 'z');
    const anyNode = fc.record({ name: word, datacenterName: word, rack: word, seed: fc.boolean() });
    const anyNodes = fc
      .array(anyNode, { maxLength: 12 })
      .map((all) => all.map((some, at) => ({ ...some, id: String(at) })));
    fc.assert(
      fc.property(
        fc.constantFrom(...JOB_TYPES),
        anyNodes.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
        ),
        (type, [listed, shuffled]) => {
          const before = [...listed];
          const ordered = orderNodes(type, listed);
          expect(ordered).to.deep.equal(orderNodes(type, shuffled));
          expect(ordered).to.have.members(listed);
          expect(listed).to.deep.equal(before);
        },
      ),
    );
  });
});

describe('the canaries of a new job', () => {
  const racks = [
    node('a', { rack: 'r1', seed: true }),
    node('b', { rack: 'r1' }),
    node('c', { rack: 'r2', seed: true }),
    node('d', { rack: 'r1', datacenterName: 'dc2' }),
  ];
  const of = (...[type, canary]: [JobType, Canary]): string =>
    names(canariesOf(type, orderNodes(type, racks), canary));

  it('are none, the first, or one of each rack, and seeds only where there is no other', () => {
    expect(of('restart', 'none')).to.equal('');
    expect(of('restart', 'first-node')).to.equal('b');
    expect(of('restart', 'node-per-rack')).to.equal('b d c');
    expect(names(canariesOf('restart', [], 'first-node'))).to.equal('');
  });

  it('are seeds of an install, which has them first, where it has any', () => {
    expect(of('install', 'first-node')).to.equal('a');
    expect(of('install', 'node-per-rack')).to.equal('a c');
    const without = racks.filter(({ seed }) => !seed);
    expect(names(canariesOf('install', without, 'node-per-rack'))).to.equal('b d');
  });
});
