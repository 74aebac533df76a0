// Jobs on a host that has no systemd: its database, from packages, is started and stopped by its script in /etc/init.d.
import { expect } from 'chai';
import { eventually } from '../support/eventually.ts';
import type { TestHost } from './bed/host.ts';
import type { PackagedCluster } from './bed/packaged-cluster.ts';
import { PackagedHost } from './bed/packaged-host.ts';
import { cassandraPackage } from './packages/database-packages.ts';

const SCRIPT = '/etc/init.d/cassandra';

describe('Cassandra from packages, on a host without systemd', function () {
  this.timeout(240_000);
  let packaged: PackagedHost;
  let host: TestHost;
  let cluster: PackagedCluster;

  before(async () => {
    packaged = await PackagedHost.start({
      kind: 'deb-without-systemd',
      version: '5.0.7',
      packages: [await cassandraPackage('5.0.7', 'deb'), await cassandraPackage('5.0.8', 'deb')],
      prepare: async (one) => {
        // what invoke-rc.d(8) asks before it starts anything: else nothing would have to be held down
        await one.run(['rm', '/sbin/runlevel']);
        await one.put('/sbin/runlevel', '#!/bin/sh\necho N 2\n', 0o755);
      },
    });
    ({ host, cluster } = packaged);
  });
  after(() => packaged?.stop());

  const pid = (): Promise<string> => packaged.pid();
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
