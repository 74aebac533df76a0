// A server whose coordinator and watcher are both gone, and pid files that name strangers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { startEmbeddedPostgres } from '../../../../coordinator/store/embedded/embedded-postgres.ts';
import { identityOf, serverUser } from '../../../../coordinator/store/embedded/server-user.ts';
import { silentLogger } from '../../../../shared/log.ts';
import {
  ask,
  isAlive,
  killAtOnce,
  makeScratch,
  refusalOf,
  type Scratch,
  startDoomedCoordinator,
  watchersOf,
} from './scratch.ts';

describe('a leftover of the embedded PostgreSQL', function () {
  this.timeout(60_000);
  let scratch: Scratch;
  const start = () =>
    startEmbeddedPostgres({
      dataDirectory: join(scratch.open, 'postgres'),
      sharedDirectory: scratch.shared,
      log: silentLogger,
    });
  /** As a server writes it: pid, folder, start time, port, socket's folder. */
  const writePidFile = async (pid: number, socket: string): Promise<string> => {
    const cluster = join(scratch.open, 'postgres', 'cluster');
    await writeFile(join(cluster, 'postmaster.pid'), `${pid}\n${cluster}\n1700000000\n5432\n${socket}\n\n`);
    return join(cluster, 'postmaster.pid');
  };

  beforeEach(async () => {
    scratch = await makeScratch();
  });
  afterEach(() => scratch.remove());

  it('is ended at the next start, which has every committed row', async () => {
    const doomed = await startDoomedCoordinator(join(scratch.open, 'postgres'), scratch.shared);
    for (const watcher of await watchersOf(doomed.serverPid)) process.kill(watcher, 'SIGKILL');
    await killAtOnce(doomed.process);
    expect(await isAlive(doomed.serverPid)).to.equal(true);
    const next = await start();
    expect(await isAlive(doomed.serverPid)).to.equal(false);
    expect(await ask(next, 'select n from kept')).to.deep.equal([{ n: 7 }]);
    await next.stop();
  });

  it('is not mistaken for the stranger that got its pid', async () => {
    await (await start()).stop();
    // Of the same user, or PostgreSQL itself would see that it cannot be a server of ours.
    const stranger = spawn('sleep', ['60'], { ...identityOf(await serverUser(null)), stdio: 'ignore' });
    try {
      await once(stranger, 'spawn');
      await writePidFile(stranger.pid ?? 0, '/nowhere');
      const server = await start();
      expect(await ask(server, 'select 1 as one')).to.deep.equal([{ one: 1 }]);
      await server.stop();
      expect(stranger.exitCode ?? stranger.signalCode).to.equal(null);
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  it('stops the start when it answers but cannot be seen, as in another container', async () => {
    await (await start()).stop();
    const elsewhere = createServer().listen(join(scratch.open, '.s.PGSQL.5432'));
    try {
      const pidFile = await writePidFile(process.pid, scratch.open);
      expect(await refusalOf(start())).to.contain('Another PostgreSQL serves');
      expect(await readFile(pidFile, 'utf8')).to.contain(String(process.pid));
    } finally {
      await new Promise((resolve) => elsewhere.close(resolve));
    }
  });
});
