// What is read of the answers of a node about its ring: copies, replica sets, ends of streams and schema versions.
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { gossipedReleases, schemasAmong, schemaVersions } from '../../../../agent/host/jmx/gossip-status.ts';
import type { JavaValue } from '../../../../agent/host/jmx/java-value.ts';
import type { JmxClient } from '../../../../agent/host/jmx/jmx-client.ts';
import { JmxError } from '../../../../agent/host/jmx/jmx-error.ts';
import { alikeIn, copiesOf, ReplicaSets } from '../../../../agent/host/jmx/ring-ranges.ts';
import { peersIn, ringView } from '../../../../agent/host/jmx/ring-view.ts';

/** A node alone in its ring, with these keyspaces and their replication. @returns also the keyspaces whose ranges were asked for */
function aloneWith(keyspaces: Record<string, () => JavaValue>) {
  const asked: string[] = [];
  let atOnce = 0;
  const client: JmxClient = {
    getAttribute: async (_, name) =>
      name === 'NonLocalStrategyKeyspaces' ? Object.keys(keyspaces) : name === 'AllEndpointStates' ? '' : [],
    invoke: async (_, operation, [name] = [], { takePair } = {}) => {
      if (operation === 'getKeyspaceReplicationInfo') return keyspaces[String(name)]?.() ?? null;
      if (operation === 'getDatacenter') return 'dc1';
      asked.push(String(name));
      atOnce += 1;
      await turn();
      expect(atOnce).to.equal(1);
      atOnce -= 1;
      takePair?.(['0', '0'], ['127.0.0.1']);
      return new Map();
    },
    close: () => {},
  };
  return { client, asked };
}

const replicaSets = (ranges: JavaValue[][][], address: string) => {
  const sets = new ReplicaSets(address);
  for (const [range = null, endpoints = null] of ranges) sets.add(range, endpoints);
  return sets.all();
};

describe('the view of a ring', () => {
  it('does without the copies of versions that do not tell them, and not of those that failed to', async () => {
    const copiesWith = async (error: JmxError) =>
      (
        await ringView(
          aloneWith({
            ks: () => {
              throw error;
            },
          }).client,
          '127.0.0.1',
          1_000,
        )
      ).keyspaces.map(({ copies }) => copies);
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
    const ranges = [
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
    ];
    expect(replicaSets(ranges, '127.0.0.1')).to.deep.equal([
      { replicas: ['127.0.0.1', '127.0.0.2'], ranges: 2, sample: '(0, 10]' },
    ]);
    expect(replicaSets([[['0', '1'], ['0:0:0:0:0:0:0:1']]], '::1')).to.have.length(1);
    expect(() =>
      replicaSets(
        [
          [
            ['0', '1'],
            ['::1', 5],
          ],
        ],
        '::1',
      ),
    ).to.throw('a text was expected');
  });

  it('asks for the ranges of keyspaces that are replicated alike once, one question after the other', async () => {
    const { client, asked } = aloneWith({
      a: () => 'NetworkTopologyStrategy {dc1=3, dc2=2}',
      b: () => 'NetworkTopologyStrategy {dc2=2, dc1=3}',
      c: () => 'NetworkTopologyStrategy {dc1=3}',
      d: () => null,
      e: () => null,
    });
    const { keyspaces } = await ringView(client, '127.0.0.1', 1_000);
    expect(asked).to.deep.equal(['a', 'c', 'd', 'e']);
    const one = [{ replicas: ['127.0.0.1'], ranges: 1, sample: '(0, 0]' }];
    expect(keyspaces.map(({ name, replicaSets: sets }) => [name, sets])).to.deep.equal(
      ['a', 'b', 'c', 'd', 'e'].map((name) => [name, one]),
    );
    expect(keyspaces[1]?.copies).to.deep.equal({ dc1: 3, dc2: 2 });
  });

  it('knows which keyspaces are replicated alike, as far as that is certain', () => {
    const simple = 'SimpleStrategy {replication_factor=3}';
    expect(alikeIn(simple)).to.equal(alikeIn(simple));
    expect(alikeIn(simple)).not.to.equal(alikeIn('SimpleStrategy {replication_factor=2}'));
    expect(alikeIn(simple)).not.to.equal(alikeIn('NetworkTopologyStrategy {replication_factor=3}'));
    for (const other of ['EverywhereStrategy {}', 'NetworkTopologyStrategy {dc1=3/1}', 'x', null])
      expect(alikeIn(other)).to.equal(null);
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
