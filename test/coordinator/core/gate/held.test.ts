// Nodes at the gate behind others of their job: asked nothing while these are away, and anew once they have come to their end.
import { expect } from 'chai';
import type { StopQuestion } from '../../../../coordinator/core/gate/facts.ts';
import { plan } from '../../../../coordinator/core/plan.ts';
import type { WaitingFor, WorldNode } from '../../../../coordinator/core/world.ts';
import { NOW, world, worldNode, worldRun } from '../../../support/worlds.ts';
import { keyspace, options, peer, question, ringView, seen } from './questions.ts';

const ALL = ['a', 'b', 'c'];
const under = { status: 'RUNNING', startedMs: NOW - 90_000, nodesAtOnce: 3, idleAfterMs: 900_000 } as const;
const busy = (name: string, rest: Partial<WorldNode> = {}): WorldNode =>
  worldNode(name, { status: 'RUNNING', run: worldRun({ id: `run-${name}` }), ...rest });

/** a waits at the gate; what it was told of the ring is so old. */
const pass = (
  rest: Partial<StopQuestion>,
  {
    ageMs = 300_000,
    b = {},
    waitingFor = null,
  }: { ageMs?: number; b?: Partial<WorldNode>; waitingFor?: WaitingFor | null } = {},
) => {
  const views = (rest.views ?? ALL.map((name) => seen(name))).map((view) => ({
    ...view,
    seenMs: NOW - ageMs,
  }));
  const asked = question({
    onLeave: ['b'],
    options: options({ timeoutMs: 3_600_000 }),
    askedMs: NOW - 400_000,
    roundMs: NOW - ageMs - 100,
    ...rest,
    views,
  });
  return plan(world({ ...under, waitingFor }, [busy('a'), busy('b', b)], { gate: [asked] }));
};
const dos = ({ commands }: ReturnType<typeof plan>): string[] => commands.map((command) => command.do);
const reasonOf = ({ commands }: ReturnType<typeof plan>) =>
  commands.flatMap((one) => (one.do === 'set-waiting-for' ? [one.waitingFor] : []))[0];

describe('a node that waits for another of its job alone', () => {
  it('has nobody asked while that one is away, however long ago they were, and says so', () => {
    const now = pass({});
    expect(dos(now)).to.deep.equal(['answer-stop', 'set-waiting-for']);
    expect(reasonOf(now)).to.deep.include({ kind: 'gate', ids: ['node-b'] });
    expect(reasonOf(now)?.what).to.contain('Away, or not back yet: b.');
    expect(reasonOf(now)?.what).to.contain('(looked at again once the run there has ended; its limit of');
    expect(now.lookAgainAtMs).to.equal(NOW + 10_000);
    const told = now.commands.flatMap((one) => (one.do === 'answer-stop' ? [one.answer] : []))[0] ?? null;
    expect(dos(pass({ answer: told }, { waitingFor: reasonOf(now) ?? null }))).to.deep.equal([]);
  });

  it('has them asked anew before it gets leave, once that one has come to its end', () => {
    const over = { run: worldRun({ id: 'run-b', outcome: 'succeeded' as const }) };
    expect(dos(pass({ onLeave: [] }, { b: over })))
      .to.include('ask-views')
      .and.not.include('answer-stop');
    const failed = { run: worldRun({ id: 'run-b', outcome: 'failed' as const }) };
    const noticed = pass({}, { b: failed });
    expect(dos(noticed), 'it counts for a while yet, and nothing tells of its end').to.not.include(
      'answer-stop',
    );
  });

  it('has them asked where another reason is not of the job, or that one is not heard of', () => {
    const asks = (...args: Parameters<typeof pass>) => dos(pass(...args)).includes('ask-views');
    expect(asks({}), 'as it is').to.equal(false);
    const short = ringView({ live: ['a', 'b'], unreachable: ['c'], keyspaces: [keyspace('users')] });
    expect(asks({ views: ALL.map((name) => seen(name, short)) }), 'another is down').to.equal(true);
    const all = ['a', 'b', 'c', 'd', 'e'];
    const wide = { live: all, datacenters: Object.fromEntries(all.map((name) => [name, 'dc1'])) };
    const five = (unreachable: string[]) =>
      ringView({
        ...wide,
        live: all.filter((name) => !unreachable.includes(name)),
        unreachable,
        keyspaces: [keyspace('users', all)],
      });
    const more = { peers: all.slice(1).map((name) => peer(name)) };
    expect(asks({ ...more, views: ALL.map((name) => seen(name, five(['e']))) }), 'one may be back').to.equal(
      true,
    );
    expect(asks({ onLeave: ['b', 'c'] }), 'leave of another job').to.equal(true);
    expect(asks({ views: [seen('a'), seen('b', null), seen('c')] }), 'not heard').to.equal(true);
    expect(asks({ onLeave: ['c'] }), 'of no node at work').to.equal(true);
    expect(
      asks({}, { b: { agent: { connected: false, enrolled: true, awaySinceMs: NOW } } }),
      'away',
    ).to.equal(true);
    expect(asks({ options: options({ force: true }) }), 'forced').to.equal(true);
    const apart = ringView({ keyspaces: [keyspace('users', ['a', 'c', 'd'])], live: ['a', 'b', 'c', 'd'] });
    expect(asks({ views: ALL.map((name) => seen(name, apart)) }), 'it shares nothing').to.equal(true);
  });
});

describe('a node that asks for leave', () => {
  const open = ALL.map((name) => seen(name, null, { seenMs: null, problem: null }));
  const asking = (roundMs: number, waitingFor: WaitingFor | null = null) =>
    plan(
      world({ ...under, waitingFor }, [busy('a')], {
        gate: [question({ views: open, roundMs, askedMs: NOW - 2_000 })],
      }),
    );

  it('is said to wait once the first look takes more than a moment', () => {
    const soon = asking(NOW - 999);
    expect(dos(soon)).to.deep.equal([]);
    expect(soon.lookAgainAtMs).to.equal(NOW + 1);
    const late = asking(NOW - 1_000);
    expect(reasonOf(late)).to.deep.include({
      kind: 'look',
      ids: ['node-a'],
      since: new Date(NOW - 2_000).toISOString(),
    });
    expect(reasonOf(late)?.what).to.match(/^Node a is not stopped yet: it and others are being asked/);
    expect(late.lookAgainAtMs).to.equal(NOW + 4_000);
    expect(dos(asking(NOW - 999, reasonOf(late) ?? null)), 'asked anew').to.deep.equal([]);
  });

  it('waits since it began to ask, whatever it was in between', () => {
    const short = (gone: string) =>
      ringView({ live: ALL.filter((name) => name !== gone), unreachable: [gone] });
    const first = reasonOf(asking(NOW - 1_000)) ?? null;
    for (const gone of ['b', 'c']) {
      const views = ALL.map((name) => seen(name, short(gone)));
      const now = plan(
        world({ ...under, waitingFor: first }, [busy('a')], {
          gate: [question({ views, askedMs: NOW - 2_000 })],
          nowMs: NOW,
        }),
      );
      expect(reasonOf(now)).to.deep.include({ ids: [`node-${gone}`], since: first?.since });
    }
  });
});
