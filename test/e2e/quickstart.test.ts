// The quickstart itself, as a user runs it: to its end by --once, broken off by Ctrl-C, and where its port is somebody else's.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { cassandrasBelow } from '../../coordinator/cli/quickstart/processes.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';

const main = fileURLToPath(
  new URL(`../../coordinator/cli/quickstart/main${extname(import.meta.url)}`, import.meta.url),
);

describe('the quickstart', function () {
  this.timeout(400_000);
  let directory: string;
  let ports: string[];
  /** instead of three, where a ring is not what it is about */
  let oneNode: string[];
  const children: ChildProcess[] = [];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'quickstart-'));
    await chmod(directory, 0o755); // the embedded database's user has to get there
    const jmx = [await freePort(), await freePort(), await freePort()];
    oneNode = ['--addresses=127.0.102.1', `--jmx-ports=${jmx[0]}`];
    ports = [
      '--addresses=127.0.102.1,127.0.102.2,127.0.102.3',
      `--jmx-ports=${jmx.join(',')}`,
      `--native-port=${await freePort()}`,
      `--storage-port=${await freePort()}`,
      '--rest-port=0',
      '--grpc-port=0',
      '--enrol-port=0',
      `--data-dir=${directory}`,
    ];
  });
  after(async () => {
    for (const child of children)
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });

  /** Processes that name the directory in their command line or environment. */
  const ofQuickstart = (): string[] =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .map((pid) => {
        try {
          const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
          return `${words} ${readFileSync(`/proc/${pid}/environ`, 'utf8')}`.includes(directory) ? words : '';
        } catch {
          return '';
        }
      })
      .filter((words) => words !== '');
  /** Of a coordinator that had to be killed the database is ended by its watcher. */
  const endsWhole = () => eventually(() => expect(ofQuickstart()).to.deep.equal([]), { withinMs: 30_000 });

  /** Of those, the ones whose command line matches. */
  const pidsOf = (commandLine: RegExp): number[] =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => {
        try {
          const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
          return commandLine.test(words) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(directory);
        } catch {
          return false;
        }
      });

  function start(...more: string[]) {
    const child = spawn(process.execPath, [...process.execArgv, main, ...ports, ...more], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    children.push(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said += chunk));
    const ended = once(child, 'exit').then(([code, signal]) => code ?? signal);
    return { child, said: () => said, ended };
  }

  it('whose REST port is held by something that never answers says so soon, and leaves nothing running', async () => {
    const silent: Socket[] = [];
    const server = createServer((socket) => silent.push(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    try {
      const startedMs = Date.now();
      const quickstart = start('--once', `--rest-port=${port}`);
      expect(await quickstart.ended, quickstart.said()).to.equal(1);
      expect(quickstart.said()).to.contain(`rest-port: 127.0.0.1:${port} is in use`);
      expect(Date.now() - startedMs).to.be.below(60_000);
      await endsWhole();
    } finally {
      for (const socket of silent) socket.destroy();
      server.close();
    }
  });

  it('ends cleanly on Ctrl-C while the first database node starts', async () => {
    const quickstart = start();
    await eventually(() => expect(cassandrasBelow(directory), quickstart.said()).not.to.deep.equal([]), {
      withinMs: 120_000,
      everyMs: 50,
    });
    const second = start('--once');
    expect(await second.ended).to.equal(1);
    expect(second.said()).to.contain('another quickstart is at work');
    quickstart.child.kill('SIGINT');
    expect(await quickstart.ended, quickstart.said()).to.equal(0);
    await endsWhole();
  });

  it('killed, leaves nothing that the next one does not end; and that one, once all is up, ends on Ctrl-C', async () => {
    const killed = start(...oneNode);
    await eventually(() => expect(cassandrasBelow(directory), killed.said()).not.to.deep.equal([]), {
      withinMs: 120_000,
      everyMs: 50,
    });
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(ofQuickstart()).not.to.deep.equal([]);
    const quickstart = start(...oneNode);
    const isUp = () => {
      if (!quickstart.said().includes('Everything is up')) throw new Error(quickstart.said());
    };
    await eventually(isUp, { withinMs: 300_000 });
    // However far the first node had come: its launcher may not have become the JVM yet.
    expect(quickstart.said()).to.match(
      /^Ended the programs that an earlier run left behind: 2\n(?:Ending the database nodes .*\n)?/m,
    );
    const [, url = ''] = /curl (http:\S+)/.exec(quickstart.said()) ?? [];
    const jobs = (await (await fetch(url)).json()) as { results: { status: string }[] };
    expect(jobs.results.slice(0, 2).map(({ status }) => status)).to.deep.equal(['COMPLETE', 'COMPLETE']);
    const [agent] = pidsOf(/agent\/main/);
    if (agent === undefined) throw new Error('no agent runs');
    process.kill(agent, 'SIGKILL');
    const killedMs = Date.now();
    await eventually(
      () =>
        expect(pidsOf(/agent\/main/), quickstart.said())
          .to.have.length(1)
          .and.not.contain(agent),
      {
        withinMs: 20_000,
      },
    );
    expect(quickstart.said()).to.match(
      /^the agent of node1 ended by SIGKILL \(its log is .*\): it is started again/m,
    );
    await eventually(
      async () => {
        const nodes = (await (await fetch(url.replace('jobs/', 'nodes/'))).json()) as {
          results: { agent: Record<string, string> }[];
        };
        const seenMs = nodes.results.map(({ agent }) => Date.parse(agent['last-seen'] ?? ''));
        expect(seenMs.some((ms) => ms > killedMs)).to.equal(true);
      },
      { withinMs: 20_000 },
    );
    quickstart.child.kill('SIGINT');
    expect(await quickstart.ended, quickstart.said()).to.equal(0);
    await endsWhole();
  });

  it('by --once ends with the reason when one of its programs dies', async () => {
    const quickstart = start('--once');
    await eventually(() => expect(cassandrasBelow(directory), quickstart.said()).not.to.deep.equal([]), {
      withinMs: 120_000,
      everyMs: 50,
    });
    const [pid] = pidsOf(/coordinator\/main/);
    process.kill(pid ?? 0, 'SIGKILL');
    expect(await quickstart.ended, quickstart.said()).to.equal(1);
    expect(quickstart.said()).to.match(
      /The quickstart failed: the coordinator ended by SIGKILL \(its log is /,
    );
    await endsWhole();
  });

  it("refuses to begin where the ring's ports are somebody else's", async () => {
    const server = createServer().listen(0, '127.0.102.2');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    try {
      const quickstart = start('--once', `--storage-port=${port}`);
      expect(await quickstart.ended, quickstart.said()).to.equal(1);
      expect(quickstart.said()).to.contain(`in use by something else: 127.0.102.2:${port} (--storage-port)`);
    } finally {
      server.close();
    }
  });

  it('by --once installs and restarts a ring, ends with 0, and keeps no more than this one run', async () => {
    const earlier = await readdir(join(directory, 'nodes'));
    const quickstart = start('--once');
    expect(await quickstart.ended, quickstart.said()).to.equal(0);
    expect(quickstart.said())
      .to.match(/install job .*node1 .*COMPLETE after.*restart job .*COMPLETE after/s)
      .and.to.contain('Removing the nodes of the last run');
    await endsWhole();
    const kept = await readdir(join(directory, 'nodes'));
    expect(kept).to.have.length(1).and.not.to.deep.equal(earlier);
    expect(existsSync(join(directory, 'nodes', kept[0] ?? '', 'node3'))).to.equal(true);
  });
});
