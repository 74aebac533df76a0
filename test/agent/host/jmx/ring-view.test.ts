// What is read of the answers of a node about its ring: copies, replica sets, ends of streams and schema versions.
import { expect } from 'chai';
import { schemaVersions } from '../../../../agent/host/jmx/gossip-status.ts';
import { copiesOf, peersIn, replicaSets } from '../../../../agent/host/jmx/ring-view.ts';

describe('the view of a ring', () => {
  it('knows how many copies a keyspace has where, as far as the node says so', () => {
    expect(copiesOf('NetworkTopologyStrategy {dc1=3, dc-2=2/1}')).to.deep.equal({ dc1: 3, 'dc-2': 2 });
    expect(copiesOf('SimpleStrategy {replication_factor=1}')).to.deep.equal({ '': 1 });
    expect(copiesOf('EverywhereStrategy {}')).to.equal(null);
    expect(copiesOf(null)).to.equal(null);
  });

  it('has equal replica sets once, whatever their order, with a sample, and no ranges of others', () => {
    const ranges = new Map([
      [
        ['0', '10'],
        ['127.0.0.1', '127.0.0.2'],
      ],
      [
        ['10', '20'],
        ['127.0.0.2', '127.0.0.1'],
      ],
      [
        ['20', '0'],
        ['127.0.0.2', '127.0.0.3'],
      ],
    ]);
    expect(replicaSets(ranges, '127.0.0.1')).to.deep.equal([
      { replicas: ['127.0.0.1', '127.0.0.2'], ranges: 2, sample: '(0, 10]' },
    ]);
    expect(replicaSets(new Map([[['0', '1'], ['0:0:0:0:0:0:0:1']]]), '::1')).to.have.length(1);
    expect(() => replicaSets('no', '::1')).to.throw('a map was expected');
    expect(() =>
      replicaSets(
        new Map([
          [
            ['0', '1'],
            ['::1', 5],
          ],
        ]),
        '::1',
      ),
    ).to.throw('a text was expected');
  });

  it('finds the other end of every session of every stream', () => {
    const session = {
      className: 'CompositeDataSupport',
      annotation: [],
      fields: { contents: new Map([['peer', '/127.0.0.3']]) },
    };
    const stream = { ...session, fields: { contents: new Map([['sessions', [session, session]]]) } };
    expect(peersIn([stream])).to.deep.equal(['127.0.0.3', '127.0.0.3']);
    expect(peersIn([])).to.deep.equal([]);
    expect(peersIn(null)).to.deep.equal([]);
  });

  it('takes schema versions from gossip, each of its own node', () => {
    const states = [
      '/127.0.0.1',
      '  STATUS:20:NORMAL,-1',
      '  SCHEMA:20:4ce7-a',
      'host/0:0:0:0:0:0:0:1',
      '  generation:17',
      '  SCHEMA:9:99aa',
      '  DC:3:SCHEMA',
    ].join('\n');
    expect([...schemaVersions(states)]).to.deep.equal([
      ['127.0.0.1', '4ce7-a'],
      ['::1', '99aa'],
    ]);
  });
});
