// A host that goes down in the middle of a job, and comes up again with its database node: the job ends well.
import { expect } from 'chai';
import { eventually } from '../support/eventually.ts';
import { PackagedHost } from './bed/packaged-host.ts';
import { cassandraPackage } from './packages/database-packages.ts';

describe('a host that loses its power in the middle of a job', function () {
  this.timeout(240_000);
  let packaged: PackagedHost;

  before(async () => {
    const packages = [await cassandraPackage('5.0.8', 'deb')];
    packaged = await PackagedHost.start({ kind: 'deb', version: '5.0.8', packages });
  });
  after(() => packaged?.stop());

  it('is told as rebooted, and its node is waited for, which systemd has started', async () => {
    const { host, cluster } = packaged;
    await cluster.job('install');
    const earlier = (await cluster.coordinator.call('GET', 'jobs/')).body.results.length;
    const job = cluster.job('restart');
    await eventually(async () =>
      expect((await cluster.coordinator.call('GET', 'jobs/')).body.results).to.have.length(earlier + 1),
    );
    await cluster.tells('native-port');
    await host.crash();
    await host.boot();
    await eventually(async () => expect(await packaged.pid()).to.not.equal(''), { withinMs: 30_000 });
    const pid = await packaged.pid();
    await host.run(['systemctl', 'start', 'ringmaster-agent']);
    const events = await job;
    const subtypes = events.map(({ subtype }) => subtype);
    expect(subtypes).to.include('host-rebooted');
    expect(subtypes.slice(subtypes.indexOf('host-rebooted'))).to.not.include('node-started');
    expect(subtypes).to.include('native-port-answers');
    expect(await packaged.pid()).to.equal(pid);
  });
});
