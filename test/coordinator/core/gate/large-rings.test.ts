// The gate of a ring of 1,000 nodes with 256 tokens and 100 keyspaces: as for a small one, and with patience.
import { expect } from 'chai';
import type { AskedView, StopQuestion } from '../../../../coordinator/core/gate/facts.ts';
import { decide } from '../../../../coordinator/core/gate/gate.ts';
import { viewWithinMs } from '../../../../coordinator/core/gate/rounds.ts';
import { sharingOf } from '../../../../coordinator/core/planning/sharing.ts';
import type { ReplicaSet, RingView } from '../../../../shared/ring-view.ts';
import { formOf, type RingViewForm, viewOf } from '../../../../shared/ring-view-form.ts';
import { random } from '../../../support/random.ts';
import { NOW } from '../../../support/worlds.ts';
import { options, peer, question, seen } from './questions.ts';

const NODES = Array.from({ length: 1_000 }, (_, at) => `10.0.${at >> 8}.${at & 255}`);
const [ASKING = ''] = NODES;

/** 768 replica sets of one node, and 100 keyspaces that have these. */
function largeView(down: readonly string[] = []): RingView {
  const { pick } = random(7);
  const replicaSets: ReplicaSet[] = Array.from({ length: 768 }, (_, at) => ({
    replicas: [ASKING, ...new Set([pick(NODES.slice(1, 500)), pick(NODES.slice(500))])],
    ranges: 1,
    sample: `(${at}, ${at + 1}]`,
  }));
  return {
    live: NODES.filter((node) => !down.includes(node)),
    unreachable: [...down],
    joining: [],
    leaving: [],
    moving: [],
    schemaVersions: 1,
    streamsWith: [],
    datacenters: Object.fromEntries(NODES.map((node) => [node, 'dc1'])),
    keyspaces: Array.from({ length: 100 }, (_, at) => ({ name: `ks${at}`, copies: { dc1: 3 }, replicaSets })),
  };
}

/** As the coordinator has it of the database. */
const kept = (view: RingView): RingView => viewOf(JSON.parse(JSON.stringify(formOf(view))) as RingViewForm);

const asked = (view: RingView, rest: Partial<StopQuestion> = {}): StopQuestion =>
  question({
    address: ASKING,
    peers: NODES.slice(1).map((node) => peer(node)),
    views: [seen('a', kept(view)), seen('one', kept(view)), seen('two', kept(view))],
    ...rest,
  });

describe('the gate of a large ring', () => {
  it('decides whether others are down or not', () => {
    const whole = asked(largeView());
    expect(decide(whole, NOW, 0).kind).to.equal('allowed');
    const down = largeView(NODES.slice(1, 400));
    const broken = asked(down, { options: options({ levels: { ks7: 'ALL' } }) });
    const decision = decide(broken, NOW, 0);
    expect(decision.kind).to.equal('refused');
    expect(decision.kind === 'refused' && decision.message).to.contain('ks7 at ALL');
    const waiting = asked(down);
    expect(decide(waiting, NOW, 0).kind).to.equal('wait');
  });

  it('finds with whom the node shares its ranges', () => {
    const views = [kept(largeView()), kept(largeView())];
    expect(sharingOf(ASKING, views).groups).to.have.length(1);
  });

  it('waits longer for views, and lets the nodes rest in between', () => {
    expect(viewWithinMs(question())).to.equal(5_000);
    const slow = asked(largeView(), { roundMs: NOW - 30_000, onLeave: NODES.slice(1, 400) });
    expect(viewWithinMs(slow)).to.equal(100_000);
    const { views } = slow;
    const late = { ...slow, views: views.map((view, at) => (at === 0 ? view : { ...view, seenMs: null })) };
    expect(decide(late, NOW, 0).kind).to.equal('looking');
  });

  it('does not wait long for more views than it needs, and believes none that is old', () => {
    const own = { ...seen('own', kept(largeView())), nodeId: 'node-a' };
    const silent = { ...seen('three'), view: null, seenMs: null };
    const at = (agoMs: readonly number[]) =>
      agoMs.map((ms, place) => ({
        ...seen(['one', 'two'][place] ?? '', kept(largeView())),
        seenMs: NOW - ms,
      }));
    const with_ = (agoMs: readonly number[], ownOne: AskedView = own) =>
      decide(asked(largeView(), { roundMs: NOW - 60_000, views: [ownOne, ...at(agoMs), silent] }), NOW, 0);
    expect(with_([4_000, 6_000]).kind, 'a third may come').to.equal('looking');
    expect(with_([5_000, 6_000]).kind).to.equal('allowed');
    expect(with_([5_000, 30_000]).kind).to.equal('allowed');
    const dumb = { ...own, view: null, seenMs: null };
    expect(with_([19_999, 21_000], dumb).kind, 'it alone is sure to know what is streamed').to.equal(
      'looking',
    );
    const passingOf = (decision: ReturnType<typeof decide>) =>
      decision.kind === 'wait' && decision.passing?.of;
    expect(passingOf(with_([20_000, 21_000], dumb)), 'its looks have to fail for longer').to.equal(
      'own-view',
    );
    expect(with_([11_999, 26_999], dumb).kind).to.equal('looking');
    expect(passingOf(with_([12_000, 27_000], dumb)), 'before the first of them is too old').to.equal(
      'own-view',
    );
    const busy = { ...largeView(), streamsWith: [NODES[1] ?? ''] };
    const early = { ...own, view: kept(busy), seenMs: NOW - 40_000 };
    expect(with_([5_000, 6_000], early).kind, 'the node said so, though long ago').to.equal('wait');
    const old = with_([5_000, 30_001]);
    expect(old.kind === 'wait' && old.message).to.contain('two: what it saw is too old by now');
  });
});
