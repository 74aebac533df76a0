// The embedded server for real: started, kept, taken down with its coordinator, and held by one at a time.
import { chown, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { startEmbeddedPostgres } from '../../../../coordinator/store/embedded/embedded-postgres.ts';
import { silentLogger } from '../../../../shared/log.ts';
import { eventually } from '../../../support/eventually.ts';
import {
  ask,
  childrenOf,
  clusterOf,
  isAlive,
  isRoot,
  killAtOnce,
  makeScratch,
  openPackage,
  refusalOf,
  type Scratch,
  serverPid,
  startDoomedCoordinator,
  watchersOf,
} from './scratch.ts';

describe('the embedded PostgreSQL', function () {
  this.timeout(60_000);
  let scratch: Scratch;
  const start = () =>
    startEmbeddedPostgres({
      dataDirectory: join(scratch.open, 'postgres'),
      sharedDirectory: scratch.shared,
      log: silentLogger,
    });

  beforeEach(async () => {
    scratch = await makeScratch();
  });
  afterEach(() => scratch.remove());

  it('keeps what was committed across a restart', async () => {
    const first = await start();
    await ask(first, 'create table kept (n int)');
    await ask(first, 'insert into kept values (7)');
    await first.stop();
    const second = await start();
    expect(await ask(second, 'select n from kept')).to.deep.equal([{ n: 7 }]);
    await second.stop();
  });

  it('is durable, checksummed, in UTF-8, and listens on no port', async () => {
    const server = await start();
    const settings = await ask<{ name: string; setting: string }>(
      server,
      `select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes',
       'data_checksums', 'server_encoding', 'listen_addresses', 'max_connections')`,
    );
    await server.stop();
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).to.deep.equal({
      data_checksums: 'on',
      fsync: 'on',
      full_page_writes: 'on',
      listen_addresses: '',
      max_connections: '60',
      server_encoding: 'UTF8',
      synchronous_commit: 'on',
    });
  });

  it('never runs as root, nor lets others reach its socket', async function () {
    if (!isRoot) this.skip();
    const server = await start();
    const pid = await serverPid(await clusterOf(server));
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    expect(status).to.match(/^Uid:\s+[1-9]/m);
    expect(status).to.match(/^Gid:\s+[1-9]/m);
    expect(status).to.match(/^Groups:\s*$/m);
    expect((await stat(server.connection.host)).mode & 0o077).to.equal(0);
    await server.stop();
  });

  it('leaves no process, socket or lock behind when stopped twice, and does not call that a death', async () => {
    const server = await start();
    let died = false;
    void server.exited.then(() => {
      died = true;
    });
    const pid = await serverPid(await clusterOf(server));
    expect(await watchersOf(pid)).to.have.length(1);
    await Promise.all([server.stop(), server.stop()]);
    expect(await isAlive(pid)).to.equal(false);
    await eventually(async () => expect(await watchersOf(pid)).to.deep.equal([]));
    const left = await readdir(join(scratch.open, 'postgres'));
    expect(left.filter((name) => name !== 'runtime')).to.deep.equal(['cluster']); // copied where this checkout is closed
    expect(died).to.equal(false);
  });

  it('refuses a second coordinator on the same directory, naming the first', async () => {
    const first = await start();
    expect(await refusalOf(start())).to.contain(`Another coordinator (process ${process.pid})`);
    expect(await ask(first, 'select 1 as one')).to.deep.equal([{ one: 1 }]);
    await first.stop();
  });

  it('ends when its coordinator is killed, and the next start has every committed row', async () => {
    const doomed = await startDoomedCoordinator(join(scratch.open, 'postgres'), scratch.shared);
    await killAtOnce(doomed.process);
    await eventually(async () => expect(await isAlive(doomed.serverPid)).to.equal(false), {
      withinMs: 15_000,
    });
    await eventually(async () => expect(await watchersOf(doomed.serverPid)).to.deep.equal([]));
    const next = await start();
    expect(await ask(next, 'select n from kept')).to.deep.equal([{ n: 7 }]);
    await next.stop();
  });

  it('tells when the server dies by itself, keeps its hands off the pid, and recovers at the next start', async () => {
    const first = await start();
    await ask(first, 'create table kept (n int)');
    const pid = await serverPid(await clusterOf(first));
    const children = await childrenOf(pid);
    expect(children).to.not.deep.equal([]);
    process.kill(pid, 'SIGKILL');
    expect(await first.exited).to.contain('SIGKILL');
    await eventually(async () => expect(await watchersOf(pid)).to.deep.equal([]));
    await first.stop();
    // They go a moment after it, and until then the next server refuses to start.
    for (const child of children) await eventually(async () => expect(await isAlive(child)).to.equal(false));
    const second = await start();
    expect(await ask(second, 'select n from kept')).to.deep.equal([]);
    await second.stop();
  });

  it('runs as ourselves when we are not root', async function () {
    if (!isRoot) this.skip();
    const own = join(scratch.open, 'own');
    await mkdir(own);
    await chown(own, 65_534, 65_534);
    const doomed = await startDoomedCoordinator(own, scratch.shared, [await openPackage(scratch), '65534']);
    expect(await readFile(`/proc/${doomed.serverPid}/status`, 'utf8')).to.match(/^Uid:\s+65534\s/m);
    await killAtOnce(doomed.process);
    await eventually(async () => expect(await isAlive(doomed.serverPid)).to.equal(false), {
      withinMs: 15_000,
    });
  });
});
