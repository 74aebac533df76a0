// The databases of a bed are what operators have: installed by apt or dnf, run as a service, and a ring when there are three.
import { Client } from 'cassandra-driver';
import { expect } from 'chai';
import { eventually } from '../support/eventually.ts';
import type { TestHost } from './bed/host.ts';
import { type Bed, startHosts } from './bed/start-hosts.ts';
import { cassandraPackage } from './packages/database-packages.ts';
import { Repository } from './packages/repository.ts';
import { SigningKey } from './packages/signing-key.ts';

const APT = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-y'] as const;
/** The machine's two cores boot three of these: without them it takes three times as long, in three times the memory. */
const SMALL_AND_QUICK = [
  '-Xms64m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dcassandra.skip_wait_for_gossip_to_settle=0',
  '-Dcassandra.ring_delay_ms=2000 -Dcassandra.shutdown_announce_in_ms=0',
].join(' ');

/** What a service of ours reads before it starts; the product's own files stay as they are. */
const makeQuick = (host: TestHost): Promise<void> =>
  host.put('/etc/default/cassandra', `JVM_EXTRA_OPTS="${SMALL_AND_QUICK}"\n`);

/** Debian's way of saying that no package may start a service. */
const keepServicesDown = (host: TestHost): Promise<void> =>
  host.put('/usr/sbin/policy-rc.d', '#!/bin/sh\nexit 101\n', 0o755);

async function query(host: TestHost, text: string): Promise<Record<string, unknown>> {
  const client = new Client({ contactPoints: [host.address], localDataCenter: 'datacenter1' });
  try {
    return { ...(await client.execute(text)).first() };
  } finally {
    await client.shutdown();
  }
}

describe('databases on test hosts', function () {
  this.timeout(240_000);
  let key: SigningKey;
  before(async () => {
    key = await SigningKey.make();
  });
  after(() => key?.remove());

  describe('from the apt repository, on three hosts', () => {
    let bed: Bed<'one' | 'two' | 'three'>;
    before(async () => {
      bed = await startHosts({ one: 'deb', two: 'deb', three: 'deb' });
    });
    after(() => bed?.stop());

    it('form a ring', async () => {
      const hosts = Object.values<TestHost>(bed.hosts);
      const packages = [await cassandraPackage('5.0.8', 'deb')];
      const repository = await Repository.open(bed, 'apt', { flavour: 'deb', key, packages });
      const seeds = hosts.map(({ address }) => `${address}:7000`).join(',');
      const install = async (host: TestHost, at: number) => {
        await keepServicesDown(host);
        await repository.makeKnownTo(host);
        await host.run([...APT, 'update']);
        await host.run([...APT, 'install', 'cassandra=5.0.8']);
        await makeQuick(host);
        // A token each, and all of them seeds: nobody has to wait for a bootstrap.
        const own = `num_tokens: 1\ninitial_token: ${BigInt(at - 1) * 2n ** 62n}\nlisten_address: ${host.address}\nrpc_address: ${host.address}\n`;
        const replaced = /^(num_tokens|allocate_tokens\w*|listen_address|rpc_address):.*\n/gm;
        const yaml = await host.run(['cat', '/etc/cassandra/cassandra.yaml']);
        await host.put(
          '/etc/cassandra/cassandra.yaml',
          yaml.replace(replaced, '').replace('127.0.0.1:7000', seeds) + own,
        );
        await host.run(['systemctl', 'start', 'cassandra']);
      };
      await Promise.all(hosts.map(install));
      await eventually(
        async () => {
          const { output } = await bed.hosts.one.exec(['nodetool', 'status']);
          expect(output.match(/^UN .*$/gm) ?? [], output).to.have.length(3);
        },
        { withinMs: 120_000, everyMs: 500 },
      );
    });

    it('answer the runner', async () => {
      const { cluster_name } = await query(bed.hosts.three, 'select cluster_name from system.local');
      expect(cluster_name).to.equal('Test Cluster');
    });
  });

  describe('on one host', () => {
    let bed: Bed<'debian' | 'rocky'>;
    before(async () => {
      bed = await startHosts({ debian: 'deb', rocky: 'rpm' });
    });
    after(() => bed?.stop());

    const answers = async (host: TestHost, version: string): Promise<void> => {
      await eventually(
        async () =>
          expect((await host.run(['nodetool', 'version'])).trim()).to.equal(`ReleaseVersion: ${version}`),
        { withinMs: 90_000, everyMs: 500 },
      );
    };

    it('start by themselves when apt has installed them, as the real package does', async () => {
      const { debian } = bed.hosts;
      const packages = [await cassandraPackage('4.1.7', 'deb')];
      const repository = await Repository.open(bed, 'apt', { flavour: 'deb', key, packages });
      await repository.makeKnownTo(debian);
      await debian.run([...APT, 'update']);
      await debian.run([...APT, 'install', 'cassandra=4.1.7']);
      await answers(debian, '4.1.7');
      expect((await debian.run(['ps', '-o', 'user=', '-C', 'java'])).trim()).to.equal('cassandra');
    });

    it('stop when apt removes them', async () => {
      const { debian } = bed.hosts;
      await debian.run([...APT, 'remove', 'cassandra']);
      expect((await debian.exec(['pgrep', 'java'])).exitCode).to.equal(1);
      await debian.run(['test', '-f', '/etc/cassandra/cassandra.yaml']);
    });

    it('are started by the operator when dnf has installed them', async () => {
      const { rocky } = bed.hosts;
      const packages = [await cassandraPackage('5.0.8', 'rpm')];
      const repository = await Repository.open(bed, 'rpm', { flavour: 'rpm', key, packages });
      await repository.makeKnownTo(rocky);
      await rocky.run(['dnf', '-y', 'install', 'cassandra-5.0.8']);
      expect((await rocky.run(['readlink', '-f', '/etc/cassandra/conf'])).trim()).to.equal(
        '/etc/cassandra/default.conf',
      );
      expect((await rocky.exec(['pgrep', 'java'])).exitCode).to.equal(1);
      await makeQuick(rocky);
      await rocky.run(['systemctl', 'daemon-reload']); // no RPM of theirs does it for an init script
      await rocky.run(['systemctl', 'start', 'cassandra']);
      await answers(rocky, '5.0.8');
      expect(await rocky.exec(['rpm', '-V', 'cassandra']).then(({ output }) => output)).to.match(
        /^S.5.*c \/etc\/default\/cassandra$/m,
      );
    });
  });
});
