// What views of the ring say of one node, put together.
import { expect } from 'chai';
import { levelsKept, sharingOf } from '../../../../coordinator/core/planning/sharing.ts';
import { keyspace, ringView } from '../gate/questions.ts';

describe('with whom a node shares replica sets', () => {
  it('is all that any view says, keyspaces with the same replicas together', () => {
    const users = keyspace('users');
    const one = ringView({ keyspaces: [users, keyspace('events'), keyspace('logs', ['a', 'b'])] });
    const other = ringView({ keyspaces: [keyspace('logs', ['a', 'd'], 2), keyspace('far', ['x', 'y'])] });
    expect(sharingOf('a', [one, other])).to.deep.equal({
      address: 'a',
      groups: [
        { keyspaces: ['users', 'events'], copies: { dc1: 3 }, replicas: ['a', 'b', 'c'] },
        { keyspaces: ['logs'], copies: { dc1: 2 }, replicas: ['a', 'b', 'd'] },
      ],
    });
  });

  it('does not count where the gate passes over it', () => {
    const kept = (
      keyspaces: string[],
      copies: Record<string, number> | null,
      level: 'ONE' | 'QUORUM' = 'QUORUM',
    ) =>
      levelsKept({ keyspaces, copies, replicas: [] }, 'dc1', {
        level,
        levels: { own: 'ALL' },
        relaxed: ['r'],
      });
    expect(kept(['users', 'own', 'r'], { dc1: 3 })).to.deep.equal(['QUORUM', 'ALL']);
    expect(kept(['system_traces'], { '': 2 })).to.deep.equal([]);
    expect(kept(['system_traces'], { '': 2 }, 'ONE')).to.deep.equal(['ONE']);
    expect(kept(['system_auth'], { dc1: 1, dc2: 2 })).to.deep.equal(['QUORUM']);
    expect(kept(['system_auth'], null)).to.deep.equal(['QUORUM']);
  });
});
