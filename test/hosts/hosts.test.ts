// Test hosts are hosts: systemd runs, they reach one another, and nothing of them outlives the runner.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { eventually } from '../support/eventually.ts';
import { assertCanHost, thisMachine } from './bed/can-host.ts';
import { run } from './bed/program.ts';
import { type Bed, startHosts } from './bed/start-hosts.ts';

describe('test hosts', function () {
  this.timeout(180_000); // the first run makes the image
  let bed: Bed<'one' | 'two' | 'three'>;

  before(async () => {
    bed = await startHosts({ one: 'deb', two: 'deb', three: 'deb' });
  });
  after(() => bed?.stop());

  it('run systemd as their first process, with no unit failed', async () => {
    for (const host of Object.values(bed.hosts)) {
      expect((await host.run(['cat', '/proc/1/comm'])).trim()).to.equal('systemd');
      expect(await host.run(['systemctl', '--failed', '--quiet', '--no-legend'])).to.equal('');
    }
  });

  it('reach one another by name, and nobody else', async () => {
    const { one } = bed.hosts;
    await one.run(['ping', '-c', '1', '-W', '5', 'two']);
    await one.run(['ping', '-c', '1', '-W', '5', 'three']);
    await one.run(['ping', '-c', '1', '-W', '5', 'runner']);
    expect((await one.exec(['ping', '-c', '1', '-W', '1', '192.0.2.1'])).output).to.include('unreachable');
  });

  it('see neither the files nor the processes of another', async () => {
    const { one, two } = bed.hosts;
    await one.put('/etc/only-here/secret', 'of one', 0o600);
    expect(await one.run(['cat', '/etc/only-here/secret'])).to.equal('of one');
    expect((await one.run(['stat', '-c', '%a %U', '/etc/only-here/secret'])).trim()).to.equal('600 root');
    expect((await two.exec(['cat', '/etc/only-here/secret'])).exitCode).to.equal(1);
    await one.run(['systemd-run', '--unit', 'sleeper', 'sleep', '1000']);
    expect((await one.exec(['pgrep', '-x', 'sleep'])).exitCode).to.equal(0);
    expect((await two.exec(['pgrep', '-x', 'sleep'])).exitCode).to.equal(1);
  });

  it('let in whoever has a key over SSH, from another host and from the runner', async () => {
    const { one, two } = bed.hosts;
    await one.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', '/root/.ssh/id_ed25519']);
    await two.put('/root/.ssh/authorized_keys', await one.run(['cat', '/root/.ssh/id_ed25519.pub']), 0o600);
    const ssh = ['ssh', '-q', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=accept-new'] as const;
    expect((await one.run([...ssh, 'root@two', 'hostname'])).trim()).to.equal('two');
    const socket = connect(22, two.address);
    const [banner] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(banner.toString()).to.match(/^SSH-2\.0-OpenSSH/);
  });

  it('cannot set what belongs to the machine', async () => {
    const { one } = bed.hosts;
    expect((await one.exec(['sysctl', '-w', 'vm.swappiness=1'])).output).to.include('permission denied');
    const now = `@${Math.floor(Date.now() / 1_000)}`; // should it be allowed after all, it does no harm
    expect((await one.exec(['date', '-s', now])).output).to.include('Operation not permitted');
    const asUnit = await one.exec(['systemd-run', '--pipe', '--wait', '--quiet', 'date', '-s', now]);
    expect(asUnit.output).to.include('Operation not permitted');
  });

  it('keep their disk over a crash and a shutdown, and boot again', async () => {
    const { three } = bed.hosts;
    await three.put('/var/lib/kept', 'still here');
    await three.crash();
    await three.boot();
    await three.stop();
    await three.boot();
    expect(await three.run(['cat', '/var/lib/kept'])).to.equal('still here');
    await three.run(['ping', '-c', '1', '-W', '5', 'one']);
  });

  it('end a command that takes too long', async () => {
    const { one } = bed.hosts;
    const { exitCode } = await one.exec(['sleep', '100'], { withinMs: 100 });
    expect(exitCode).to.equal(128);
  });

  it('end with a runner that was killed, and leave nothing behind', async () => {
    const program = fileURLToPath(new URL(`doomed-runner${extname(import.meta.url)}`, import.meta.url));
    const runner = spawn(process.execPath, [...process.execArgv, program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(runner.stdout, 'data')) as [Buffer];
    const { bridge, directory, init } = JSON.parse(line.toString()) as Record<string, string>;
    expect(existsSync(`/proc/${init}`)).to.equal(true);
    expect(existsSync(`/run/netns/${bridge}-h0`)).to.equal(true);
    runner.kill('SIGKILL');
    await once(runner, 'close');
    await eventually(async () => {
      expect(existsSync(`/proc/${init}`)).to.equal(false);
      expect(existsSync(directory ?? '')).to.equal(false);
      expect(existsSync(`/run/netns/${bridge}-h0`)).to.equal(false);
      expect(await run(['ip', '-brief', 'link'])).to.not.match(new RegExp(`^${bridge}\\b`, 'm'));
    });
  });

  it('are refused with all that is missing where they cannot run', () => {
    const machine = { ...thisMachine(), isRoot: false, path: '/nowhere' };
    expect(() => assertCanHost(machine)).to.throw(
      /^test hosts need to be root, mmdebstrap \(package mmdebstrap\), .*createrepo_c \(package createrepo-c\)$/,
    );
    const without = { ...thisMachine(), cgroups: undefined };
    expect(() => assertCanHost(without)).to.throw('test hosts need cgroups of version 2');
  });
});
