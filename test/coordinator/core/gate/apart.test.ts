// Force in a job that promises to be safe: overrules all but leave of those that share token ranges which count.
import { expect } from 'chai';
import type { GateOptions, StopQuestion } from '../../../../coordinator/core/gate/facts.ts';
import { type Decision, decide } from '../../../../coordinator/core/gate/gate.ts';
import type { RingView } from '../../../../shared/ring-view.ts';
import { NOW } from '../../../support/worlds.ts';
import { keyspace, options, question, ringView, seen } from './questions.ts';

const forced = (
  view: Partial<RingView> | null,
  onLeave: string[],
  asked: Partial<GateOptions> = {},
  rest: Partial<StopQuestion> = {},
): Decision => {
  const all = view === null ? null : ringView(view);
  const views = [seen('a', all), seen('b', all), seen('c', all)];
  const gate = options({ force: true, keepsApart: true, ...asked });
  return decide(question({ views, onLeave, options: gate, ...rest }), NOW, 0);
};
const messageOf = (decision: Decision): string => (decision.kind === 'looking' ? '' : decision.message);

describe('force with fastest-safe', () => {
  it('waits for leave of a node that shares token ranges, and says so', () => {
    const away = forced({}, ['b']);
    expect(away).to.deep.include({ kind: 'wait', nodeIds: ['node-b'] });
    expect(messageOf(away)).to.match(/^Away, or not back yet: b\. Token ranges may be shared with them/);
    const late = forced({}, ['b'], {}, { askedMs: NOW - 60_000 });
    expect(late.kind).to.equal('refused');
    expect(messageOf(late)).to.match(/^Not within 60 s .* With force and another concurrency-strategy/);
  });

  it('waits also where a range is lost either way, and where nobody tells what is shared', () => {
    expect(forced({ keyspaces: [keyspace('pair', ['a', 'b'])] }, ['b']).kind).to.equal('wait');
    expect(forced(null, ['b']).kind).to.equal('wait');
  });

  it('overrules all else: what is down by itself, is relaxed, is far away, or waits for hints', () => {
    const isStopped = (...args: Parameters<typeof forced>): boolean => forced(...args).kind === 'allowed';
    expect(isStopped({ live: ['a'], unreachable: ['b', 'c'] }, []), 'down').to.equal(true);
    expect(isStopped(null, []), 'nobody has leave').to.equal(true);
    expect(isStopped({ schemaVersions: 2 }, ['b'], { relaxed: ['users'] }), 'relaxed').to.equal(true);
    const far = { live: ['a', 'c'], schemaVersions: 2 };
    for (const datacenters of [
      { a: 'dc1', b: 'dc2', c: 'dc1' },
      { a: 'dc1', c: 'dc1' },
    ])
      expect(isStopped({ ...far, datacenters }, ['b']), 'another datacenter').to.equal(true);
    const five = ['a', 'b', 'c', 'd', 'e'];
    const hinted = {
      live: ['a', 'c', 'd', 'e'],
      unreachable: ['b'],
      hintsFor: ['d'],
      keyspaces: [keyspace('users', five)],
      datacenters: Object.fromEntries(five.map((at) => [at, 'dc1'])),
    };
    expect(isStopped(hinted, ['b']), 'hints alone').to.equal(true);
    expect(isStopped({}, ['b'], { keepsApart: false }), 'another strategy').to.equal(true);
  });
});
