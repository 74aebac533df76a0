// Where the server's files go when root's data directory is closed, too deep, or changes its mode later.
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readlink, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { startEmbeddedPostgres } from '../../../../coordinator/store/embedded/embedded-postgres.ts';
import { silentLogger } from '../../../../shared/log.ts';
import { ask, clusterOf, isRoot, makeScratch, refusalOf, type Scratch } from './scratch.ts';

describe('the place of the embedded PostgreSQL', function () {
  this.timeout(60_000);
  let scratch: Scratch;
  const startIn = (dataDirectory: string) =>
    startEmbeddedPostgres({ dataDirectory, sharedDirectory: scratch.shared, log: silentLogger });
  const closedHome = async (): Promise<string> => {
    await mkdir(join(scratch.open, 'root'), { mode: 0o700 });
    return join(scratch.open, 'root', 'checkout', '.ringmaster', 'postgres');
  };

  beforeEach(async () => {
    scratch = await makeScratch();
  });
  afterEach(() => scratch.remove());

  it("is in root's shared folder when its user cannot reach the data directory, and a link says so", async function () {
    if (!isRoot) this.skip();
    const home = await closedHome();
    const server = await startIn(home);
    const place = await readlink(join(home, 'postgres-is-in'));
    expect(place.startsWith(`${scratch.shared}/postgres-`)).to.equal(true);
    expect(await clusterOf(server)).to.equal(join(place, 'cluster'));
    await server.stop();
  });

  it('stays where it was when the way to the data directory is opened later', async function () {
    if (!isRoot) this.skip();
    const home = await closedHome();
    const first = await startIn(home);
    await ask(first, 'create table kept (n int)');
    await first.stop();
    await chmod(join(scratch.open, 'root'), 0o755);
    const second = await startIn(home);
    expect(await ask(second, 'select n from kept')).to.deep.equal([]);
    await second.stop();
  });

  it('does not begin anew when the way to an existing database is closed later', async function () {
    if (!isRoot) this.skip();
    const parent = join(scratch.open, 'parent');
    await mkdir(parent);
    await (await startIn(join(parent, 'data'))).stop();
    await chmod(parent, 0o700);
    expect(await refusalOf(startIn(join(parent, 'data')))).to.contain(`chmod a+x ${parent}`);
  });

  it('does not begin anew when the folder that the link names is gone', async function () {
    if (!isRoot) this.skip();
    const home = await closedHome();
    await (await startIn(home)).stop();
    const place = await readlink(join(home, 'postgres-is-in'));
    await rm(place, { recursive: true });
    expect(await refusalOf(startIn(home))).to.contain(`the database lies in ${place}, and that is gone`);
  });

  it('lets one of two coordinators have a data directory that both begin with', async function () {
    if (!isRoot) this.skip();
    const home = await closedHome();
    const both = await Promise.allSettled([startIn(home), startIn(home)]);
    const started = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    for (const server of started) await server.stop();
    expect(started).to.have.length(1);
    expect(await readdir(scratch.shared)).to.have.length(1);
  });

  it('runs as the owner of files that an earlier start made', async function () {
    if (!isRoot) this.skip();
    const home = join(scratch.open, 'data');
    await (await startIn(home)).stop();
    execFileSync('chown', ['-R', 'nobody', join(home, 'cluster')]);
    const server = await startIn(home);
    expect((await stat(server.connection.host)).uid).to.equal((await stat(join(home, 'cluster'))).uid);
    await server.stop();
  });

  it('puts the socket elsewhere when its path would be too long, and takes it away again', async () => {
    const deep = join(scratch.open, 'd'.repeat(60), 'e'.repeat(60));
    const server = await startIn(deep);
    expect(server.connection.host.startsWith(deep)).to.equal(false);
    expect(await ask(server, 'select 1 as one')).to.deep.equal([{ one: 1 }]);
    await server.stop();
    expect(await stat(server.connection.host).catch(() => null)).to.equal(null);
  });
});
