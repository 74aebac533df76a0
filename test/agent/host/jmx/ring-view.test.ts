// What is read of the answers of a node about its ring: copies, replica sets, ends of streams and schema versions.
import { expect } from 'chai';
import { gossipedReleases, schemasAmong, schemaVersions } from '../../../../agent/host/jmx/gossip-status.ts';
import type { JavaValue } from '../../../../agent/host/jmx/java-value.ts';
import type { JmxClient } from '../../../../agent/host/jmx/jmx-client.ts';
import { JmxError } from '../../../../agent/host/jmx/jmx-error.ts';
import { copiesOf, peersIn, replicaSets, ringView } from '../../../../agent/host/jmx/ring-view.ts';

/** A node alone in its ring, with one keyspace. */
const aloneWith = (replication: Promise<JavaValue>): JmxClient => ({
  getAttribute: async (_, name) =>
    name === 'NonLocalStrategyKeyspaces' ? ['ks'] : name === 'AllEndpointStates' ? '' : [],
  invoke: async (_, operation) => {
    if (operation === 'getKeyspaceReplicationInfo') return await replication;
    return operation === 'getDatacenter' ? 'dc1' : new Map([[['0', '0'], ['127.0.0.1']]]);
  },
  close: () => {},
});

describe('the view of a ring', () => {
  it('does without the copies of versions that do not tell them, and not of those that failed to', async () => {
    const copiesWith = async (error: JmxError) =>
      (await ringView(aloneWith(Promise.reject(error)), '127.0.0.1')).keyspaces.map(({ copies }) => copies);
    const unknown = new JmxError('none', { remoteClass: 'java.lang.NoSuchMethodException' });
    expect(await copiesWith(unknown)).to.deep.equal([null]);
    const failure = await copiesWith(new JmxError('no answer over JMX within 5 ms')).catch(String);
    expect(failure).to.contain('no answer over JMX');
  });

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

  it('counts schemas among nodes that could agree: of one major version, and alive', () => {
    const node = (address: string, release: string, schema: string) =>
      `/${address}\n  SCHEMA:20:${schema}\n  RELEASE_VERSION:7:${release}\n`;
    const mixed =
      node('10.0.0.1', '4.1.7', 'aa') + node('10.0.0.2', '4.0.9', 'aa') + node('10.0.0.3', '5.0.8', 'bb');
    const all = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'];
    expect(schemasAmong(mixed, all)).to.equal(1);
    expect(schemasAmong(mixed + node('10.0.0.4', '4.1.7', 'cc'), all)).to.equal(2);
    expect(schemasAmong(mixed + node('10.0.0.4', '4.1.7', 'cc'), all.slice(0, 3))).to.equal(1);
    expect(schemasAmong('', all)).to.equal(0);
    expect([...gossipedReleases(mixed).values()]).to.deep.equal(['4.1.7', '4.0.9', '5.0.8']);
  });
});
