// Jobs on a host whose database comes from packages: a bare one, one that runs, and one that somebody has been at.
import { expect } from 'chai';
import { eventually } from '../support/eventually.ts';
import type { TestHost } from './bed/host.ts';
import type { PackagedCluster } from './bed/packaged-cluster.ts';
import { PackagedHost } from './bed/packaged-host.ts';
import { cassandraPackage } from './packages/database-packages.ts';

const subtypes = (events: readonly { subtype: string; changes: boolean }[]): string[] =>
  events.filter(({ changes }) => changes).map(({ subtype }) => subtype);

describe('Cassandra from packages, by jobs', function () {
  this.timeout(240_000);
  let packaged: PackagedHost;
  let host: TestHost;
  let cluster: PackagedCluster;

  before(async () => {
    const packages = [await cassandraPackage('5.0.8', 'deb')];
    packaged = await PackagedHost.start({ kind: 'deb', version: '5.0.8', packages });
    ({ host, cluster } = packaged);
  });
  after(() => packaged?.stop());

  const pid = (): Promise<string> => packaged.pid();
  const killed = async (): Promise<void> => {
    await host.run(['pkill', '-KILL', '-u', 'cassandra', 'java']);
    await eventually(async () => expect(await pid()).to.equal(''));
  };

  it('stays down over a boot of the host where its configuration is refused', async () => {
    await cluster.set({ 'cassandra-yaml': { concurrent_reads: 1 } });
    const error = (await cluster.job('install', 'FAILED')).find(({ type }) => type === 'error');
    expect(error?.subtype).to.equal('config-refused');
    expect(error?.message).to.contain('The service cassandra is held down until a job has written');
    await host.stop();
    await host.boot();
    await host.run(['systemctl', 'start', 'cassandra']);
    expect(await host.run(['systemctl', 'show', '--property=ActiveState', 'cassandra'])).to.equal(
      'ActiveState=inactive\n',
    );
    expect([await pid(), await host.run(['ls', '/var/lib/cassandra'])]).to.deep.equal(['', '']);
    await host.run(['systemctl', 'start', 'ringmaster-agent']);
    await cluster.set({ 'cassandra-yaml': { concurrent_reads: 32 } });
  });

  it('is installed on a bare host, and starts with its own configuration alone', async () => {
    await cluster.job('install');
    expect(await host.run(['cat', '/etc/apt/sources.list.d/opsc.list'])).to.match(
      /^deb \[signed-by=\/etc\/apt\/keyrings\/opsc\.asc\] http:\S+ \.\/\n$/,
    );
    expect(await host.run(['dpkg-query', '-W', '-f', '$' + '{Version}', 'cassandra'])).to.equal('5.0.8');
    expect(await host.run(['nodetool', 'info'])).to.include('Native Transport active: true');
    expect((await host.run(['systemctl', 'is-active', 'cassandra'])).trim()).to.equal('active');
    expect(await host.run(['systemctl', 'show', '--property=DropInPaths', 'cassandra'])).to.equal(
      'DropInPaths=\n',
    );
    expect(await host.run(['cat', '/var/log/cassandra/system.log'])).to.not.include('Test Cluster');
    expect(await host.run(['stat', '-c', '%U:%G %a', '/etc/cassandra/cassandra.yaml'])).to.equal(
      'root:root 644\n',
    );
    expect(await host.run(['cat', '/etc/cassandra/cassandra.yaml'])).to.match(
      /^cluster_name: "?from packages/m,
    );
    const { body } = await cluster.coordinator.call('GET', 'nodes/');
    expect(body.results[0].facts['run-context']).to.deep.equal({
      'install-options': { 'install-type': 'package', 'install-directory': '/usr/share/cassandra' },
    });
  });

  it('changes nothing when it is installed again', async () => {
    const before = await pid();
    expect(subtypes(await cluster.job('install'))).to.deep.equal([]);
    expect(await pid()).to.equal(before);
  });

  it('is configured and restarted, with what was edited by hand shown', async () => {
    const before = await pid();
    const yaml = await host.run(['cat', '/etc/cassandra/cassandra.yaml']);
    await host.put('/etc/cassandra/cassandra.yaml', `${yaml}by_hand: 1\n`);
    await host.run(['chgrp', 'cassandra', '/etc/cassandra/cassandra.yaml']);
    await host.run(['chmod', '640', '/etc/cassandra/cassandra.yaml']);
    await cluster.set({ 'cassandra-yaml': { concurrent_reads: 17 } });
    const events = await cluster.job('configure');
    expect(events.map(({ message }) => message)).to.include('cassandra 5.0.8 takes it');
    const [written] = events.filter(({ subtype, changes }) => subtype === 'file-contents' && changes);
    expect(written?.resource).to.equal('/etc/cassandra/cassandra.yaml');
    expect(String(written?.after['diff']))
      .to.match(/^-by_hand: 1$/m)
      .and.match(/^\+concurrent_reads: 17$/m);
    expect(await host.run(['stat', '-c', '%U:%G %a', '/etc/cassandra/cassandra.yaml'])).to.equal(
      'root:cassandra 640\n',
    );
    expect(await pid()).to.not.equal(before);
  });

  it('is left as it is where its own version does not take what is to be written', async () => {
    const places = ['/var/lib/cassandra', '/var/log/cassandra'];
    const state = async () => [
      await pid(),
      await host.run(['stat', '-c', '%n %z', '/etc/cassandra/cassandra.yaml']),
      await host.run([
        'find',
        '/var/lib/cassandra',
        '/tmp',
        '-ignore_readdir_race',
        '-name',
        '*-test*',
        '-o',
        '-name',
        'ringmaster-*',
      ]),
      await host.run(['find', ...places, '-ignore_readdir_race', '!', '-user', 'cassandra']),
    ];
    const before = await state();
    await cluster.set({ 'cassandra-yaml': { authenticator: 'NoSuchAuthenticator' } });
    const error = (await cluster.job('configure', 'FAILED')).find(({ type }) => type === 'error');
    expect(error?.subtype).to.equal('config-refused');
    expect(error?.message).to.contain('Unable to find class NoSuchAuthenticator');
    expect(await state()).to.deep.equal(before);
    await cluster.set({ 'cassandra-yaml': { authenticator: 'AllowAllAuthenticator' } });
  });

  it('is not stopped by a restart with a file that somebody has made such that it does not start', async () => {
    const before = await pid();
    const yaml = '/etc/cassandra/cassandra.yaml';
    await host.run(['sh', '-c', `echo 'no_such_key: 1' >> ${yaml}`]);
    const error = (await cluster.job('restart', 'FAILED')).find(({ type }) => type === 'error');
    expect(error).to.include({ subtype: 'config-refused', resource: yaml });
    expect(error?.message).to.contain('Please remove properties [no_such_key]');
    expect(await pid()).to.equal(before);
    await host.run(['sed', '-i', '$d', yaml]);
  });

  it('is not stopped with a file that its user may not read, though the agent may', async () => {
    const before = await pid();
    const yaml = '/etc/cassandra/cassandra.yaml';
    const refused = async (type: 'restart' | 'configure'): Promise<void> => {
      const error = (await cluster.job(type, 'FAILED')).find((event) => event.type === 'error');
      expect(error, type).to.include({ subtype: 'config-unreadable', resource: yaml });
      expect(error?.message).to.contain('may not be read by user cassandra');
      expect(await pid()).to.equal(before);
    };
    await host.run(['chmod', '600', yaml]);
    for (const type of ['restart', 'configure'] as const) await refused(type);
    await host.run(['chmod', '640', yaml]);
    await host.run(['mv', yaml, '/root/cassandra.yaml']);
    await host.run(['ln', '-s', '/root/cassandra.yaml', yaml]);
    await refused('restart');
    await host.run(['mv', '/root/cassandra.yaml', yaml]);
    // by which no file is changed
    await host.run(['chmod', '700', '/etc/cassandra']);
    await refused('restart');
    await host.run(['chmod', '755', '/etc/cassandra']);
  });

  it('is restarted though its service says that it runs', async () => {
    await killed();
    expect((await host.run(['systemctl', 'is-active', 'cassandra'])).trim()).to.equal('active');
    await cluster.job('restart');
    expect(await pid()).to.match(/^\d+$/);
  });

  it('is told as not started by systemd, with what the service said', async () => {
    const dropIn = '/etc/systemd/system/cassandra.service.d/broken.conf';
    await host.run(['systemctl', 'stop', 'cassandra']);
    await host.put(
      dropIn,
      '[Service]\nExecStartPre=/bin/sh -c "echo the volume is not mounted >&2; exit 3"\n',
    );
    await host.run(['systemctl', 'daemon-reload']);
    const error = (await cluster.job('restart', 'FAILED')).find(({ type }) => type === 'error');
    expect(error?.subtype).to.equal('node-died');
    expect(error?.message).to.contain(
      'systemd did not start cassandra.service (exit-code, status 3): the volume is not mounted. `journalctl -u',
    );
    await host.run(['rm', dropIn]);
    await host.run(['systemctl', 'daemon-reload']);
  });

  it('is started though its service failed too often for systemd', async () => {
    const limit = '[Unit]\nStartLimitIntervalSec=1h\nStartLimitBurst=2\n';
    const fails = '[Service]\nExecStartPre=/bin/sh -c "! test -e /etc/broken"\n';
    const dropIn = '/etc/systemd/system/cassandra.service.d/broken.conf';
    await host.run(['systemctl', 'stop', 'cassandra']);
    await host.put('/etc/broken', '');
    await host.put(dropIn, limit + fails);
    await host.run(['systemctl', 'daemon-reload']);
    const start = async () => (await host.exec(['systemctl', 'start', 'cassandra'])).exitCode;
    for (let tries = 0; tries < 3; tries += 1) expect(await start()).to.not.equal(0);
    await host.run(['rm', '/etc/broken']);
    expect(await start(), 'refused, though it could start').to.not.equal(0);
    const events = await cluster.job('restart');
    expect(subtypes(events)).to.include('service-reset');
    expect(await pid()).to.match(/^\d+$/);
    await host.run(['rm', dropIn]);
    await host.run(['systemctl', 'daemon-reload']);
    expect(subtypes(await cluster.job('restart'))).to.not.include('service-reset');
  });

  it('is not stopped when its service could not be started again', async () => {
    const before = await pid();
    for (const until of [[], ['--runtime']]) {
      await host.run(['systemctl', 'mask', ...until, 'cassandra']);
      const events = await cluster.job('restart', 'FAILED');
      const error = events.find(({ type }) => type === 'error');
      expect(error?.subtype).to.equal('service-masked');
      const unmask = /`(systemctl unmask [^`]+)`/.exec(error?.message ?? '')?.[1] ?? 'false';
      await host.run(['sh', '-c', unmask]);
      expect(await host.run(['systemctl', 'is-enabled', 'cassandra'])).to.not.match(/masked/);
    }
    expect(await pid()).to.equal(before);
  });

  it('is not stopped when there is no Java any more to start it again', async () => {
    const before = await pid();
    // by which the node was started: the last of the links to it stays, and leads nowhere
    const real = (await host.run(['readlink', '-f', '/usr/bin/java'])).trim();
    expect(real).to.not.equal('/usr/bin/java');
    await host.run(['mv', real, `${real}.gone`]);
    const error = (await cluster.job('restart', 'FAILED')).find(({ type }) => type === 'error');
    expect(error).to.include({ subtype: 'java-missing', resource: '/usr/bin/java' });
    await host.run(['mv', `${real}.gone`, real]);
    expect(await pid()).to.equal(before);
  });
});
