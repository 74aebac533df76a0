// Jobs on a host with dnf whose database comes from packages, and so does its agent.
import { expect } from 'chai';
import { eventually } from '../support/eventually.ts';
import { firstError } from '../support/job-events.ts';
import { giveDseItsJava } from './bed/dse-java.ts';
import type { TestHost } from './bed/host.ts';
import type { PackagedCluster } from './bed/packaged-cluster.ts';
import { laterCassandra, PackagedHost } from './bed/packaged-host.ts';
import { cassandraPackage, dsePackages } from './packages/database-packages.ts';
import type { TestPackage } from './packages/package.ts';
import { stubPackage } from './packages/stub-package.ts';

const GO_ON = '/etc/go-on';
const YAML = '/etc/cassandra/conf/cassandra.yaml';

describe('Cassandra from packages, by jobs, on a host with dnf', function () {
  this.timeout(240_000);
  let packaged: PackagedHost;
  let host: TestHost;
  let cluster: PackagedCluster;

  const later = (version: string, afterInstall: string): Promise<TestPackage> =>
    laterCassandra('rpm', version, afterInstall, `# as of ${version}\n`);

  before(async () => {
    const packages = [
      await cassandraPackage('5.0.7', 'rpm'),
      await cassandraPackage('5.0.8', 'rpm'),
      await later('5.0.9', `until test -e ${GO_ON}; do sleep 0.1; done`),
      await later('5.0.10', 'rm /etc/init.d/cassandra'),
      await later('5.0.11', 'sleep 600'),
      await later('5.0.12', ':'),
      ...['5.0.9', '5.0.11', '5.0.12'].map((version) =>
        stubPackage({ name: 'cassandra-tools', version, depends: { cassandra: version } }),
      ),
      stubPackage({ name: 'other', version: '1.0' }),
    ];
    packaged = await PackagedHost.start({ kind: 'rpm', version: '5.0.7', packages, hasAgentPackage: true });
    ({ host, cluster } = packaged);
  });
  after(() => packaged?.stop());

  const pid = (): Promise<string> => packaged.pid();
  const state = async (): Promise<string> => (await host.run(['rpm', '-q', 'cassandra'])).trim();
  const release = async (): Promise<string> => (await host.run(['nodetool', 'version'])).trim();

  /** @param whom with it what it has started, or not; then it is started again */
  async function agentIsKilled(whom: 'main' | 'all'): Promise<void> {
    await host.run(['systemctl', 'kill', '--signal=KILL', `--kill-whom=${whom}`, 'ringmaster-agent']);
    await eventually(async () =>
      expect((await host.exec(['systemctl', 'is-active', 'ringmaster-agent'])).output.trim()).to.not.equal(
        'active',
      ),
    );
    await host.run(['systemctl', 'start', 'ringmaster-agent']);
  }

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

  it('is restarted', async () => {
    const before = await pid();
    await cluster.job('restart');
    expect(await pid())
      .to.match(/^\d+$/)
      .and.not.equal(before);
  });

  it('is not upgraded, and not stopped, while its package is excluded', async () => {
    const before = await pid();
    const settings = await host.run(['cat', '/etc/dnf/dnf.conf']);
    await host.put('/etc/dnf/dnf.conf', `${settings}\nexcludepkgs=cassandra\n`);
    expect(firstError(await cluster.upgrade('5.0.8', 'FAILED'))?.subtype).to.equal('package-held');
    await host.put('/etc/dnf/dnf.conf', settings);
    expect([await pid(), await state()]).to.deep.equal([before, 'cassandra-5.0.7-1.noarch']);
  });

  it('is upgraded with a snapshot before it, and has the repository no longer once it is stopped', async () => {
    const before = await pid();
    const gone = '/root/repositories';
    const events = await cluster.upgrade('5.0.8', 'COMPLETE', {
      options: { 'take-snapshot': true },
      meanwhile: async () => {
        await cluster.tells('packages-downloaded');
        await host.run(['dnf', '-y', '-q', 'install', 'other']); // after it dnf removes what it has downloaded before
        await cluster.tells('snapshot-taken');
        await host.run(['mv', '/etc/yum.repos.d', gone]);
      },
    });
    await host.run(['mv', gone, '/etc/yum.repos.d']);
    const parts = [
      'packages-downloaded',
      'snapshot-taken',
      'node-stopped',
      'packages-installed',
      'config-files-written',
      'node-started',
      'upgraded',
    ];
    const told = events.map(({ subtype }) => subtype);
    expect(told.filter((subtype) => parts.includes(subtype))).to.deep.equal(parts);
    expect([await state(), await release()]).to.deep.equal([
      'cassandra-5.0.8-1.noarch',
      'ReleaseVersion: 5.0.8',
    ]);
    expect(await pid())
      .to.match(/^\d+$/)
      .and.not.equal(before);
    expect(await host.run(['cat', YAML])).to.match(/^cluster_name: "?from packages/m);
    expect(await host.run(['ls', '/var/lib/ringmaster-agent/database/cassandra/packages'])).to.equal('');
  });

  it('changes nothing when it is upgraded again', async () => {
    const before = await pid();
    const events = await cluster.upgrade('5.0.8');
    expect(events.filter(({ changes }) => changes)).to.deep.equal([]);
    expect(await pid()).to.equal(before);
  });

  it('comes to its new version, with the configuration of that, though its agent was killed while dnf worked', async () => {
    const events = await cluster.upgrade('5.0.9', 'COMPLETE', {
      meanwhile: async () => {
        await cluster.tells('node-stopped');
        await eventually(async () => expect(await state()).to.include('5.0.9'), { withinMs: 60_000 });
        await agentIsKilled('main');
        await cluster.tells('package-lock');
        await host.put(GO_ON, '');
      },
    });
    expect(events.filter(({ subtype }) => subtype === 'node-stopped')).to.have.length(1);
    expect(await state()).to.equal('cassandra-5.0.9-1.noarch');
    expect(await host.run(['cat', YAML])).to.include('# as of 5.0.9');
    expect(await pid()).to.match(/^\d+$/);
  });

  it('is brought back by the command that is named when its new version does not start', async () => {
    const told = firstError(await cluster.upgrade('5.0.10', 'FAILED'));
    expect(told?.subtype).to.equal('service-missing');
    expect(told?.message).to.contain(
      'run `dnf downgrade cassandra-5.0.9-1` on this host (the repository has that version)',
    );
    await host.run(['dnf', '-y', '-q', 'downgrade', 'cassandra-5.0.9-1']);
    await cluster.to('5.0.9');
    await cluster.job('configure');
    expect([await state(), (await pid()) === '']).to.deep.equal(['cassandra-5.0.9-1.noarch', false]);
  });

  it('is rid of its old version where dnf was killed before it had removed that, a companion with it', async () => {
    await host.run(['dnf', '-y', '-q', 'install', 'cassandra-tools-5.0.9']);
    const events = await cluster.upgrade('5.0.11', 'COMPLETE', {
      meanwhile: async () => {
        await cluster.tells('node-stopped');
        await eventually(async () => expect(await state()).to.include('5.0.11'), { withinMs: 60_000 });
        await agentIsKilled('all');
      },
    });
    expect(events.find(({ subtype }) => subtype === 'packages-repaired')?.message).to.equal(
      'Removed what was left of cassandra 5.0.9-1',
    );
    expect([await state(), (await pid()) === '']).to.deep.equal(['cassandra-5.0.11-1.noarch', false]);
    expect(await host.run(['rpm', '-q', 'cassandra-tools'])).to.equal('cassandra-tools-5.0.11-1.noarch\n');
  });

  it('is configured from what a package has that an operator brought by hand', async () => {
    await host.run(['systemctl', 'stop', 'cassandra']);
    await host.run(['dnf', '-y', '-q', 'install', 'cassandra-5.0.12']);
    expect(await host.run(['cat', YAML])).to.not.include('5.0.12');
    await cluster.to('5.0.12');
    await cluster.job('configure');
    expect(await host.run(['cat', YAML])).to.include('# as of 5.0.12');
  });

  it('is taken over where the original wrote its files, from what their package brought, locked or not', async () => {
    const byOriginal =
      '# This file is managed by DataStax OpsCenter LifeCycle Manager.\ncluster_name: from packages\n';
    await host.put(YAML, byOriginal);
    await host.run(['rm', '--recursive', '/var/lib/ringmaster-agent/database/cassandra/pristine']);
    await host.run(['sh', '-c', `rm -f ${YAML}.rpmnew`]);
    const settings = await host.run(['cat', '/etc/dnf/dnf.conf']);
    await host.put('/etc/dnf/dnf.conf', `${settings}\nexcludepkgs=cassandra\n`);
    const events = await cluster.job('configure');
    await host.put('/etc/dnf/dnf.conf', settings);
    expect(events.map(({ subtype }) => subtype)).to.include('shipped-file-recovered');
    const [first, ...rest] = (await host.run(['cat', YAML])).split('\n');
    expect(first).to.equal(byOriginal.split('\n')[0]);
    expect(rest.join('\n')).to.contain('# as of 5.0.12');
  });
});

describe('DSE from packages, by jobs, on a host with dnf', function () {
  this.timeout(240_000);
  let packaged: PackagedHost;
  let host: TestHost;
  let cluster: PackagedCluster;

  before(async () => {
    packaged = await PackagedHost.start({
      kind: 'rpm',
      product: 'dse',
      version: '5.1.40',
      packages: [
        ...(await dsePackages('5.1.40', '4.1.7', 'rpm')),
        ...(await dsePackages('5.1.41', '4.1.7', 'rpm')),
      ],
      hasAgentPackage: true,
      prepare: giveDseItsJava,
    });
    ({ host, cluster } = packaged);
  });
  after(() => packaged?.stop());

  it('is installed with its own configuration', async () => {
    await cluster.job('install');
    expect((await host.run(['rpm', '-q', 'dse-full'])).trim()).to.equal('dse-full-5.1.40-1.noarch');
    expect(await host.run(['head', '-1', '/etc/dse/dse.yaml'])).to.match(/^# This file is managed by/);
    expect((await host.run(['systemctl', 'is-active', 'dse'])).trim()).to.equal('active');
  });

  it('is configured, and restarted', async () => {
    await cluster.set({ 'cassandra-yaml': { concurrent_reads: 17 } });
    await cluster.job('configure');
    expect(await host.run(['cat', '/etc/dse/cassandra/cassandra.yaml'])).to.match(/^concurrent_reads: 17$/m);
    const events = await cluster.job('restart');
    expect(events.map(({ subtype }) => subtype)).to.include.members(['node-drained', 'node-started']);
  });

  it('is upgraded, all of its packages together', async () => {
    await cluster.upgrade('5.1.41');
    const names = ['dse-full', 'dse', 'dse-libcassandra'];
    expect((await host.run(['rpm', '-q', ...names])).trim().split('\n')).to.deep.equal(
      names.map((name) => `${name}-5.1.41-1.noarch`),
    );
    expect((await host.run(['systemctl', 'is-active', 'dse'])).trim()).to.equal('active');
  });
});
