// Every question, asked of a real Cassandra, and compared with what its own nodetool says.
import driver from 'cassandra-driver';
import { expect } from 'chai';
import { changeCassandraPassword } from '../../../../agent/host/cassandra-password.ts';
import { connectJmx, type JmxNode } from '../../../../agent/host/jmx/cassandra-mbeans.ts';
import { connectJmx as connectClient } from '../../../../agent/host/jmx/jmx-client.ts';
import { JmxError } from '../../../../agent/host/jmx/jmx-error.ts';
import { ReplicaSets } from '../../../../agent/host/jmx/ring-ranges.ts';
import { StepFailed } from '../../../../shared/errors.ts';
import type { ReplicaSet } from '../../../../shared/ring-view.ts';
import { eventually } from '../../../support/eventually.ts';
import { addPeers } from './made-up-peers.ts';
import { ADDRESS, OneCassandra } from './one-cassandra.ts';

const WITHIN_MS = 10_000;

async function failure(question: Promise<unknown>): Promise<JmxError> {
  try {
    await question;
  } catch (error) {
    expect(error).to.be.instanceOf(JmxError);
    return error as JmxError;
  }
  return expect.fail('there was an answer');
}

describe('a real Cassandra over JMX', function () {
  this.timeout(300_000);
  const cassandra = new OneCassandra();
  let node: JmxNode;
  before(async () => {
    await cassandra.start();
    node = await connectJmx(cassandra.jmxPort, WITHIN_MS);
  });
  after(async () => {
    node?.close();
    await cassandra.stop();
  });
  afterEach(function () {
    if (this.currentTest?.state === 'failed') console.error(cassandra.log());
  });

  it('tells its mode as nodetool does', async () => {
    expect(await node.operationMode()).to.equal('NORMAL');
    expect(await cassandra.nodetool('netstats')).to.include('Mode: NORMAL');
  });

  it('sees an address as normal, or says what it lacks', async () => {
    expect(await node.sightOf(ADDRESS)).to.deep.equal({
      normal: true,
      detail: `${ADDRESS} is seen alive, status NORMAL`,
    });
    expect(await node.sightOf('127.0.102.9')).to.deep.equal({
      normal: false,
      detail: '127.0.102.9 is not seen alive',
    });
  });

  it('tells what its data was made with', async () => {
    expect(await node.savedSettings()).to.deep.equal({
      cluster: 'jmx',
      tokens: 1,
      partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
      datacenter: 'datacenter1',
      rack: 'rack1',
    });
  });

  it('knows the version of every node, and rewrites what sstables are of earlier formats', async () => {
    const releases = await node.releases();
    expect([...releases.keys()]).to.deep.equal([ADDRESS]);
    expect(await cassandra.nodetool('version')).to.include(`ReleaseVersion: ${releases.get(ADDRESS)}`);
    expect(await node.olderSstables()).to.equal(0);
    expect(await node.keyspaces()).to.include.members(['system', 'system_schema']);
    expect(await node.upgradeSstables('system', WITHIN_MS)).to.equal(true);
    await node.stopUpgradingSstables();
  });

  it('answers many questions at once, and goes on after collecting its garbage', async () => {
    const client = await connectClient(
      { host: '127.0.0.1', port: cassandra.jmxPort },
      { withinMs: WITHIN_MS },
    );
    await client.invoke('java.lang:type=Memory', 'gc');
    await client.invoke('java.lang:type=Memory', 'gc');
    const names = await Promise.all(
      Array.from({ length: 8 }, () => client.getAttribute('java.lang:type=Runtime', 'SpecVersion')),
    );
    expect(new Set(names).size).to.equal(1);
    client.close();
  });

  it('tells which exception came', async () => {
    const client = await connectClient(
      { host: '127.0.0.1', port: cassandra.jmxPort },
      { withinMs: WITHIN_MS },
    );
    const storage = 'org.apache.cassandra.db:type=StorageService';
    const unknown = await failure(client.getAttribute(storage, 'NoSuchThing'));
    expect(unknown.remoteClass).to.equal('javax.management.AttributeNotFoundException');
    // An operation with arguments that Cassandra itself refuses.
    const refused = await failure(
      client.invoke(storage, 'setLoggingLevel', ['org.example', 'NO SUCH LEVEL', 'and more']),
    );
    expect(refused.remoteClass).to.equal('java.lang.NoSuchMethodException');
    const noKeyspace = await failure(client.invoke(storage, 'describeRingJMX', ['no_such_keyspace']));
    expect(noKeyspace.remoteMessage).to.include('no_such_keyspace');
    client.close();
  });

  it('without authentication refuses a new password at once, and is not told as a failed login', async () => {
    const error = await changeCassandraPassword({
      address: ADDRESS,
      port: cassandra.nativePort,
      oldPassword: 'cassandra',
      newPassword: 'another',
      // Longer than this test may take: it is not waited for.
      withinMs: 600_000,
      datacenter: 'datacenter1',
    }).catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(StepFailed).with.property('subtype', 'password-not-changed');
    expect((error as StepFailed).message).to.contain('PasswordAuthenticator');
  });

  it('sees who keeps which ranges, though of the ring there are 33,000 and more', async () => {
    node.close();
    const replication = "{'class': 'NetworkTopologyStrategy', 'datacenter1': 3}";
    await addPeers(cassandra, {
      count: 130,
      tokensEach: 256,
      datacenters: ['datacenter1'],
      keyspaces: ['one', 'other'].map((name) => `create keyspace ${name} with replication = ${replication}`),
    });
    node = await connectJmx(cassandra.jmxPort, WITHIN_MS);
    const peer = '127.1.0.7';
    const view = await node.ringView(peer);
    expect(view.unreachable).to.have.length(130);
    const setsOf = (keyspace: string): ReplicaSet[] =>
      view.keyspaces.find(({ name }) => name === keyspace)?.replicaSets ?? [];
    const rangesOf = (keyspace: string): number =>
      setsOf(keyspace).reduce((sum, { ranges }) => sum + ranges, 0);
    expect(rangesOf('system_auth')).to.equal(256); // one copy: those of its own tokens
    expect(rangesOf('one')).to.be.within(500, 1_000); // three
    expect(setsOf('one').every(({ replicas }) => replicas.length === 3 && replicas.includes(peer))).to.equal(
      true,
    );
    // That is as the node says it of the other one too, which it was not asked.
    const client = await connectClient(
      { host: '127.0.0.1', port: cassandra.jmxPort },
      { withinMs: 4 * WITHIN_MS },
    );
    const asked = new ReplicaSets(peer);
    await client.invoke('org.apache.cassandra.db:type=StorageService', 'getRangeToEndpointMap', ['other'], {
      takePair: asked.add,
    });
    client.close();
    expect(asked.all()).to.deep.equal(setsOf('other'));
    expect(setsOf('other')).to.equal(setsOf('one'));
  });

  it('counts its clients, stops the native transport, drains, and tells all three', async () => {
    const client = new driver.Client({
      contactPoints: [ADDRESS],
      localDataCenter: 'datacenter1',
      protocolOptions: { port: cassandra.nativePort },
    });
    await client.connect();
    const { connections, requests } = await node.servedClients();
    expect(connections).to.be.at.least(1);
    expect(requests).to.be.a('number');
    await node.stopNativeTransport(WITHIN_MS);
    expect(await node.servedClients()).to.deep.equal({ connections: 0, requests: 0 });
    expect(await node.isNativeTransportRunning()).to.equal(false);
    await client.shutdown();
    const draining = node.drain(60_000);
    // Asked beside the drain, which is still under way.
    expect(await node.operationMode()).to.be.oneOf(['NORMAL', 'DRAINING', 'DRAINED']);
    await draining;
    expect(await node.operationMode()).to.equal('DRAINED');
  });

  it('says so when the node is gone', async () => {
    await cassandra.stop();
    await eventually(async () =>
      expect(await failure(node.operationMode())).to.have.property('remoteClass', null),
    );
    const error = await failure(connectJmx(cassandra.jmxPort, WITHIN_MS));
    expect(error.message).to.equal(`no JMX connection to 127.0.0.1:${cassandra.jmxPort}`);
  });
});
