// Jobs on rings of hosts whose databases come from packages: three with Cassandra, and one with DSE's names and paths.
import { expect } from 'chai';
import { startQuorumClient, UNDER_CLIENT } from '../support/quorum-client.ts';
import { AGENT_FILES } from './bed/agents.ts';
import { giveDseItsJava } from './bed/dse-java.ts';
import type { TestHost } from './bed/host.ts';
import { PackagedCluster } from './bed/packaged-cluster.ts';
import { type Bed, startHosts } from './bed/start-hosts.ts';
import { cassandraPackage, dsePackages } from './packages/database-packages.ts';
import type { TestPackage } from './packages/package.ts';
import { Repository } from './packages/repository.ts';
import { SigningKey } from './packages/signing-key.ts';

describe('rings from packages', function () {
  this.timeout(400_000);
  let key: SigningKey;
  before(async () => {
    key = await SigningKey.make();
  });
  after(() => key?.remove());

  const repositoryOf = async (bed: Bed<string>, packages: readonly TestPackage[]) => {
    const { url } = await Repository.open(bed, 'apt', { flavour: 'deb', key, packages });
    return { 'repo-url': url, 'repo-key-url': `${url}/key.asc`, 'deb-dist': './' };
  };

  describe('of Cassandra, on three hosts', () => {
    let bed: Bed<'one' | 'two' | 'three'>;
    let cluster: PackagedCluster;
    const hosts = (): TestHost[] => Object.values<TestHost>(bed.hosts);
    before(async () => {
      bed = await startHosts({ one: 'deb', two: 'deb', three: 'deb' }, AGENT_FILES);
      const repository = await repositoryOf(bed, [
        await cassandraPackage('4.1.7', 'deb'),
        await cassandraPackage('5.0.8', 'deb'),
      ]);
      cluster = await PackagedCluster.make(bed, hosts(), {
        product: 'cassandra',
        version: '4.1.7',
        repository,
        profile: { 'cassandra-yaml': UNDER_CLIENT },
      });
    });
    after(async () => {
      await cluster?.stop();
      await bed?.stop();
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
      expect(seen.errors).to.deep.equal([]);
      expect(seen.done).to.be.greaterThan(500);
      return done;
    };
    const upAndNormal = async (): Promise<number> =>
      (await bed.hosts.two.run(['nodetool', 'status'])).match(/^UN /gm)?.length ?? 0;

    it('are installed', async () => {
      await cluster.job('install');
      expect(await upAndNormal()).to.equal(3);
    });

    it('are configured, a node after the other, without one error for a LOCAL_QUORUM client', async () => {
      await cluster.set({ 'cassandra-yaml': { concurrent_reads: 17 } });
      const events = await unnoticed(() => cluster.job('configure'));
      expect(events.filter(({ subtype }) => subtype === 'node-started')).to.have.length(3);
      for (const host of hosts())
        expect(await host.run(['cat', '/etc/cassandra/cassandra.yaml'])).to.match(/^concurrent_reads: 17$/m);
      expect(await upAndNormal()).to.equal(3);
    });

    it('are restarted so too', async () => {
      const events = await unnoticed(() => cluster.job('restart'));
      expect(events.filter(({ subtype }) => subtype === 'node-drained')).to.have.length(3);
      expect(await upAndNormal()).to.equal(3);
    });

    it('are upgraded to the next series, a node after the other', async () => {
      const events = await cluster.upgrade('5.0.8', 'COMPLETE', { options: { 'take-snapshot': true } });
      const parts = ['snapshot-taken', 'node-stopped', 'packages-installed', 'node-started', 'upgraded'];
      const told = events.filter(({ subtype }) => parts.includes(subtype)).map(({ subtype }) => subtype);
      expect(told).to.deep.equal([...parts, ...parts, ...parts]);
      for (const host of hosts())
        expect((await host.run(['nodetool', 'version'])).trim()).to.equal('ReleaseVersion: 5.0.8');
      expect(await upAndNormal()).to.equal(3);
    });
  });

  describe('of DSE, on one host', () => {
    let bed: Bed<'one'>;
    let cluster: PackagedCluster;
    before(async () => {
      bed = await startHosts({ one: 'deb' }, AGENT_FILES);
      const { one } = bed.hosts;
      await giveDseItsJava(one);
      const repository = await repositoryOf(bed, [
        ...(await dsePackages('5.1.40', '4.1.7', 'deb')),
        ...(await dsePackages('5.1.41', '4.1.7', 'deb')),
      ]);
      cluster = await PackagedCluster.make(bed, [one], {
        product: 'dse',
        version: '5.1.40',
        repository,
        datacenter: { 'graph-enabled': true },
      });
    });
    after(async () => {
      await cluster?.stop();
      await bed?.stop();
    });

    it('are installed under its names, with the workloads of their datacenter', async () => {
      const { one } = bed.hosts;
      await cluster.job('install');
      expect((await one.run(['systemctl', 'is-active', 'dse'])).trim()).to.equal('active');
      expect(await one.run(['sh', '-c', '. /etc/default/dse; echo $GRAPH_ENABLED $SOLR_ENABLED'])).to.equal(
        '1 0\n',
      );
      expect(await one.run(['head', '-1', '/etc/dse/dse.yaml'])).to.match(/^# This file is managed by/);
      expect(await one.run(['cat', '/etc/dse/cassandra/cassandra.yaml'])).to.match(
        /^cluster_name: .*from packages/m,
      );
    });

    it('are restarted', async () => {
      const events = await cluster.job('restart');
      expect(events.some(({ subtype }) => subtype === 'node-started')).to.equal(true);
      const closed = events.find(({ subtype, changes }) => subtype === 'native-transport' && changes);
      expect(closed?.after, 'as 4.1 counts').to.include({ 'connections-left': 0, 'requests-left': 0 });
    });

    it('are upgraded, all their packages at once', async () => {
      const { one } = bed.hosts;
      await cluster.upgrade('5.1.41');
      const versions = await one.run(['dpkg-query', '-W', '-f', '$' + '{Package} $' + '{Version}\n', 'dse*']);
      expect(versions.trim().split('\n')).to.deep.equal([
        'dse 5.1.41',
        'dse-full 5.1.41',
        'dse-libcassandra 5.1.41',
      ]);
      expect((await one.run(['systemctl', 'is-active', 'dse'])).trim()).to.equal('active');
      expect(await one.run(['cat', '/etc/dse/cassandra/cassandra.yaml'])).to.match(
        /^cluster_name: .*from packages/m,
      );
    });
  });
});
