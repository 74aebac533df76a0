// The coordinator's package on a host: it serves as a user of its own, an agent's enrolment and the command line with it.
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { eventually } from '../support/eventually.ts';
import type { TestHost } from './bed/host.ts';
import { type Bed, startHosts } from './bed/start-hosts.ts';
import { installFile, ownPackage } from './packages/own-packages.ts';

const REST = 'http://127.0.0.1:8888';

describe('the coordinator package', function () {
  this.timeout(240_000);
  let bed: Bed<'lcm'>;
  let host: TestHost;
  let packages: string;

  before(async () => {
    bed = await startHosts({ lcm: 'deb' });
    host = bed.hosts.lcm;
    packages = await bed.serve(join(bed.directory, 'packages'));
  });
  after(() => bed?.stop());

  const install = async (version: string): Promise<void> => {
    const into = join(bed.directory, 'packages');
    const path = await ownPackage('coordinator', { format: 'deb', version, into });
    await installFile(host, `${packages}/${basename(path)}`);
  };
  const ready = () =>
    eventually(async () => void (await host.run(['curl', '-fsS', `${REST}/readyz`])), { withinMs: 60_000 });

  it('is serving once it is installed, on a database of its own, and nothing of it runs as root', async () => {
    await install('0.1.0');
    await ready();
    const users = await host.run(['ps', '-eo', 'user=,args=']);
    const own = users.split('\n').filter((line) => /dist\/coordinator\/main\.js|bin\/postgres /.test(line));
    expect(own, users).to.have.length.of.at.least(2);
    for (const line of own) expect(line).to.match(/^ringmas/);
    expect(await host.run(['stat', '-c', '%U %a', '/var/lib/ringmaster'])).to.equal('ringmaster 700\n');
    expect((await host.run(['systemctl', 'is-system-running'])).trim()).to.equal('running');
  });

  it('brings the desk and the command line', async () => {
    expect(await host.run(['curl', '-fsS', `${REST}/`])).to.include('<div id="');
    await host.run(['ringmaster', 'job', 'list']);
  });

  it('keeps what it manages, and the settings of the operator, when it is upgraded', async () => {
    const body = JSON.stringify({ name: 'kept', 'repo-url': 'file:///nowhere/cassandra.tar.gz' });
    const repositories = `${REST}/api/v2/lcm/repositories/`;
    await host.run(['curl', '-fsS', '-d', body, repositories]);
    await host.put('/etc/ringmaster/coordinator.yaml', 'data-dir: /var/lib/ringmaster\nlog-level: debug\n');
    await install('0.1.1');
    await ready();
    expect(await host.run(['curl', '-fsS', repositories])).to.include('"kept"');
    expect(await host.run(['cat', '/etc/ringmaster/coordinator.yaml'])).to.include('debug');
  });

  it('stays off when the operator has stopped it before an upgrade', async () => {
    await host.run(['systemctl', 'stop', 'ringmaster-coordinator']);
    await install('0.1.2');
    expect((await host.exec(['systemctl', 'is-active', 'ringmaster-coordinator'])).exitCode).to.not.equal(0);
    await host.run(['systemctl', 'start', 'ringmaster-coordinator']);
    await ready();
  });

  it('keeps its database when it is removed, and leaves nothing when it is purged', async () => {
    await host.run(['apt-get', '-y', '-q', 'remove', 'ringmaster-coordinator']);
    expect((await host.exec(['pgrep', '-u', 'ringmaster'])).exitCode).to.equal(1);
    await host.run(['test', '-e', '/var/lib/ringmaster/master.key']);
    await host.run(['apt-get', '-y', '-q', 'purge', 'ringmaster-coordinator']);
    const left = ['/var/lib/ringmaster', '/etc/ringmaster', '/usr/lib/ringmaster-coordinator'];
    expect((await host.exec(['ls', '-d', ...left])).output).to.not.match(/^\//m);
    expect((await host.exec(['getent', 'passwd', 'ringmaster'])).exitCode).to.not.equal(0);
  });
});
