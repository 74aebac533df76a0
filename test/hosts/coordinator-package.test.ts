// The coordinator's packages on hosts: it serves as a user of its own, an agent's enrolment and the command line with it.
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { eventually } from '../support/eventually.ts';
import type { TestHost } from './bed/host.ts';
import type { Flavour } from './bed/image.ts';
import { type Bed, startHosts } from './bed/start-hosts.ts';
import { installAgain, installFile, ownPackage } from './packages/own-packages.ts';

const REST = 'http://127.0.0.1:8888';
const REPOSITORIES = `${REST}/api/v2/lcm/repositories/`;
const SETTINGS = '/etc/ringmaster/coordinator.yaml';

describe('the coordinator package', function () {
  this.timeout(240_000);
  let bed: Bed<'lcm' | 'rocky'>;
  let packages: string;

  before(async () => {
    bed = await startHosts({ lcm: 'deb', rocky: 'rpm' });
    packages = await bed.serve(join(bed.directory, 'packages'));
  });
  after(() => bed?.stop());

  const urlOf = async (format: Flavour, version: string): Promise<string> => {
    const into = join(bed.directory, 'packages');
    return `${packages}/${basename(await ownPackage('coordinator', { format, version, into }))}`;
  };
  const ready = (host: TestHost) =>
    eventually(async () => void (await host.run(['curl', '-fsS', `${REST}/readyz`])), { withinMs: 60_000 });
  const isActive = async (host: TestHost): Promise<boolean> =>
    (await host.exec(['systemctl', 'is-active', 'ringmaster-coordinator'])).exitCode === 0;

  /** That it serves, on a database of its own, and nothing of it runs as root. */
  const servesAsItself = async (host: TestHost): Promise<void> => {
    await ready(host);
    const users = await host.run(['ps', '-eo', 'user=,args=']);
    const own = users.split('\n').filter((line) => /dist\/coordinator\/main\.js|bin\/postgres /.test(line));
    expect(own, users).to.have.length.of.at.least(2);
    for (const line of own) expect(line).to.match(/^ringmas/);
    expect(await host.run(['stat', '-c', '%U %a', '/var/lib/ringmaster'])).to.equal('ringmaster 700\n');
    expect((await host.run(['systemctl', 'is-system-running'])).trim()).to.equal('running');
  };
  const hasPlaceForAgents = async (host: TestHost): Promise<void> => {
    const stated = await host.run(['stat', '-c', '%U %a', '/var/lib/ringmaster/agent-packages']);
    expect(stated).to.equal('ringmaster 755\n');
  };
  const makeRecord = async (host: TestHost): Promise<void> => {
    const body = JSON.stringify({ name: 'kept', 'repo-url': 'file:///nowhere/cassandra.tar.gz' });
    await host.run(['curl', '-fsS', '-d', body, REPOSITORIES]);
    await host.put(SETTINGS, 'log-level: debug\n');
  };
  const hasRecord = async (host: TestHost): Promise<void> => {
    await ready(host);
    expect(await host.run(['curl', '-fsS', REPOSITORIES])).to.include('"kept"');
    expect(await host.run(['cat', SETTINGS])).to.include('debug');
  };

  describe('on Debian', () => {
    let host: TestHost;
    before(() => {
      host = bed.hosts.lcm;
    });

    it('is serving once it is installed, on a database of its own, and nothing of it runs as root', async () => {
      await installFile(host, await urlOf('deb', '0.1.0'));
      await servesAsItself(host);
      await hasPlaceForAgents(host);
    });

    it('brings the desk and the command line', async () => {
      expect(await host.run(['curl', '-fsS', `${REST}/`])).to.include('<div id="');
      await host.run(['ringmaster', 'job', 'list']);
    });

    it('keeps what it manages, and the settings of the operator, when it is upgraded', async () => {
      await makeRecord(host);
      await installFile(host, await urlOf('deb', '0.1.1'));
      await hasRecord(host);
    });

    it('stays off when the operator has stopped it before an upgrade', async () => {
      await host.run(['systemctl', 'stop', 'ringmaster-coordinator']);
      await installAgain(host, await urlOf('deb', '0.1.1'));
      expect(await isActive(host)).to.equal(false);
    });

    it('keeps its database when it is removed, and leaves nothing when it is purged', async () => {
      await host.run(['systemctl', 'start', 'ringmaster-coordinator']);
      await ready(host);
      await host.run(['apt-get', '-y', '-q', 'remove', 'ringmaster-coordinator']);
      expect((await host.exec(['pgrep', '-u', 'ringmaster'])).exitCode).to.equal(1);
      await host.run(['test', '-e', '/var/lib/ringmaster/master.key']);
      await host.put('/etc/ringmaster/coordinator.env', 'RINGMASTER_MASTER_KEY=secret\n', 0o600);
      await host.run(['apt-get', '-y', '-q', 'purge', 'ringmaster-coordinator']);
      const left = ['/var/lib/ringmaster', '/etc/ringmaster', '/usr/lib/ringmaster-coordinator'];
      expect((await host.exec(['ls', '-d', ...left])).output).to.not.match(/^\//m);
      expect((await host.exec(['getent', 'passwd', 'ringmaster'])).exitCode).to.not.equal(0);
    });
  });

  describe('on an RPM host', () => {
    let host: TestHost;
    before(() => {
      host = bed.hosts.rocky;
    });

    it('is left to the operator to start, and then serves as a user of its own', async () => {
      await installFile(host, await urlOf('rpm', '0.1.0'));
      expect(await isActive(host)).to.equal(false);
      await hasPlaceForAgents(host);
      await host.run(['systemctl', 'enable', '--now', 'ringmaster-coordinator']);
      await servesAsItself(host);
      await host.run(['ringmaster', 'job', 'list']);
    });

    it('keeps what it manages, and the settings of the operator, when it is installed anew', async () => {
      await makeRecord(host);
      const before = await host.run(['pgrep', '-u', 'ringmaster', 'postgres', '--oldest']);
      await installAgain(host, await urlOf('rpm', '0.1.0'));
      await hasRecord(host);
      expect(await host.run(['pgrep', '-u', 'ringmaster', 'postgres', '--oldest'])).to.not.equal(before);
    });

    it('keeps its database and changed settings when it is removed, and has both when it is back', async () => {
      await host.run(['dnf', '-y', 'remove', 'ringmaster-coordinator']);
      expect((await host.exec(['pgrep', '-u', 'ringmaster'])).exitCode).to.equal(1);
      expect(await host.run(['cat', `${SETTINGS}.rpmsave`])).to.include('debug');
      expect((await host.run(['systemctl', 'is-system-running'])).trim()).to.equal('running');
      await installFile(host, await urlOf('rpm', '0.1.0'));
      await host.run(['mv', `${SETTINGS}.rpmsave`, SETTINGS]);
      await host.run(['systemctl', 'start', 'ringmaster-coordinator']);
      await hasRecord(host);
    });
  });
});
