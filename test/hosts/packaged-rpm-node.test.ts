// Jobs on a host with dnf whose database comes from packages.
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { eventually } from '../support/eventually.ts';
import type { JobEvent } from '../support/job-events.ts';
import { AGENT_FILES } from './bed/agents.ts';
import { giveDseItsJava } from './bed/dse-java.ts';
import type { TestHost } from './bed/host.ts';
import { PackagedCluster } from './bed/packaged-cluster.ts';
import { type Bed, startHosts } from './bed/start-hosts.ts';
import { cassandraPackage, dsePackages } from './packages/database-packages.ts';
import type { TestPackage } from './packages/package.ts';
import { Repository } from './packages/repository.ts';
import { SigningKey } from './packages/signing-key.ts';
import { stubPackage } from './packages/stub-package.ts';

const GO_ON = '/etc/go-on';
const YAML = '/etc/cassandra/conf/cassandra.yaml';

describe('Cassandra from packages, by jobs, on a host with dnf', function () {
  this.timeout(240_000);
  let bed: Bed<'one'>;
  let host: TestHost;
  let key: SigningKey;
  let cluster: PackagedCluster;

  /** The files of 5.0.8 as a later version, with a script of its own, and its version in cassandra.yaml. */
  async function later(version: string, afterInstall: string): Promise<TestPackage> {
    const made = await cassandraPackage('5.0.8', 'rpm');
    return {
      ...made,
      version,
      async fill(root) {
        await made.fill(root);
        await appendFile(join(root, '/etc/cassandra/default.conf/cassandra.yaml'), `# as of ${version}\n`);
      },
      scripts: { ...made.scripts, afterInstall: `${made.scripts.afterInstall}\n${afterInstall}` },
    };
  }

  before(async () => {
    bed = await startHosts({ one: 'rpm' }, AGENT_FILES);
    host = bed.hosts.one;
    key = await SigningKey.make();
    const packages = [
      await cassandraPackage('5.0.7', 'rpm'),
      await cassandraPackage('5.0.8', 'rpm'),
      await later('5.0.9', `until test -e ${GO_ON}; do sleep 0.1; done`),
      await later('5.0.10', 'rm /etc/init.d/cassandra'),
      await later('5.0.11', 'sleep 600'),
      await later('5.0.12', ':'),
      stubPackage({ name: 'other', version: '1.0' }),
    ];
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
  const state = async (): Promise<string> => (await host.run(['rpm', '-q', 'cassandra'])).trim();
  const release = async (): Promise<string> => (await host.run(['nodetool', 'version'])).trim();
  const failure = (events: readonly JobEvent[]): JobEvent | undefined =>
    events.find(({ type }) => type === 'error');

  /** @param whom with it what it has started, or not; then it is started again */
  async function agentIsKilled(whom: 'main' | 'all'): Promise<void> {
    await host.run(['systemctl', 'kill', '--signal=KILL', `--kill-whom=${whom}`, 'ringmaster-agent']);
    await eventually(async () =>
      expect((await host.exec(['systemctl', 'is-active', 'ringmaster-agent'])).output.trim()).to.equal(
        'failed',
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
    expect(failure(await cluster.upgrade('5.0.8', 'FAILED'))?.subtype).to.equal('package-held');
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
    expect(await host.run(['ls', '/var/lib/ringmaster/cassandra/packages'])).to.equal('');
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
    const told = failure(await cluster.upgrade('5.0.10', 'FAILED'));
    expect(told?.subtype).to.equal('service-missing');
    expect(told?.message).to.contain(
      'run `dnf downgrade cassandra-5.0.9-1` on this host (the repository has that version)',
    );
    await host.run(['dnf', '-y', '-q', 'downgrade', 'cassandra-5.0.9-1']);
    await cluster.to('5.0.9');
    await cluster.job('configure');
    expect([await state(), (await pid()) === '']).to.deep.equal(['cassandra-5.0.9-1.noarch', false]);
  });

  it('is rid of its old version where dnf was killed before it had removed that', async () => {
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
  });

  it('is configured from what a package has that an operator brought by hand', async () => {
    await host.run(['systemctl', 'stop', 'cassandra']);
    await host.run(['dnf', '-y', '-q', 'install', 'cassandra-5.0.12']);
    expect(await host.run(['cat', YAML])).to.not.include('5.0.12');
    await cluster.to('5.0.12');
    await cluster.job('configure');
    expect(await host.run(['cat', YAML])).to.include('# as of 5.0.12');
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
    const packages = [
      ...(await dsePackages('5.1.40', '4.1.7', 'rpm')),
      ...(await dsePackages('5.1.41', '4.1.7', 'rpm')),
    ];
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

  it('is upgraded, all of its packages together', async () => {
    const { one } = bed.hosts;
    await cluster.upgrade('5.1.41');
    const names = ['dse-full', 'dse', 'dse-libcassandra'];
    expect((await one.run(['rpm', '-q', ...names])).trim().split('\n')).to.deep.equal(
      names.map((name) => `${name}-5.1.41-1.noarch`),
    );
    expect((await one.run(['systemctl', 'is-active', 'dse'])).trim()).to.equal('active');
  });
});
