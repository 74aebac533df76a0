// Hints that wait for nodes that stay up: a stop waits for them, for its limit, and fails nobody by it.
import { expect } from 'chai';
import type { GateAnswer, StopQuestion } from '../../../../coordinator/core/gate/facts.ts';
import { decide } from '../../../../coordinator/core/gate/gate.ts';
import { plan } from '../../../../coordinator/core/plan.ts';
import type { WaitingFor } from '../../../../coordinator/core/world.ts';
import type { RingView } from '../../../../shared/ring-view.ts';
import { NOW, world, worldNode, worldRun } from '../../../support/worlds.ts';
import { keyspace, options, question, ringView, seen } from './questions.ts';

const keeping = (hintsFor: string[], rest: Partial<RingView> = {}) =>
  seen('b', ringView({ hintsFor, ...rest }));
const on = (rest: Partial<StopQuestion>, sinceMs = NOW) => decide(question(rest), NOW, 0, sinceMs);

describe('hints at the gate', () => {
  const views = [seen('a'), keeping(['c']), seen('c')];

  it('hold up a stop while they wait for a node that stays up, whoever keeps them', () => {
    expect(on({ views })).to.deep.include({
      kind: 'wait',
      message: 'Hints wait to be delivered to c (kept by b).',
      nodeIds: ['node-c'],
    });
    const own = [seen('a', ringView({ hintsFor: ['c', 'd'] })), seen('b'), seen('c')];
    expect(on({ views: own })).to.deep.include({
      message: 'Hints wait to be delivered to c, d (kept by a).',
    });
  });

  it('hold up nothing when they wait for the node itself, or for one that is away anyway', () => {
    expect(on({ views: [seen('a'), keeping(['a']), seen('c')] }).kind).to.equal('allowed');
    const down = {
      live: ['a', 'b', 'd'],
      unreachable: ['c'],
      keyspaces: [keyspace('users', ['a', 'b', 'd'])],
      datacenters: { a: 'dc1', b: 'dc1', d: 'dc1' },
    };
    const without = [seen('a', ringView(down)), keeping(['c'], down), seen('d', ringView(down))];
    expect(on({ views: without }).kind).to.equal('allowed');
  });

  it('do not hide that a keyspace can never keep its level, or that a node is away', () => {
    const once = { keyspaces: [keyspace('once', ['a'])] };
    expect(on({ views: [seen('a'), keeping(['c'], once), seen('c')] }).kind).to.equal('refused');
    expect(on({ views, onLeave: ['b'] }))
      .to.have.property('message')
      .that.matches(/^Away/);
  });

  it('are passed over at their limit, and told, also when the gate comes to its own', () => {
    for (const [rest, sinceMs] of [
      [{}, NOW - 30_000],
      [{ options: options({ hintsMs: 0 }) }, NOW],
      [{ askedMs: NOW - 60_000 }, NOW],
    ] as const) {
      const decision = on({ views, ...rest }, sinceMs);
      expect(decision.kind === 'allowed' && decision.notes).to.deep.equal([
        {
          subtype: 'gate-hints-left',
          message: 'Not waited for any longer (hints-timeout): Hints wait to be delivered to c (kept by b).',
          loud: false,
        },
      ]);
    }
  });

  it('have their whole time where a job was held beyond the limit of the gate', () => {
    const held = { views, askedMs: NOW - 90_000, options: options({ atLimit: 'hold' }) };
    expect(on(held, NOW - 29_000).kind).to.equal('wait');
    expect(on(held, NOW - 30_000).kind).to.equal('allowed');
  });

  it('are what the job waits for, since they alone stand in the way and until their limit', () => {
    const at = (waitingFor: WaitingFor | null, hintsSinceMs?: number) => {
      const nodes = [worldNode('a', { status: 'RUNNING', run: worldRun() }), worldNode('b')];
      const answer: GateAnswer = {
        verdict: 'wait',
        message: '',
        notes: [],
        ...(hintsSinceMs === undefined ? {} : { hintsSinceMs }),
      };
      const asked = question({
        views,
        askedMs: NOW - 50_000,
        options: options({ timeoutMs: 900_000 }),
        answer,
      });
      return plan(
        world({ status: 'RUNNING', startedMs: NOW - 90_000, waitingFor }, nodes, { gate: [asked] }),
      );
    };
    const waitingOf = ({ commands }: ReturnType<typeof at>) => {
      const set = commands.find((command) => command.do === 'set-waiting-for');
      return set?.do === 'set-waiting-for' ? set.waitingFor : undefined;
    };
    const since = (ms: number): string => new Date(ms).toISOString();
    const first = waitingOf(
      at({ kind: 'gate', ids: ['node-c'], since: since(NOW - 49_000), what: 'Away: c.' }),
    );
    expect(first).to.deep.include({ kind: 'hints', ids: ['node-c'], since: since(NOW) });
    expect(first?.what).to.contain(`from ${since(NOW + 30_000)} on without that`);
    const hints = { kind: 'hints', ids: ['node-c'], since: since(NOW - 29_000), what: '' } as const;
    expect(at(hints, NOW - 29_000).lookAgainAtMs).to.equal(NOW + 1_000);
    const over = at(hints, NOW - 30_000);
    const answer = over.commands.find((command) => command.do === 'answer-stop');
    expect(answer?.do === 'answer-stop' && answer.answer.verdict).to.equal('allowed');
  });

  it('hold up each node of a batch for a time of its own, whatever the job says it waits for', () => {
    const [a, b] = ['a', 'b'].map((name) =>
      worldNode(name, { status: 'RUNNING', run: worldRun({ id: name }) }),
    );
    if (a === undefined || b === undefined) throw new Error('two nodes');
    const asked = (name: string, hintsSinceMs: number) =>
      question({
        questionId: name,
        jobNodeId: `job-node-${name}`,
        nodeId: `node-${name}`,
        name,
        views,
        options: options({ atLimit: 'hold' }),
        answer: { verdict: 'wait', message: '', notes: [], hintsSinceMs },
      });
    const gate = [asked('a', NOW - 30_000), asked('b', NOW - 5_000)];
    const waitingFor = { kind: 'agent', ids: ['node-x'], since: '', what: '' } as const;
    const { commands } = plan(
      world({ status: 'RUNNING', startedMs: NOW - 90_000, waitingFor, nodesAtOnce: 2 }, [a, b], { gate }),
    );
    const answers = commands.flatMap((one) => (one.do === 'answer-stop' ? [one] : []));
    expect(answers.map(({ questionId, answer }) => [questionId, answer.verdict])).to.deep.equal([
      ['a', 'allowed'],
      ['b', 'wait'],
    ]);
    expect(answers[1]?.answer.hintsSinceMs).to.equal(NOW - 5_000);
  });

  it('hold up a stop no longer for waits for something else in between, which do not count either', () => {
    const nodes = [worldNode('a', { status: 'RUNNING', run: worldRun() }), worldNode('b')];
    const answerTo = (seenBy: typeof views, clocks: Partial<GateAnswer>) => {
      const answer: GateAnswer = { verdict: 'wait', message: '', notes: [], ...clocks };
      const gate = [question({ views: seenBy, options: options({ atLimit: 'hold' }), answer })];
      const { commands } = plan(world({ status: 'RUNNING', startedMs: NOW - 90_000 }, nodes, { gate }));
      return commands.flatMap((one) => (one.do === 'answer-stop' ? [one.answer] : []))[0];
    };
    const restless = [seen('a', ringView({ schemaVersions: 2 })), seen('b'), seen('c')];
    const { hintsSinceMs, hintsWaitedMs } = answerTo(restless, { hintsSinceMs: NOW - 20_000 }) ?? {};
    expect([hintsSinceMs, hintsWaitedMs]).to.deep.equal([undefined, 20_000]);
    expect(answerTo(restless, { hintsWaitedMs: 20_000 })?.hintsWaitedMs, 'stands still').to.equal(20_000);
    const again = answerTo(views, { hintsWaitedMs: 20_000 });
    expect([again?.verdict, again?.hintsSinceMs, again?.hintsWaitedMs]).to.deep.equal(['wait', NOW, 20_000]);
    const last = answerTo(views, { hintsSinceMs: NOW - 10_000, hintsWaitedMs: 20_000 });
    expect(last?.verdict, '30 s in all').to.equal('allowed');
    expect(last?.notes[0]).to.deep.equal({
      subtype: 'gate-hints',
      message: 'Hints were waited for: 30.0 s in all',
      loud: false,
    });
    const free = [seen('a'), seen('b'), seen('c')];
    expect(answerTo(free, { hintsWaitedMs: 400 })?.notes.map(({ message }) => message)).to.deep.equal([
      'Hints were waited for: 0.4 s in all',
    ]);
    expect(answerTo(free, {})?.notes, 'none').to.deep.equal([]);
  });
});
