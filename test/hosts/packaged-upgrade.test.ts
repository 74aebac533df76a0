// Upgrades by apt on a host: the whole way with two series of the database, an agent killed in the middle, and packages that fail.
import { expect } from 'chai';
import { eventually } from '../support/eventually.ts';
import { firstError } from '../support/job-events.ts';
import type { TestHost } from './bed/host.ts';
import type { PackagedCluster } from './bed/packaged-cluster.ts';
import { laterCassandra, PackagedHost } from './bed/packaged-host.ts';
import { cassandraPackage } from './packages/database-packages.ts';
import type { TestPackage } from './packages/package.ts';
import { stubPackage } from './packages/stub-package.ts';

const GO_ON = '/etc/go-on';
const MAY_BE_CONFIGURED = '/etc/may-be-configured';
const YAML = '/etc/cassandra/cassandra.yaml';

describe('upgrading Cassandra from packages, by jobs', function () {
  this.timeout(240_000);
  let packaged: PackagedHost;
  let host: TestHost;
  let cluster: PackagedCluster;

  /** Like Apache's, of use with one version alone. */
  const tools = (version: string): TestPackage =>
    stubPackage({ name: 'cassandra-tools', version, depends: { cassandra: version } });

  before(async () => {
    const packages = [
      await cassandraPackage('4.1.7', 'deb'),
      await cassandraPackage('5.0.7', 'deb'),
      await cassandraPackage('5.0.8', 'deb'),
      tools('5.0.7'),
      tools('5.0.8'),
      await laterCassandra('deb', '5.0.9', `until test -e ${GO_ON}; do sleep 0.1; done`),
      await laterCassandra(
        'deb',
        '5.0.10',
        `test -e ${MAY_BE_CONFIGURED} || { echo "the disk is on fire"; exit 7; }`,
      ),
      await laterCassandra('deb', '5.0.11', ':', '# as of 5.0.11\n'),
    ];
    packaged = await PackagedHost.start({ kind: 'deb', version: '4.1.7', packages });
    ({ host, cluster } = packaged);
    await cluster.job('install');
  });
  after(() => packaged?.stop());

  const pid = (): Promise<string> => packaged.pid();
  const state = (name = 'cassandra'): Promise<string> =>
    host.run(['dpkg-query', '-W', '-f', '$' + '{db:Status-Abbrev}$' + '{Version}', name]);
  const release = async (): Promise<string> => (await host.run(['nodetool', 'version'])).trim();

  it('brings the next series, with a snapshot before it and the sstables in its format after it', async () => {
    const found = 'find /var/lib/cassandra/data/system* -ignore_readdir_race -maxdepth 2 -name "*-Data.db"';
    const sstables = () => host.run(['sh', '-c', found]);
    await host.run(['nodetool', 'flush']);
    expect(await sstables())
      .to.match(/\/nb-\d+-big/)
      .and.not.match(/\/oa-/);
    const events = await cluster.upgrade('5.0.7', 'COMPLETE', {
      options: { 'upgrade-sstables': true },
      yaml: { storage_compatibility_mode: 'NONE' },
    });
    expect([await release(), await state()]).to.deep.equal(['ReleaseVersion: 5.0.7', 'ii 5.0.7']);
    const order = events.map(({ subtype }) => subtype);
    const parts = ['snapshot-taken', 'node-stopped', 'packages-installed', 'upgraded', 'sstables-upgraded'];
    expect(order.filter((subtype) => parts.includes(subtype))).to.deep.equal(parts);
    expect(await sstables())
      .to.match(/\/oa-/)
      .and.not.match(/\/nb-/);
    const taken = events.find(({ subtype }) => subtype === 'snapshot-taken');
    const [, clear = ''] = /`([^`]+)`/.exec(taken?.message ?? '') ?? [];
    const snapshots = () => host.run(['nodetool', 'listsnapshots']);
    const ours = /upgrade-4\.1\.7-5\.0\.7-\d+/; // Cassandra's own, of its system tables, ends before that number
    expect(await snapshots()).to.match(ours);
    await host.run(['sh', '-c', clear]); // as the event says
    expect(await snapshots()).to.not.match(ours);
    await cluster.job('configure');
  });

  it('refuses what is held, and leaves the node running', async () => {
    const before = await pid();
    await host.run(['apt-mark', 'hold', 'cassandra']);
    const told = firstError(await cluster.upgrade('5.0.8', 'FAILED'));
    expect([told?.subtype, told?.message]).to.deep.equal([
      'package-held',
      'Held on this host: cassandra. `apt-mark unhold cassandra` allows the upgrade to 5.0.8; nothing was stopped',
    ]);
    await host.run(['apt-mark', 'unhold', 'cassandra']);
    expect([await pid(), await state()]).to.deep.equal([before, 'ii 5.0.7']);
  });

  it('brings the next version with its own configuration, and a snapshot before it', async () => {
    expect(await release()).to.equal('ReleaseVersion: 5.0.7');
    await host.run(['apt-get', '--yes', '-q', 'install', 'cassandra-tools=5.0.7']);
    const before = await pid();
    const events = await cluster.upgrade('5.0.8', 'COMPLETE', { options: { 'take-snapshot': true } });
    expect([await release(), await state()]).to.deep.equal(['ReleaseVersion: 5.0.8', 'ii 5.0.8']);
    expect(await state('cassandra-tools')).to.equal('ii 5.0.8');
    await host.run(['apt-get', '--yes', '-q', 'purge', 'cassandra-tools']); // the later versions have none
    expect(await pid())
      .to.match(/^\d+$/)
      .and.not.equal(before);
    const order = events.map(({ subtype }) => subtype);
    const parts = [
      'packages-downloaded',
      'snapshot-taken',
      'node-stopped',
      'packages-installed',
      'config-files-written',
      'node-started',
      'upgraded',
    ];
    expect(order.filter((subtype) => parts.includes(subtype))).to.deep.equal(parts);
    expect(order).to.not.include('service-stopped'); // as when the packages had started it
    expect(await host.run(['cat', YAML])).to.match(/^cluster_name: "?from packages/m);
    expect(await host.run(['nodetool', 'listsnapshots'])).to.match(/upgrade-5\.0\.7-5\.0\.8-\d+/);
    expect((await host.run(['systemctl', 'is-active', 'cassandra'])).trim()).to.equal('active');
  });

  it('changes nothing the second time', async () => {
    const before = await pid();
    const events = await cluster.upgrade('5.0.8');
    expect(events.filter(({ changes }) => changes)).to.deep.equal([]);
    expect(await pid()).to.equal(before);
  });

  it('goes on where an agent was killed while dpkg worked', async () => {
    const events = await cluster.upgrade('5.0.9', 'COMPLETE', {
      meanwhile: async () => {
        await eventually(async () => expect(await state()).to.match(/^i[UF] 5\.0\.9$/), {
          withinMs: 120_000,
        });
        await host.run(['systemctl', 'kill', '--signal=KILL', '--kill-whom=main', 'ringmaster-agent']);
        await eventually(async () =>
          expect((await host.exec(['systemctl', 'is-active', 'ringmaster-agent'])).output.trim()).to.equal(
            'failed',
          ),
        );
        await host.run(['systemctl', 'start', 'ringmaster-agent']);
        await cluster.tells('package-lock');
        await host.put(GO_ON, '');
      },
    });
    expect(events.filter(({ subtype }) => subtype === 'node-stopped')).to.have.length(1);
    expect(await state()).to.equal('ii 5.0.9');
    expect(await pid()).to.match(/^\d+$/);
    expect((await host.run(['systemctl', 'is-enabled', 'cassandra'])).trim()).to.not.match(/masked/);
  });

  it('says how to go back when a package fails, and comes to its end once it can', async () => {
    const told = firstError(await cluster.upgrade('5.0.10', 'FAILED'));
    expect(told?.subtype).to.equal('packages-failed');
    expect(told?.message).to.contain(
      'run `apt-get install --allow-downgrades cassandra=5.0.9` on this host (the repository has that version)',
    );
    expect(await state()).to.equal('iF 5.0.10');
    await host.put(MAY_BE_CONFIGURED, '');
    const events = await cluster.upgrade('5.0.10');
    expect(events.find(({ subtype }) => subtype === 'upgraded')?.message).to.equal(
      'Upgraded from 5.0.9 to 5.0.10',
    );
    expect([await state(), (await pid()) === '']).to.deep.equal(['ii 5.0.10', false]);
  });

  it('goes back by the command that a failure names', async () => {
    await host.run(['systemctl', 'stop', 'cassandra']);
    await host.run(['apt-get', '--yes', '-q', 'install', '--allow-downgrades', 'cassandra=5.0.9']);
    await cluster.to('5.0.9');
    await cluster.job('configure');
    expect([await state(), (await pid()) === '']).to.deep.equal(['ii 5.0.9', false]);
  });

  it('renders from what a package has that an operator brought by hand', async () => {
    const ours = await host.run(['cat', YAML]);
    await host.run(['systemctl', 'stop', 'cassandra']);
    await host.run([
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
      '--yes',
      '--option=Dpkg::Options::=--force-confold',
      'install',
      'cassandra=5.0.11',
    ]);
    await cluster.to('5.0.11');
    expect(await host.run(['cat', YAML])).to.equal(ours);
    await host.run(['mv', `${YAML}.dpkg-dist`, '/root/dist']);
    // while nothing can be downloaded
    const lists = '/etc/apt/sources.list.d';
    await host.run(['mv', lists, '/root/lists']);
    await host.run(['mkdir', lists]);
    await host.run(['sh', '-c', 'rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb']);
    const told = firstError(await cluster.job('configure', 'FAILED'));
    expect([told?.subtype, told?.resource]).to.deep.equal(['config-file-not-kept', YAML]);
    await host.run(['rm', '--recursive', lists]);
    await host.run(['mv', '/root/lists', lists]);
    await host.run(['apt-get', '-q', 'update']);
    // as the failure says
    const [, command = ''] = /`([^`]+)`/.exec(told?.message ?? '') ?? [];
    await host.run(['rm', YAML]);
    await host.run(['sh', '-c', `DEBIAN_FRONTEND=noninteractive ${command} --yes`]);
    await cluster.job('configure');
    expect(await host.run(['cat', YAML]))
      .to.contain('# as of 5.0.11')
      .and.match(/^cluster_name: "?from packages/m);
  });

  it('takes over a host whose files the original wrote, from what their package brought', async () => {
    const byOriginal =
      '# This file is managed by DataStax OpsCenter LifeCycle Manager.\ncluster_name: from packages\n';
    await host.put(YAML, byOriginal);
    await host.run(['rm', '--recursive', '/var/lib/ringmaster-agent/database/cassandra/pristine']);
    const events = await cluster.job('configure');
    expect(events.map(({ subtype }) => subtype)).to.include('shipped-file-recovered');
    const [first, ...rest] = (await host.run(['cat', YAML])).split('\n');
    expect(first).to.equal(byOriginal.split('\n')[0]);
    expect(rest.join('\n')).to.contain('# as of 5.0.11');
  });
});
