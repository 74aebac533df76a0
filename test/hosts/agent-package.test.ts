// The agent's packages on hosts: installed, enrolled, upgraded in the middle of a job, removed, and what is left of them.
import { basename, dirname, join } from 'node:path';
import { expect } from 'chai';
import {
  CASSANDRA_VERSION,
  makeCassandraTarball,
  tarballCacheDirectory,
} from '../../coordinator/cli/quickstart/cassandra-tarball.ts';
import { modelRing, type Ring } from '../../coordinator/cli/quickstart/ring-model.ts';
import { RestClient } from '../../coordinator/cli/rest-client.ts';
import { startTestCoordinator, type TestCoordinator } from '../support/coordinator.ts';
import { eventually } from '../support/eventually.ts';
import { becomes, subtypesOf } from '../support/jobs.ts';
import type { TestHost } from './bed/host.ts';
import type { Flavour } from './bed/image.ts';
import { type Bed, startHosts } from './bed/start-hosts.ts';
import { installFile, ownPackage } from './packages/own-packages.ts';

const DIRECTORY = '/srv/database';
const NODE = `${DIRECTORY}/node1`;

describe('agent packages', function () {
  this.timeout(240_000);
  let bed: Bed<'debian' | 'rocky'>;
  let coordinator: TestCoordinator;
  let served: { packages: string; tarball: string };
  const rings = new Map<Flavour, Ring>();

  before(async () => {
    bed = await startHosts({ debian: 'deb', rocky: 'rpm' });
    coordinator = await startTestCoordinator({
      RINGMASTER_GRPC_HOST: bed.address,
      RINGMASTER_AGENT_ADDRESSES: bed.address,
    });
    const { path } = await makeCassandraTarball({
      version: CASSANDRA_VERSION,
      cacheDirectory: tarballCacheDirectory(),
      log: () => {},
    });
    served = {
      packages: await bed.serve(join(bed.directory, 'packages')),
      tarball: `${await bed.serve(dirname(path))}/${basename(path)}`,
    };
    for (const [flavour, host] of [['deb', bed.hosts.debian] as const, ['rpm', bed.hosts.rocky] as const]) {
      const ring = await modelRing(new RestClient(`${coordinator.restUrl}/api/v1/lcm`), {
        name: flavour,
        tarballUrl: served.tarball,
        version: CASSANDRA_VERSION,
        directory: DIRECTORY,
        addresses: [host.address],
        jmxPorts: [7199],
      });
      rings.set(flavour, ring);
    }
  });
  after(async () => {
    await coordinator?.remove();
    await bed?.stop();
  });

  const install = async (host: TestHost, format: Flavour, version: string): Promise<void> => {
    const into = join(bed.directory, 'packages');
    const path = await ownPackage('agent', { format, version, into });
    await installFile(host, `${served.packages}/${basename(path)}`);
  };
  const enrolAndStart = async (host: TestHost, flavour: Flavour): Promise<void> => {
    const node = rings.get(flavour)?.nodes[0];
    const { body } = await coordinator.call('POST', `nodes/${node?.id}/enrolment`);
    const said = await host.run(['ringmaster-agent', 'enrol'], { input: body.bundle });
    expect(said).to.match(
      /^Enrolled as node \S+, kept in \/var\/lib\/ringmaster-agent\. Next: systemctl enable --now ringmaster-agent$/m,
    );
    await host.run(['systemctl', 'start', 'ringmaster-agent']);
    await eventually(async () => void (await host.run(['ringmaster-agent', 'status'])));
  };
  const status = (host: TestHost) => host.exec(['ringmaster-agent', 'status']);
  /** A node that was started is a launcher for a moment, and only then a JVM. */
  const databasePid = (host: TestHost): Promise<string> =>
    eventually(async () => (await host.run(['pgrep', '-f', '[C]assandraDaemon'])).trim());

  describe('on an RPM host', () => {
    let host: TestHost;
    before(() => {
      host = bed.hosts.rocky;
    });

    it('install, are enrolled by a file, and serve', async () => {
      await install(host, 'rpm', '0.1.0');
      expect((await status(host)).exitCode).to.equal(4);
      const { body } = await coordinator.call('POST', `nodes/${rings.get('rpm')?.nodes[0]?.id}/enrolment`);
      await host.put('/root/bundle', body.bundle, 0o600);
      await host.run(['ringmaster-agent', 'enrol', '/root/bundle']);
      await host.run(['systemctl', 'enable', '--now', 'ringmaster-agent']);
      await eventually(async () => expect((await status(host)).output).to.include('connected to '));
    });

    it('are upgraded and go on serving, with the settings of the operator', async () => {
      await host.put('/etc/ringmaster/agent.yaml', 'log-level: debug\n');
      await install(host, 'rpm', '0.1.1');
      await eventually(async () =>
        expect((await status(host)).output).to.match(
          /version 0\.1\.1,.*\nnode: .*\ndata directory: .*\ncoordinator: connected to /,
        ),
      );
      expect(await host.run(['cat', '/etc/ringmaster/agent.yaml'])).to.include('debug');
    });

    it('are not started by an upgrade when the operator has stopped them', async () => {
      await host.run(['systemctl', 'stop', 'ringmaster-agent']);
      await install(host, 'rpm', '0.1.2');
      expect((await status(host)).exitCode).to.equal(3);
    });

    it('keep state and changed settings when they are removed', async () => {
      await host.run(['systemctl', 'start', 'ringmaster-agent']);
      await host.put('/etc/ringmaster/agent.yaml', 'log-level: debug\ndata-dir: /srv/moved # as it was\n');
      await host.run(['mkdir', '/srv/moved']);
      const said = await host.run(['dnf', '-y', 'remove', 'ringmaster-agent']);
      expect(said).to.include(
        'ringmaster-agent: its state in /srv/moved (data-dir), with its keys, is left there',
      );
      expect((await host.exec(['pgrep', '-f', 'dist/agent/[m]ain.js'])).exitCode).to.equal(1);
      await host.run(['test', '-e', '/etc/ringmaster/agent.yaml.rpmsave']);
      await host.run(['test', '-e', '/var/lib/ringmaster-agent/identity']);
      expect((await host.run(['systemctl', 'is-system-running'])).trim()).to.equal('running');
    });
  });

  describe('on Debian', () => {
    let host: TestHost;
    before(() => {
      host = bed.hosts.debian;
    });

    it('install, and wait for the enrolment without having failed', async () => {
      await install(host, 'deb', '0.1.0');
      expect((await host.run(['ringmaster-agent', 'version'])).trim()).to.equal('0.1.0');
      expect((await host.run(['systemctl', 'is-enabled', 'ringmaster-agent'])).trim()).to.equal('enabled');
      // As apt has told before, which rounds each file up.
      const known = await host.run(['dpkg', '--status', 'ringmaster-agent']);
      const told = /^Installed-Size: (\d+)$/m.exec(known)?.[1];
      const taken = await host.run(['du', '-sk', '--apparent-size', '/usr/lib/ringmaster-agent']);
      expect(Number(told)).to.be.closeTo(Number.parseInt(taken, 10), 1_000);
      const properties = ['ActiveState', 'Result', 'ExecMainStatus', 'NRestarts', 'OOMPolicy'];
      const show = ['systemctl', 'show', '--property', properties.join(), 'ringmaster-agent'] as const;
      await eventually(async () =>
        expect((await host.run(show)).trim().split('\n')).to.have.members([
          'ActiveState=inactive',
          'Result=success',
          'ExecMainStatus=4',
          'NRestarts=0',
          'OOMPolicy=continue',
        ]),
      );
      expect((await host.run(['systemctl', 'is-system-running'])).trim()).to.equal('running');
      const { exitCode, output } = await status(host);
      expect(exitCode, output).to.equal(4);
      expect(output).to.include('node: not enrolled');
    });

    it('tell whoever is not root to be, and of no other directory', async () => {
      const asNobody = [
        'setpriv',
        '--reuid=65534',
        '--regid=65534',
        '--clear-groups',
        'ringmaster-agent',
      ] as const;
      expect((await host.exec([...asNobody, 'status'])).output).to.match(
        /^cannot read \/var\/lib\/ringmaster-agent\/identity\/identity\.json: EACCES: .*: run it as root \(sudo\)$/m,
      );
      const { exitCode, output } = await host.exec([...asNobody, 'enrol']);
      expect(exitCode, output).to.equal(78);
      expect(output).to.include(
        'data-dir: /var/lib/ringmaster-agent may not be used by this user: run it as root (sudo)\n',
      );
    });

    it('have failed for good, and not been started again, with settings that cannot be used', async () => {
      const settings = '/etc/ringmaster/agent.yaml';
      const before = await host.run(['cat', settings]);
      await host.put(settings, 'data-dir: state\n');
      await host.exec(['systemctl', 'start', 'ringmaster-agent']);
      const properties = ['ActiveState', 'ExecMainStatus', 'NRestarts'];
      await eventually(async () =>
        expect(
          (await host.run(['systemctl', 'show', '--property', properties.join(), 'ringmaster-agent']))
            .trim()
            .split('\n'),
        ).to.have.members(['ActiveState=failed', 'ExecMainStatus=78', 'NRestarts=0']),
      );
      expect(await host.run(['journalctl', '--unit', 'ringmaster-agent', '--output', 'cat'])).to.include(
        'data-dir: "state" must be an absolute path, such as /var/lib/ringmaster-agent',
      );
      await host.put(settings, before);
      await host.run(['systemctl', 'reset-failed', 'ringmaster-agent']);
    });

    it('enrol by a bundle on standard input, serve, and say so', async () => {
      const { body } = await coordinator.call('POST', `nodes/${rings.get('deb')?.nodes[0]?.id}/enrolment`);
      const elsewhere = ['ringmaster-agent', 'enrol', '--data-dir', '/srv/elsewhere'] as const;
      expect(await host.run(elsewhere, { input: body.bundle })).to.match(
        / Next: ringmaster-agent run --data-dir \/srv\/elsewhere\. The service looks in \/var\/lib\/ringmaster-agent: /,
      );
      await enrolAndStart(host, 'deb');
      const { output } = await status(host);
      expect(output).to.match(
        new RegExp(`^coordinator: connected to ${bed.address}:\\d+ since 2\\S+Z$`, 'm'),
      );
      expect(output).to.match(/^certificate: ends 2\S+Z \(\d+ days\)$/m);
      expect(output).to.include('runs: none\n').and.to.include('database node: none known\n');
      const log = await host.run(['journalctl', '--unit', 'ringmaster-agent', '--output', 'cat']);
      expect(log).to.include('"message":"attached"');
      expect(await host.run(['stat', '-c', '%a', '/var/lib/ringmaster-agent'])).to.equal('700\n');
    });

    it('refuse to be enrolled twice', async () => {
      const { exitCode, output } = await host.exec(['ringmaster-agent', 'enrol', '/nowhere']);
      expect(exitCode).to.equal(1);
      expect(output).to.include('This agent is enrolled already, as node ');
    });

    it('are upgraded in the middle of a job, which goes on, with the settings of the operator', async () => {
      await host.put('/etc/ringmaster/agent.yaml', 'log-level: debug\n');
      const path = join(bed.directory, 'packages');
      const newer = await ownPackage('agent', { format: 'deb', version: '0.1.1', into: path });
      const scope = { 'job-scope': 'cluster', 'resource-id': rings.get('deb')?.clusterId };
      const jobId = (await coordinator.call('POST', 'actions/install', scope)).body.id;
      await eventually(async () => expect(await subtypesOf(coordinator, jobId)).to.include('node-started'), {
        withinMs: 60_000,
      });
      const before = await databasePid(host);
      await installFile(host, `${served.packages}/${basename(newer)}`);
      await becomes(coordinator, jobId, 'COMPLETE', 90_000);
      expect((await host.run(['ringmaster-agent', 'version'])).trim()).to.equal('0.1.1');
      const log = await host.run(['journalctl', '--unit', 'ringmaster-agent', '--output', 'cat']);
      expect(log).to.include('"message":"run resumed"'); // else the job was over before the upgrade
      expect(await databasePid(host)).to.equal(before);
      expect(await host.run(['cat', '/etc/ringmaster/agent.yaml'])).to.include('debug');
      await eventually(async () =>
        expect((await status(host)).output).to.match(
          new RegExp(`^database node: NORMAL, process ${before} \\(${NODE}\\)$`, 'm'),
        ),
      );
    });

    it('run the database node outside of the service', async () => {
      const pid = await databasePid(host);
      expect(await host.run(['cat', `/proc/${pid}/cgroup`])).to.match(/^0::.*\.scope$/m);
    });

    it('say that no coordinator is reached, and since when', async () => {
      await coordinator.stop();
      await eventually(async () => {
        const { exitCode, output } = await status(host);
        expect(exitCode, output).to.equal(2);
        expect(output).to.match(/^coordinator: not connected since 2\S+Z: .+$/m);
      });
    });

    it('leave the database node running when they are removed, and all that is theirs but for a purge', async () => {
      const pid = await databasePid(host);
      await host.put('/etc/ringmaster/agent.yaml', 'data-dir: "/srv/my state"\n');
      await host.run(['mkdir', '/srv/my state']);
      const said = await host.run(['apt-get', '-y', '-q', 'remove', 'ringmaster-agent']);
      expect(said).to.include(
        'ringmaster-agent: its state in /srv/my state (data-dir), with its keys, is left',
      );
      expect(await databasePid(host)).to.equal(pid);
      expect((await host.exec(['pgrep', '-f', 'dist/agent/[m]ain.js'])).exitCode).to.equal(1);
      await host.run(['test', '-e', '/var/lib/ringmaster-agent/identity']);
      const written = {
        password: '/etc/apt/auth.conf.d/opsc.conf',
        hold: '/etc/systemd/system/cassandra.service.d/ringmaster-hold.conf',
        list: '/etc/apt/sources.list.d/opsc.list',
        key: '/etc/apt/keyrings/opsc.asc',
      };
      for (const path of Object.values(written)) await host.put(path, '# as a job writes it\n');
      await host.run(['apt-get', '-y', '-q', 'purge', 'ringmaster-agent']);
      const { output } = await host.exec(['ls', ...Object.values(written)]);
      expect(output.match(/^\/.*/gm)).to.have.members([written.list, written.key]);
      expect(await databasePid(host)).to.equal(pid);
      const left = ['/var/lib/ringmaster-agent', '/etc/ringmaster', '/usr/lib/ringmaster-agent'];
      expect((await host.exec(['ls', '-d', ...left])).output).to.not.match(/^\//m);
      expect((await host.run(['systemctl', 'is-system-running'])).trim()).to.equal('running');
    });
  });
});
