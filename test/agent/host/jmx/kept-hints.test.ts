// For whom a node keeps hints, by its files and by what it created and delivered.
import { expect } from 'chai';
import type { JavaValue } from '../../../../agent/host/jmx/java-value.ts';
import type { JmxClient } from '../../../../agent/host/jmx/jmx-client.ts';
import { JmxError } from '../../../../agent/host/jmx/jmx-error.ts';
import { keptHints } from '../../../../agent/host/jmx/kept-hints.ts';

const METRIC = 'org.apache.cassandra.metrics:type=';
const NODES = ['127.0.0.2', '127.0.0.3', '::2'];
const HOSTS = new Map([
  ['id-2', '127.0.0.2'],
  ['id-6', '0:0:0:0:0:0:0:2'],
]);
const LIVE = ['127.0.0.1:7000', '127.0.0.2:7000', '127.0.0.3:7000', '[0:0:0:0:0:0:0:2]:7000'];

/** Has these attributes, and counts that are there. */
const having = (attributes: Record<string, JavaValue>, counts: Record<string, number>): JmxClient => ({
  getAttribute: async (name, attribute) => {
    if (name.startsWith(METRIC)) {
      const count = counts[name.slice(METRIC.length)];
      if (attribute === 'Count' && count !== undefined) return count;
      throw new JmxError('no', { remoteClass: 'javax.management.InstanceNotFoundException' });
    }
    const value = attributes[attribute];
    if (value !== undefined) return value;
    throw new JmxError('no', { remoteClass: 'javax.management.AttributeNotFoundException' });
  },
  invoke: () => expect.fail('nothing is to be done'),
  close: () => {},
});

describe('the hints that a node keeps', () => {
  it('are those in its files, by the address of whose they are', async () => {
    const PendingHints = [new Map([['host_id', 'id-6']]), new Map([['host_id', 'gone']]), 'x'];
    const client = having({ PendingHints, HostIdToEndpoint: HOSTS, LiveNodesWithPort: LIVE }, {});
    expect(await keptHints(client, NODES)).to.deep.equal(['::2']);
    expect(await keptHints(client, ['127.0.0.2'])).to.deep.equal([]);
  });

  it('are also those that were created and not delivered, which no file may have yet', async () => {
    const client = having(
      { PendingHints: [], HostIdToEndpoint: HOSTS, LiveNodesWithPort: LIVE },
      {
        'Storage,name=TotalHints': 30,
        'HintsService,name=Hints_created-/127.0.0.2.7000': 10,
        'HintsService,name=Hint_delays-/127.0.0.2.7000': 10,
        'HintsService,name=Hints_created-/127.0.0.3.7000': 10,
        'HintsService,name=Hint_delays-/127.0.0.3.7000': 9,
        'HintsService,name=Hints_created-/[0.0.0.0.0.0.0.2].7000': 10,
      },
    );
    expect(await keptHints(client, NODES)).to.deep.equal(['127.0.0.3', '::2']);
  });

  it('are unknown to versions that do not tell', async () => {
    const client = having({ HostIdToEndpoint: HOSTS }, { 'Storage,name=TotalHints': 30 });
    expect(await keptHints(client, NODES)).to.deep.equal([]);
  });
});
