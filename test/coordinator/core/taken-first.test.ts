// A node that does not run and stands further back in a job, while those before it wait at the gate for it: started first, and worked on alone.
import { expect } from 'chai';
import type { GateAnswer, StopQuestion } from '../../../coordinator/core/gate/facts.ts';
import { plan } from '../../../coordinator/core/plan.ts';
import type { WaitingFor, WorldJob, WorldNode } from '../../../coordinator/core/world.ts';
import { NOW, world, worldNode, worldRun } from '../../support/worlds.ts';
import { peer, question, ringView, seen } from './gate/questions.ts';

const under = { status: 'RUNNING', startedMs: NOW - 90_000, idleAfterMs: 900_000 } as const;
const busy = (name: string, rest: Partial<WorldNode> = {}): WorldNode =>
  worldNode(name, { status: 'RUNNING', run: worldRun({ id: `run-${name}` }), ...rest });
const WAITS: WaitingFor = {
  kind: 'gate',
  ids: ['node-c'],
  since: new Date(NOW - 1_000).toISOString(),
  what: 'c',
};
const answer: GateAnswer = { verdict: 'wait', message: 'c is away', notes: [] };
const without = ringView({ live: ['a', 'b'], unreachable: ['c'] });
const seenDown = [seen('a', without), seen('b', without)];

interface Given {
  job?: Partial<WorldJob>;
  asked?: Partial<StopQuestion>;
  nodes?: readonly WorldNode[];
}
/** Node a waits at the gate for c, which is down and the last of three. */
const pass = ({ job = {}, asked = {}, nodes }: Given = {}) =>
  plan(
    world(
      { ...under, waitingFor: WAITS, ...job },
      nodes ?? [busy('a'), worldNode('b', { batch: 1 }), worldNode('c', { batch: 2 })],
      { gate: [question({ answer, views: seenDown, ...asked })] },
    ),
  );
const startsOf = ({ commands }: ReturnType<typeof plan>): string[] =>
  commands.flatMap((one) => (one.do === 'start-run' ? [one.nodeId] : []));

describe('a node that is down, and waited for by those before it', () => {
  it('is started first, which is said, and nobody is told anything else meanwhile', () => {
    const now = pass();
    expect(startsOf(now)).to.deep.equal(['node-c']);
    const told = now.commands.flatMap((one) => (one.do === 'record-event' ? [one] : []));
    expect(told.map(({ subtype, nodeId }) => [subtype, nodeId])).to.deep.equal([['taken-first', 'node-c']]);
    expect(now.commands.map((one) => one.do)).to.deep.equal(['record-event', 'start-run', 'move-node']);
    expect(now.lookAgainAtMs).to.equal(NOW + 1);
  });

  it('is so too where its own agent alone says it, whatever others have noticed', () => {
    const own = [seen('a'), seen('b'), seen('c', null, { down: true })];
    expect(startsOf(pass({ asked: { views: own } }))).to.deep.equal(['node-c']);
  });

  it('is not where it may run, nobody has looked, it is no node of the model or one that had its turn', () => {
    expect(
      startsOf(pass({ asked: { views: [seen('a', without), seen('b')] } })),
      'one sees it',
    ).to.deep.equal([]);
    expect(startsOf(pass({ asked: { views: [seen('a', null), seen('b', null)] } })), 'unseen').to.deep.equal(
      [],
    );
    const old = seenDown.map((one) => ({ ...one, seenMs: NOW - 60_000 }));
    expect(startsOf(pass({ asked: { views: old } })), 'not of late').to.deep.equal([]);
    expect(startsOf(pass({ asked: { peers: [peer('b')] } })), 'not of the model').to.deep.equal([]);
    const ended = worldNode('c', { batch: 2, status: 'COMPLETE', endedMs: NOW - 5_000 });
    expect(startsOf(pass({ nodes: [busy('a'), worldNode('b', { batch: 1 }), ended] })), 'over').to.deep.equal(
      [],
    );
    const away = { connected: false, enrolled: true, awaySinceMs: NOW - 1_000 };
    const unheard = worldNode('c', { batch: 2, agent: away });
    expect(startsOf(pass({ nodes: [busy('a'), unheard] })), 'no agent').to.deep.equal([]);
  });

  it('is not while anybody is at work, or the job waits for something else', () => {
    const atWork = [busy('a'), busy('b'), worldNode('c', { batch: 2 })];
    expect(startsOf(pass({ nodes: atWork }))).to.deep.equal([]);
    expect(startsOf(pass({ asked: { answer: null } })), 'not told to wait').to.deep.equal([]);
    const looks = { ...WAITS, kind: 'look' } as const;
    expect(startsOf(pass({ job: { waitingFor: looks } }))).to.deep.equal([]);
    expect(startsOf(pass({ job: { waitingFor: null } }))).to.deep.equal([]);
  });

  it('is not in an upgrade, which is of one node at a time, nor before a canary is over', () => {
    expect(startsOf(pass({ job: { type: 'upgrade' } }))).to.deep.equal([]);
    const canary = { batches: 1, waitMs: 60_000, waitedMs: 0, sinceMs: null, passedMs: null };
    expect(startsOf(pass({ job: { canary } }))).to.deep.equal([]);
  });

  it('is worked on alone: those before it wait until it is over, their limits standing still, and ask nobody', () => {
    const later = (c: WorldNode) =>
      plan(
        world({ ...under, waitingFor: WAITS }, [busy('a'), worldNode('b', { batch: 1 }), c], {
          gate: [question({ answer, askedMs: NOW - 90_000, roundMs: NOW - 80_000 })],
        }),
      );
    const now = later(busy('c', { batch: 2 }));
    expect(now.commands.map((one) => one.do)).to.deep.equal(['answer-stop', 'set-waiting-for']);
    const reason = now.commands.flatMap((one) => (one.do === 'set-waiting-for' ? [one.waitingFor] : []))[0];
    expect(reason).to.deep.include({ kind: 'gate', ids: ['node-c'] });
    expect(reason?.what).to.match(
      /^Node a is not stopped yet\. Found down, and so started first: c\. .*its limit of 60 s does not count while/,
    );
    const over = later(
      worldNode('c', { batch: 2, status: 'COMPLETE', endedMs: NOW, run: worldRun({ outcome: 'succeeded' }) }),
    );
    const verdicts = over.commands.flatMap((one) => (one.do === 'answer-stop' ? [one.answer.verdict] : []));
    expect(verdicts).to.deep.equal(['allowed']);
  });
});
