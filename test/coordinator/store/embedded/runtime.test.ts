// The binaries: links repaired, copied when the server's user cannot read them, and a clear word where they cannot run.
import { chmod, cp, lstat, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { platformPackage, prepareRuntime } from '../../../../coordinator/store/embedded/runtime.ts';
import { identityOf, serverUser } from '../../../../coordinator/store/embedded/server-user.ts';
import { isRoot, makeScratch, type Scratch } from './scratch.ts';

describe('the binaries of the embedded PostgreSQL', function () {
  this.timeout(60_000);
  let scratch: Scratch;
  let ours: string;
  const prepare = async () =>
    await prepareRuntime(ours, join(scratch.open, 'runtime'), identityOf(await serverUser(null)));

  /** The package as it lies before its install script has run. */
  beforeEach(async () => {
    scratch = await makeScratch();
    ours = join(scratch.open, 'checkout', 'package');
    await mkdir(dirname(ours));
    await cp(platformPackage(), ours, {
      recursive: true,
      filter: async (path) => !(await lstat(path)).isSymbolicLink(),
    });
  });
  afterEach(() => scratch.remove());

  it('run in place, with their links made, when install scripts did not run', async () => {
    const libraries = join(ours, 'native', 'lib');
    expect(await lstat(join(libraries, 'libicuuc.so.60')).catch(() => null)).to.equal(null);
    expect(await prepare()).to.deep.equal({ bin: join(ours, 'native', 'bin'), major: '18' });
    expect((await lstat(join(libraries, 'libicuuc.so.60'))).isSymbolicLink()).to.equal(true);
  });

  it('are copied, once, when the checkout is closed to the user', async function () {
    if (!isRoot) this.skip();
    await chmod(dirname(ours), 0o700);
    const first = await prepare();
    expect(first.bin.startsWith(join(scratch.open, 'runtime'))).to.equal(true);
    const made = (await lstat(first.bin)).ino;
    expect(await prepare()).to.deep.equal(first);
    expect((await lstat(first.bin)).ino).to.equal(made);
  });

  it('are readable in the copy even if the package was installed for root alone', async function () {
    if (!isRoot) this.skip();
    for (const entry of await readdir(ours, { recursive: true, withFileTypes: true }))
      await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o700 : 0o600);
    expect((await prepare()).bin.startsWith(join(scratch.open, 'runtime'))).to.equal(true);
  });

  it('are copied again over a copy that lost a file', async function () {
    if (!isRoot) this.skip();
    await chmod(dirname(ours), 0o700);
    const { bin } = await prepare();
    await rm(join(bin, 'initdb'));
    expect((await prepare()).bin).to.equal(bin);
    expect((await lstat(join(bin, 'initdb'))).isFile()).to.equal(true);
  });

  it('refuse with a way out where they do not run', async () => {
    const postgres = join(ours, 'native', 'bin', 'postgres');
    await rename(postgres, `${postgres}.gone`);
    await writeFile(postgres, '#!/no/such/loader\n', { mode: 0o755 });
    const refused = await prepare().catch((error: Error) => error.message);
    expect(refused).to.match(
      /^The embedded PostgreSQL does not run on this system \(.*\): set RINGMASTER_DATABASE_URL/,
    );
  });

  it('refuse with a way out on a platform that has none', () => {
    expect(() => platformPackage('sunos', 'x64')).to.throw(
      'There is no embedded PostgreSQL for sunos-x64: set RINGMASTER_DATABASE_URL',
    );
  });
});
