// Jobs on a host that has no systemd: its database, from packages, is started and stopped by its script in /etc/init.d.
import { expect } from 'chai';
import { eventually } from '../support/eventually.ts';
import { AGENT_FILES } from './bed/agents.ts';
import type { TestHost } from './bed/host.ts';
import { PackagedCluster } from './bed/packaged-cluster.ts';
import { type Bed, startHosts } from './bed/start-hosts.ts';
import { cassandraPackage } from './packages/database-packages.ts';
import { Repository } from './packages/repository.ts';
import { SigningKey } from './packages/signing-key.ts';

const SCRIPT = '/etc/init.d/cassandra';

describe('Cassandra from packages, on a host without systemd', function () {
  this.timeout(240_000);
  let bed: Bed<'one'>;
  let host: TestHost;
  let key: SigningKey;
  let cluster: PackagedCluster;

  before(async () => {
    bed = await startHosts({ one: 'deb-without-systemd' }, AGENT_FILES);
    host = bed.hosts.one;
    // what invoke-rc.d(8) asks before it starts anything: else nothing would have to be held down
    await host.run(['rm', '/sbin/runlevel']);
    await host.put('/sbin/runlevel', '#!/bin/sh\necho N 2\n', 0o755);
    key = await SigningKey.make();
    const packages = [await cassandraPackage('5.0.7', 'deb'), await cassandraPackage('5.0.8', 'deb')];
    const repository = await Repository.open(bed, 'apt', { flavour: 'deb', key, packages });
    cluster = await PackagedCluster.make(bed, [host], {
      product: 'cassandra',
      version: '5.0.7',
      repository: {
        'repo-url': repository.url,
        'repo-key-url': `${repository.url}/key.asc`,
        'deb-dist': './',
      },
    });
  });
  after(async () => {
    await cluster?.stop();
    await bed?.stop();
    await key?.remove();
  });

  const pid = async (): Promise<string> =>
    (await host.exec(['pgrep', '-u', 'cassandra', 'java'])).output.trim();
  const isForbidden = async (): Promise<boolean> =>
    (await host.exec(['test', '-e', '/usr/sbin/policy-rc.d'])).exitCode === 0;

  it('is installed, starts with its own configuration alone, and is left to start by itself later', async () => {
    const events = await cluster.job('install');
    // A node that the package starts is stopped a second later, often before it has said anything.
    expect(events.map(({ subtype }) => subtype)).to.not.include('node-stopped');
    expect(await host.run([SCRIPT, 'status'])).to.equal('cassandra is running\n');
    expect(await host.run(['cat', '/var/log/cassandra/system.log'])).to.not.include('Test Cluster');
    expect(await isForbidden()).to.equal(false);
  });

  it('is restarted, also when its process was killed', async () => {
    const first = await pid();
    await cluster.job('restart');
    const second = await pid();
    expect(second).to.match(/^\d+$/).and.not.equal(first);
    await host.run(['pkill', '-KILL', '-u', 'cassandra', 'java']);
    await eventually(async () => expect(await pid()).to.equal(''));
    await cluster.job('restart');
    expect(await pid()).to.match(/^\d+$/);
  });

  it('is upgraded, and held down meanwhile', async () => {
    const events = await cluster.upgrade('5.0.8');
    const parts = ['node-stopped', 'packages-installed', 'node-started'];
    const told = events.map(({ subtype }) => subtype);
    expect(told.filter((subtype) => parts.includes(subtype))).to.deep.equal(parts);
    expect(told).to.not.include('service-stopped'); // as when the packages had started it
    expect((await host.run(['nodetool', 'version'])).trim()).to.equal('ReleaseVersion: 5.0.8');
    expect(await isForbidden()).to.equal(false);
  });

  it('is not stopped when nothing could start it again', async () => {
    const before = await pid();
    await host.run(['mv', SCRIPT, '/root/script']);
    const events = await cluster.job('restart', 'FAILED');
    expect(events.find(({ type }) => type === 'error')?.subtype).to.equal('service-missing');
    await host.run(['mv', '/root/script', SCRIPT]);
    expect(await pid()).to.equal(before);
  });
});
