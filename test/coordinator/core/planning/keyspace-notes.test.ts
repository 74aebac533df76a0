// What a plan says of keyspaces: which the gate would refuse, and what is named for nothing.
import { expect } from 'chai';
import type { NodeToPlan } from '../../../../coordinator/core/planning/batches.ts';
import { keyspaceNotes } from '../../../../coordinator/core/planning/keyspace-notes.ts';
import type { SharedKeyspaces } from '../../../../coordinator/core/planning/sharing.ts';

const node = (id: string, groups: readonly SharedKeyspaces[] | null, datacenterName = 'dc1'): NodeToPlan => ({
  ...{ id, datacenterName, rack: 'r', seed: false },
  sharing: groups === null ? null : { address: id, groups },
});
const group = (name: string, copies: SharedKeyspaces['copies'], replicas = ['a', 'b', 'c']) => ({
  ...{ keyspaces: [name], copies, replicas },
});
const gate = (rest = {}) => ({
  ...{ level: 'LOCAL_QUORUM' as const, levels: {}, relaxed: [], force: false },
  ...rest,
});
/** The keyspaces that would be refused, with their levels. */
const refused = (nodes: NodeToPlan[], rest = {}, isAlone = false): string | undefined =>
  keyspaceNotes(nodes, gate(rest), isAlone)
    .flatMap((note) => /^The gate will refuse .* one node away: (.*)\. Replicate/.exec(note)?.[1] ?? [])
    .join();

describe('the notes of a plan about keyspaces', () => {
  it('name those that can never keep their level with one of its nodes away, once each, with the level', () => {
    const groups = [group('once', { dc1: 1 }, ['a']), group('pair', { '': 2 }), group('users', { dc1: 3 })];
    expect(refused([node('a', groups), node('b', groups)])).to.equal(
      'once at LOCAL_QUORUM, pair at LOCAL_QUORUM',
    );
    expect(refused([node('a', groups)], { level: 'ONE', levels: { users: 'ALL' } })).to.equal(
      'once at ONE, users at ALL',
    );
    expect(refused([node('a', groups)], { relaxed: ['pair', 'once'] })).to.equal('');
  });

  it('count no more copies than there are nodes', () => {
    const two = group('users', { dc1: 3, dc2: 3 }, ['a', 'b', 'x']);
    const nodes = [node('a', [two]), node('b', [two]), node('x', [two], 'dc2')];
    expect(refused(nodes)).to.equal('users at LOCAL_QUORUM');
    expect(refused(nodes, { level: 'LOCAL_ONE' }), 'of x, which is alone in its own').to.equal(
      'users at LOCAL_ONE',
    );
    expect(refused(nodes.slice(0, 2), { level: 'LOCAL_ONE' })).to.equal('');
  });

  it('say nothing of what is not known, passed over, overruled, or in a ring of one node', () => {
    expect(
      refused([node('a', null), node('b', [group('k', null), group('system_auth', { dc1: 1 })])]),
    ).to.equal('');
    const once = [node('a', [group('once', { dc1: 1 }, ['a'])])];
    expect(refused(once, { force: true })).to.equal('');
    expect(refused(once, {}, true)).to.equal('');
  });

  it('name what is asked of keyspaces that nobody knows', () => {
    const asked = gate({ relaxed: ['Users', 'users'], levels: { events: 'ONE' } });
    expect(keyspaceNotes([node('a', null)], asked, false)).to.deep.equal([]);
    expect(keyspaceNotes([node('a', [group('users', { dc1: 3 })])], asked, false)).to.deep.equal([
      'relaxed-keyspaces names what is no keyspace that these nodes are known to hold: Users. Known are: users (capitals count).',
      'keyspace-levels names what is no keyspace that these nodes are known to hold: events. Known are: users (capitals count).',
    ]);
  });
});
