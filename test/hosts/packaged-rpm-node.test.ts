// Jobs on a host with dnf whose database comes from packages.
import { expect } from 'chai';
import { AGENT_FILES } from './bed/agents.ts';
import { giveDseItsJava } from './bed/dse-java.ts';
import type { TestHost } from './bed/host.ts';
import { PackagedCluster } from './bed/packaged-cluster.ts';
import { type Bed, startHosts } from './bed/start-hosts.ts';
import { cassandraPackage, dsePackages } from './packages/database-packages.ts';
import { Repository } from './packages/repository.ts';
import { SigningKey } from './packages/signing-key.ts';

describe('Cassandra from packages, by jobs, on a host with dnf', function () {
  this.timeout(240_000);
  let bed: Bed<'one'>;
  let host: TestHost;
  let key: SigningKey;
  let cluster: PackagedCluster;

  before(async () => {
    bed = await startHosts({ one: 'rpm' }, AGENT_FILES);
    host = bed.hosts.one;
    key = await SigningKey.make();
    const packages = [await cassandraPackage('5.0.7', 'rpm'), await cassandraPackage('5.0.8', 'rpm')];
    const repository = await Repository.open(bed, 'rpm', { flavour: 'rpm', key, packages });
    cluster = await PackagedCluster.make(bed, [host], {
      product: 'cassandra',
      version: '5.0.7',
      repository: { 'repo-url': repository.url, 'repo-key-url': `${repository.url}/key.asc` },
    });
  });
  after(async () => {
    await cluster?.stop();
    await bed?.stop();
    await key?.remove();
  });

  const pid = async (): Promise<string> =>
    (await host.exec(['pgrep', '-u', 'cassandra', 'java'])).output.trim();

  it('is installed on a bare host in the version of its profile, with its own configuration', async () => {
    await cluster.job('install');
    expect((await host.run(['rpm', '-q', 'cassandra'])).trim()).to.equal('cassandra-5.0.7-1.noarch');
    expect(await host.run(['cat', '/etc/yum.repos.d/opsc.repo'])).to.match(/^gpgcheck=1$/m);
    expect(await host.run(['cat', '/etc/cassandra/conf/cassandra.yaml'])).to.match(
      /^cluster_name: "?from packages/m,
    );
    expect(await host.run(['nodetool', 'info'])).to.include('Native Transport active: true');
  });

  it('changes nothing when it is installed again', async () => {
    const before = await pid();
    const events = await cluster.job('install');
    expect(events.filter(({ changes }) => changes)).to.deep.equal([]);
    expect(await pid()).to.equal(before);
  });

  it('is restarted, and not upgraded as yet', async () => {
    const before = await pid();
    await cluster.job('restart');
    const after = await pid();
    expect(after).to.match(/^\d+$/).and.not.equal(before);
    const told = (await cluster.upgrade('5.0.8', 'FAILED')).find(({ type }) => type === 'error');
    expect([told?.subtype, told?.message]).to.deep.equal([
      'upgrade-refused',
      'Packages are upgraded by apt alone as yet. Nothing was stopped',
    ]);
    expect(await pid()).to.equal(after);
  });
});

describe('DSE from packages, by jobs, on a host with dnf', function () {
  this.timeout(240_000);
  let bed: Bed<'one'>;
  let key: SigningKey;
  let cluster: PackagedCluster;

  before(async () => {
    bed = await startHosts({ one: 'rpm' }, AGENT_FILES);
    key = await SigningKey.make();
    await giveDseItsJava(bed.hosts.one);
    const packages = await dsePackages('5.1.40', '4.1.7', 'rpm');
    const repository = await Repository.open(bed, 'rpm', { flavour: 'rpm', key, packages });
    cluster = await PackagedCluster.make(bed, [bed.hosts.one], {
      product: 'dse',
      version: '5.1.40',
      repository: { 'repo-url': repository.url, 'repo-key-url': `${repository.url}/key.asc` },
    });
  });
  after(async () => {
    await cluster?.stop();
    await bed?.stop();
    await key?.remove();
  });

  it('is installed with its own configuration', async () => {
    const { one } = bed.hosts;
    await cluster.job('install');
    expect((await one.run(['rpm', '-q', 'dse-full'])).trim()).to.equal('dse-full-5.1.40-1.noarch');
    expect(await one.run(['head', '-1', '/etc/dse/dse.yaml'])).to.match(/^# This file is managed by/);
    expect((await one.run(['systemctl', 'is-active', 'dse'])).trim()).to.equal('active');
  });
});
