// Real processes: how they are told apart, found, started and ended; and what answers on a port.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { expect } from 'chai';
import { LinuxHost } from '../../../agent/host/linux-host.ts';
import { parseStat } from '../../../agent/host/proc.ts';
import { isCassandraOf, spawnDetached } from '../../../agent/host/processes.ts';
import { StepFailed } from '../../../shared/errors.ts';
import { eventually } from '../../support/eventually.ts';

const DAEMON = 'org.apache.cassandra.service.CassandraDaemon';

describe('processes of the host', () => {
  const host = new LinuxHost();
  let directory: string;
  const cleanUps: (() => void)[] = [];
  const killLater = (pid: number | undefined): void => {
    cleanUps.push(() => {
      try {
        if (pid !== undefined) process.kill(pid, 'SIGKILL');
      } catch {
        // gone already
      }
    });
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ringmaster-processes-'));
  });
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0)) cleanUp();
    await rm(directory, { recursive: true, force: true });
  });

  it('reads a stat line whose name holds spaces and parentheses', () => {
    const rest = Array.from({ length: 30 }, (_, index) => String(index + 4)).join(' ');
    expect(parseStat(`12 (a) (b c)) S ${rest}`)).to.deep.equal({ state: 'S', threads: 20, startTicks: 22 });
  });

  it('tells what a process is by what the kernel says of it, whatever this calls itself', async () => {
    const child = spawn('sleep', ['60'], { argv0: '/home/a/java' });
    killLater(child.pid);
    const pid = child.pid ?? 0;
    await eventually(async () => expect((await readFile(`/proc/${pid}/cmdline`, 'utf8'))[0]).to.equal('/'));
    const startTicks = parseStat(await readFile(`/proc/${pid}/stat`, 'utf8')).startTicks;
    const uid = process.getuid?.();
    const seen = await host.programOf({ pid, startTicks });
    expect(seen?.path).to.match(/^\/.*\/(?:sleep|coreutils|busybox)$/);
    expect(seen).to.deep.include({ uids: [uid, uid, uid, uid], words: ['/home/a/java', '60'] });
    expect(seen?.groups?.[0]).to.equal(process.getegid?.());
    expect(new Set(seen?.groups)).to.deep.equal(new Set(process.getgroups?.()));
    expect(await host.programOf({ pid, startTicks: startTicks + 1 }), "its pid is another's").to.equal(null);
  });

  it('does not take one directory for another whose name begins alike', () => {
    const command = [
      'java',
      '-Dcassandra.logdir=/x/node10/logs',
      '-cp',
      '/x/node10/home/conf:/x/node10/a.jar',
      DAEMON,
    ];
    expect(isCassandraOf(command, '/x/node10')).to.equal(true);
    expect(isCassandraOf(command, '/x/node1')).to.equal(false);
    expect(isCassandraOf(command, '/node10')).to.equal(false);
  });

  it('does not take another program that names the directory for Cassandra', () => {
    expect(isCassandraOf(['tail', '-f', '/x/node1/logs/system.log'], '/x/node1')).to.equal(false);
    expect(
      isCassandraOf(['java', '-cp', '/x/node1/a.jar', 'org.apache.cassandra.tools.NodeTool'], '/x/node1'),
    ).to.equal(false);
  });

  it('finds the launcher before it has become the JVM', () => {
    const command = ['/bin/sh', '/x/n/home/bin/cassandra', '-f', '-p', '/x/n/run/cassandra.pid'];
    expect(isCassandraOf(command, '/x/n')).to.equal(true);
  });

  it('says why a process could not be started, and does not take a missing folder for a missing program', async () => {
    const failed = (program: string, cwd: string) =>
      spawnDetached([program], { cwd, env: {}, outputPath: join(directory, 'out') }).then(
        () => null,
        (error: unknown) => error,
      );
    const missing = join(directory, 'missing');
    for (const [failure, words] of [
      [await failed(missing, '/'), `Could not start ${missing}: ENOENT`],
      [await failed(directory, '/'), `Could not start ${directory}: EACCES`],
      [
        await failed('/bin/true', missing),
        `Could not start /bin/true: there is no folder ${missing} to start it in`,
      ],
    ] as const) {
      expect(failure).to.be.instanceOf(StepFailed);
      expect(failure).to.include({ subtype: 'spawn-failed', message: words });
    }
  });

  it('starts a process in a session of its own, which appends to its output and outlives its parent', async () => {
    await writeFile(join(directory, 'out'), 'before\n');
    const modulePath = new URL(`../../../agent/host/processes${extname(import.meta.url)}`, import.meta.url)
      .href;
    const script = `
      const { spawnDetached } = await import(${JSON.stringify(modulePath)});
      const started = await spawnDetached(['sh', '-c', 'echo begun; exec sleep 300'],
        { cwd: '/', env: { PATH: process.env.PATH }, outputPath: ${JSON.stringify(join(directory, 'out'))} });
      console.log(JSON.stringify(started));
      setInterval(() => {}, 1000);`;
    // a process group of its own, to be killed whole: the way a service manager or a terminal would
    const parent = spawn(process.execPath, [...process.execArgv, '--input-type=module', '-e', script], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    killLater(parent.pid);
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const started = JSON.parse(line.toString()) as { pid: number; startTicks: number };
    killLater(started.pid);
    process.kill(-(parent.pid ?? 0), 'SIGKILL');
    await once(parent, 'exit');
    expect(await host.isAlive(started)).to.equal(true);
    await eventually(async () =>
      expect(await readFile(join(directory, 'out'), 'utf8')).to.equal('before\nbegun\n'),
    );
    expect(await host.signal(started, 'SIGTERM')).to.equal(true);
    await eventually(async () => expect(await host.isAlive(started)).to.equal(false));
    expect(await host.signal(started, 'SIGTERM')).to.equal(false);
  });

  it('finds a Cassandra by its command line, and sees another start time as another process', async () => {
    const argv = ['-c', 'while :; do sleep 1; done', DAEMON, `-Dcassandra.logdir=${directory}/logs`];
    const beganMs = Date.now();
    const child = spawn('sh', argv, { stdio: 'ignore' });
    killLater(child.pid);
    await once(child, 'spawn');
    const found = await eventually(async () => {
      const seen = await host.findCassandra(directory);
      expect(seen).to.not.equal(null);
      return seen;
    });
    expect(found?.pid).to.equal(child.pid);
    if (found !== null) expect(host.startedMs(found)).to.be.within(beganMs - 50, Date.now());
    expect(await host.isAlive({ pid: child.pid ?? 0, startTicks: 1 })).to.equal(false);
    expect(await host.signal({ pid: child.pid ?? 0, startTicks: 1 }, 'SIGKILL')).to.equal(false);
  });

  it('does not take a zombie for a living process', async () => {
    // A shell may collect its child before exec replaces it: so the child ends only after that, at the end of its input,
    // and sleep never collects it.
    const parent = spawn('sh', ['-c', 'cat <&3 >&2 & echo $!; exec sleep 300 3<&-'], {
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    });
    killLater(parent.pid);
    const [line] = (await once(parent.stdio[1] as Readable, 'data')) as [Buffer];
    const pid = Number(line.toString());
    await eventually(async () =>
      expect(await readFile(`/proc/${parent.pid}/comm`, 'latin1')).to.equal('sleep\n'),
    );
    (parent.stdio[3] as Writable).end();
    const zombie = await eventually(async () => {
      const stat = parseStat(await readFile(`/proc/${pid}/stat`, 'latin1'));
      expect(stat.state).to.equal('Z');
      return stat;
    });
    expect(await host.isAlive({ pid, startTicks: zombie.startTicks })).to.equal(false);
  });

  /** What a program prints that has `host`, `self` (its own process) and `told(promise)`: a failure as its code and path. */
  const printed = (prefix: readonly [string, ...string[]], program: string): string => {
    const moduleOf = (name: string): string =>
      new URL(`../../../agent/host/${name}${extname(import.meta.url)}`, import.meta.url).href;
    const script = `
      import { openSync, readFileSync } from 'node:fs';
      const { LinuxHost } = await import(${JSON.stringify(moduleOf('linux-host'))});
      const { parseStat } = await import(${JSON.stringify(moduleOf('proc'))});
      const host = new LinuxHost();
      const self = { pid: process.pid, startTicks: parseStat(readFileSync('/proc/self/stat', 'latin1')).startTicks };
      const told = (promise) => promise.catch((e) => [e.subtype, e.detail?.code, e.resource].join(' '));
      ${program}`;
    const [command, ...rest] = [
      ...prefix,
      process.execPath,
      ...process.execArgv,
      '--input-type=module',
      '-e',
      script,
    ];
    return execFileSync(command, rest, { encoding: 'utf8' }).trim();
  };

  it('does not take a process for gone when no file can be opened to see it', () => {
    const limited = ['sh', '-c', 'ulimit -n 200; exec "$@"', 'sh'] as const;
    const answers = printed(
      limited,
      `await told(host.isAlive(self)); // all that is loaded on demand
       const opened = [];
       try { for (;;) opened.push(openSync('/dev/null', 'r')); } catch {}
       const answers = [await told(host.isAlive(self)), await told(host.findCassandra('/x'))];
       process.stdout.write(JSON.stringify(answers).replaceAll(String(process.pid), 'PID'));`,
    );
    expect(JSON.parse(answers)).to.deep.equal([
      'process-unreadable EMFILE /proc/PID/stat',
      'process-unreadable EMFILE /proc',
    ]);
  });

  it('passes over processes that are hidden, being of another user', function () {
    if (process.getuid?.() !== 0) this.skip(); // only root may mount
    const hidden = [
      'unshare',
      '--mount',
      'sh',
      '-c',
      'mount -t proc -o hidepid=1 proc /proc && exec "$@"',
      'sh',
    ] as const;
    const answers = printed(
      hidden,
      `await told(host.isAlive(self)); // all that is loaded on demand, from a checkout that this user may not see
       process.setgroups([]); process.setgid(65534); process.setuid(65534);
       let hidden = null;
       try { readFileSync('/proc/${process.pid}/cmdline'); } catch (error) { hidden = error.code; }
       const answers = [hidden, await told(host.isAlive(self)),
         await told(host.isAlive({ pid: ${process.pid}, startTicks: 1 })), await told(host.findCassandra('/x'))];
       process.stdout.write(JSON.stringify(answers));`,
    );
    expect(JSON.parse(answers)).to.deep.equal(['EPERM', true, false, null]);
  });

  it('leaves no process behind that it could not tell apart', async () => {
    let pid = 0;
    const options = { cwd: '/', env: {}, outputPath: join(directory, 'out') };
    const failure = await spawnDetached(['/bin/sleep', '300'], options, (started) => {
      pid = started;
      killLater(pid);
      return Promise.reject(new StepFailed('process-unreadable', 'too many open files'));
    }).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(StepFailed).with.property('subtype', 'process-unreadable');
    await eventually(() => expect(() => process.kill(pid, 0)).to.throw('ESRCH'));
  });

  describe('ports', () => {
    let server: Server;
    const sockets = new Set<Socket>();
    const listen = async (onData: (socket: Socket, data: Buffer) => void): Promise<number> => {
      server = createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => {});
        socket.on('data', (data) => onData(socket, data));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      return address !== null && typeof address === 'object' ? address.port : 0;
    };
    afterEach(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    });

    it('takes a SUPPORTED and an ERROR frame for an answer', async () => {
      const frames = [0x06, 0x00].map((opcode) => Buffer.from([0x84, 0, 0, 0, opcode, 0, 0, 0, 0]));
      let asked = 0;
      const port = await listen((socket) => {
        const frame = frames[asked++];
        if (frame !== undefined) socket.write(frame);
      });
      expect(await host.nativePortAnswers('127.0.0.1', port, 2_000)).to.equal(true);
      expect(await host.nativePortAnswers('0.0.0.0', port, 2_000)).to.equal(true);
    });

    it('takes neither another protocol, nor silence, nor a closed port for CQL', async () => {
      const port = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
      expect(await host.nativePortAnswers('127.0.0.1', port, 2_000)).to.equal(false);
      server.close();
      const silent = await listen(() => {});
      expect(await host.nativePortAnswers('127.0.0.1', silent, 100)).to.equal(false);
      expect(await host.portTaken('127.0.0.1', silent)).to.equal(true);
      expect(await host.portTaken('127.0.0.1', 1)).to.equal(false);
    });
  });
});
