// A node that runs and does not tell what it sees: waited for, for a while, since it alone is sure to know what is streamed.
import { expect } from 'chai';
import type { GateAnswer, StopQuestion } from '../../../../coordinator/core/gate/facts.ts';
import { decide } from '../../../../coordinator/core/gate/gate.ts';
import { plan } from '../../../../coordinator/core/plan.ts';
import { NOW, world, worldNode, worldRun } from '../../../support/worlds.ts';
import { keyspace, options, question, ringView, seen } from './questions.ts';

const blind = seen('a', null, { problem: 'JMX does not answer' });
const others = [seen('b'), seen('c')];
const waited = (ms: number): GateAnswer => ({
  verdict: 'wait',
  message: '',
  notes: [],
  ownUnheardSinceMs: NOW - ms,
});
const on = (rest: Partial<StopQuestion> = {}) =>
  decide(question({ views: [blind, ...others], ...rest }), NOW, 0);
const subtypes = (decision: ReturnType<typeof decide>): string[] | string =>
  decision.kind === 'allowed' ? decision.notes.map(({ subtype }) => subtype) : decision.kind;

const UNHEARD =
  'Node a itself does not tell what it sees (JMX does not answer): what is streamed between it and nodes that were not asked is not known.';

describe('a node that does not tell what it sees', () => {
  it('is waited for, and stopped without it a minute later, which an event says', () => {
    expect(on()).to.deep.include({ kind: 'wait', message: UNHEARD, nodeIds: ['node-a'] });
    expect(on({ answer: waited(59_999) }).kind).to.equal('wait');
    const late = on({ answer: waited(60_000) });
    expect(late.kind === 'allowed' && late.notes).to.deep.equal([
      { subtype: 'gate-own-unheard', message: `Not waited for any longer: ${UNHEARD}`, loud: false },
    ]);
    const unasked = on({ views: others });
    expect(unasked.kind === 'wait' && unasked.message).to.contain('(it did not answer in time)');
  });

  it('is not waited for where it does not run, or the job forces the stop', () => {
    expect(subtypes(on({ views: [seen('a', null, { down: true }), ...others] }))).to.deep.equal([]);
    expect(subtypes(on({ options: options({ force: true }) }))).to.deep.equal(['gate-forced']);
  });

  it('fails nobody: where the limit of the gate would, the wait for it ends', () => {
    const short = options({ timeoutMs: 20_000 });
    expect(on({ askedMs: NOW - 19_999, options: short }).kind).to.equal('wait');
    expect(subtypes(on({ askedMs: NOW - 20_000, options: short }))).to.deep.equal(['gate-own-unheard']);
    const held = options({ timeoutMs: 20_000, atLimit: 'hold' });
    expect(on({ askedMs: NOW - 20_000, options: held }).kind).to.equal('wait');
  });

  it('takes nothing from what others see', () => {
    const short = ringView({ live: ['a', 'b'], unreachable: ['c'] });
    const away = on({ answer: waited(60_000), views: [blind, seen('b', short), seen('c', short)] });
    expect(away.kind === 'wait' && away.message).to.match(/^Away, or not back yet: c\./);
    const once = ringView({ keyspaces: [keyspace('once', ['a'])] });
    expect(on({ views: [blind, seen('b', once), seen('c', once)] }).kind).to.equal('refused');
  });

  it('has a clock that runs from the first look that failed to the first that did not, whatever else is waited for', () => {
    const nodes = [worldNode('a', { status: 'RUNNING', run: worldRun() })];
    const at = (rest: Partial<StopQuestion>) =>
      plan(world({ status: 'RUNNING', startedMs: NOW - 9_000 }, nodes, { gate: [question(rest)] }));
    const sinceOf = ({ commands }: ReturnType<typeof at>) =>
      commands.flatMap((one) => (one.do === 'answer-stop' ? [one.answer.ownUnheardSinceMs] : []));
    const first = at({ views: [blind, ...others] });
    expect(sinceOf(first)).to.deep.equal([NOW]);
    const told = first.commands.flatMap((one) => (one.do === 'set-waiting-for' ? [one.waitingFor] : []));
    expect(told[0]).to.deep.include({ kind: 'gate', ids: ['node-a'] });
    expect(told[0]?.what).to.match(/every few seconds; from \S+ on without that\)/);
    const short = ringView({ live: ['a', 'b'], unreachable: ['c'] });
    const away = [seen('b', short), seen('c', short)];
    expect(sinceOf(at({ views: [blind, ...away], answer: waited(5_000) }))).to.deep.equal([NOW - 5_000]);
    expect(sinceOf(at({ views: [seen('a', short), ...away], answer: waited(5_000) }))).to.deep.equal([
      undefined,
    ]);
    expect(at({ views: [blind, ...others], answer: waited(59_000) }).lookAgainAtMs).to.equal(NOW + 1_000);
  });
});
