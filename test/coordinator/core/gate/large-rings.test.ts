// The gate of a ring of 1,000 nodes with 256 tokens and 100 keyspaces: as for a small one, in milliseconds, and with patience.
import { expect } from 'chai';
import type { StopQuestion } from '../../../../coordinator/core/gate/facts.ts';
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
    views: [seen('one', kept(view)), seen('two', kept(view))],
    ...rest,
  });

/** The shortest of some times, of which others may have been at work. */
function fastestMs(work: () => unknown): number {
  const times = Array.from({ length: 8 }, () => {
    const startedMs = performance.now();
    work();
    return performance.now() - startedMs;
  });
  return Math.min(...times);
}

describe('the gate of a large ring', () => {
  it('decides in milliseconds, whether others are down or not', () => {
    const whole = asked(largeView());
    expect(decide(whole, NOW, 0).kind).to.equal('allowed');
    expect(fastestMs(() => decide(whole, NOW, 0))).to.be.below(100);
    const down = largeView(NODES.slice(1, 400));
    const broken = asked(down, { options: options({ levels: { ks7: 'ALL' } }) });
    const decision = decide(broken, NOW, 0);
    expect(decision.kind).to.equal('refused');
    expect(decision.kind === 'refused' && decision.message).to.contain('ks7 at ALL');
    const waiting = asked(down);
    expect(decide(waiting, NOW, 0).kind).to.equal('wait');
    expect(fastestMs(() => decide(waiting, NOW, 0))).to.be.below(100);
  });

  it('finds in milliseconds with whom the node shares its ranges', () => {
    const views = [kept(largeView()), kept(largeView())];
    expect(sharingOf(ASKING, views).groups).to.have.length(1);
    expect(fastestMs(() => sharingOf(ASKING, views))).to.be.below(100);
  });

  it('waits longer for views, and lets the nodes rest in between', () => {
    expect(viewWithinMs(question())).to.equal(5_000);
    const slow = asked(largeView(), { roundMs: NOW - 30_000, onLeave: NODES.slice(1, 400) });
    expect(viewWithinMs(slow)).to.equal(100_000);
    const { views } = slow;
    const late = { ...slow, views: views.map((view, at) => (at === 0 ? view : { ...view, seenMs: null })) };
    expect(decide(late, NOW, 0).kind).to.equal('looking');
  });
});
