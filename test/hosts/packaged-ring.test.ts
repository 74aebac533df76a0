// Jobs on a ring of three hosts whose databases come from packages, and so do their agents; original-clients.test.ts has one of DSE.
import { expect } from 'chai';
import { startQuorumClient, UNDER_CLIENT } from '../support/quorum-client.ts';
import type { TestHost } from './bed/host.ts';
import { packagedAgents } from './bed/packaged-agent.ts';
import { PackagedCluster } from './bed/packaged-cluster.ts';
import { type Bed, startHosts } from './bed/start-hosts.ts';
import { cassandraPackage } from './packages/database-packages.ts';
import { Repository } from './packages/repository.ts';
import { SigningKey } from './packages/signing-key.ts';

describe('a ring of Cassandra from packages, on three hosts', function () {
  this.timeout(400_000);
  let key: SigningKey;
  let bed: Bed<'one' | 'two' | 'three'>;
  let cluster: PackagedCluster;
  const hosts = (): TestHost[] => Object.values<TestHost>(bed.hosts);
  before(async () => {
    key = await SigningKey.make();
    bed = await startHosts({ one: 'deb', two: 'deb', three: 'deb' });
    const packages = [await cassandraPackage('4.1.7', 'deb'), await cassandraPackage('5.0.8', 'deb')];
    const { url } = await Repository.open(bed, 'apt', { flavour: 'deb', key, packages });
    cluster = await PackagedCluster.make(bed, hosts(), {
      product: 'cassandra',
      version: '4.1.7',
      repository: { 'repo-url': url, 'repo-key-url': `${url}/key.asc`, 'deb-dist': './' },
      profile: { 'cassandra-yaml': UNDER_CLIENT },
      startsAgent: packagedAgents(bed, 'deb'),
    });
  });
  after(async () => {
    await cluster?.stop();
    await bed?.stop();
    await key?.remove();
  });
  /** What a LOCAL_QUORUM client notices of the work: nothing. */
  const unnoticed = async <T>(work: () => Promise<T>): Promise<T> => {
    const client = await startQuorumClient(
      9042,
      hosts().map(({ address }) => address),
    );
    let seen: Awaited<ReturnType<typeof client.stop>>;
    let done: T;
    try {
      done = await work();
    } finally {
      seen = await client.stop();
    }
    expect(seen.errors.join('\n')).to.equal('');
    expect(seen.done).to.be.greaterThan(500);
    return done;
  };
  const upAndNormal = async (): Promise<number> =>
    (await bed.hosts.two.run(['nodetool', 'status'])).match(/^UN /gm)?.length ?? 0;

  it('is installed', async () => {
    await cluster.job('install');
    expect(await upAndNormal()).to.equal(3);
  });

  it('is configured, a node after the other, without one error for a LOCAL_QUORUM client', async () => {
    await cluster.set({ 'cassandra-yaml': { concurrent_reads: 17 } });
    const events = await unnoticed(() => cluster.job('configure'));
    expect(events.filter(({ subtype }) => subtype === 'node-started')).to.have.length(3);
    for (const host of hosts())
      expect(await host.run(['cat', '/etc/cassandra/cassandra.yaml'])).to.match(/^concurrent_reads: 17$/m);
    expect(await upAndNormal()).to.equal(3);
  });

  it('is restarted so too', async () => {
    const events = await unnoticed(() => cluster.job('restart'));
    expect(events.filter(({ subtype }) => subtype === 'node-drained')).to.have.length(3);
    expect(await upAndNormal()).to.equal(3);
  });

  it('is upgraded to the next series, a node after the other', async () => {
    const events = await cluster.upgrade('5.0.8', 'COMPLETE', { options: { 'take-snapshot': true } });
    const parts = ['snapshot-taken', 'node-stopped', 'packages-installed', 'node-started', 'upgraded'];
    const told = events.filter(({ subtype }) => parts.includes(subtype)).map(({ subtype }) => subtype);
    expect(told).to.deep.equal([...parts, ...parts, ...parts]);
    for (const host of hosts())
      expect((await host.run(['nodetool', 'version'])).trim()).to.equal('ReleaseVersion: 5.0.8');
    expect(await upAndNormal()).to.equal(3);
  });
});
