// When the real host takes a file for changed, and how it reads one that is no text.
import { mkdir, mkdtemp, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { LinuxHost } from '../../../agent/host/linux-host.ts';
import { eventually } from '../../support/eventually.ts';

describe('files of the Linux host that changed', () => {
  const host = new LinuxHost();
  let directory: string;
  const at = (name: string): string => join(directory, name);

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ringmaster-host-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  /** Times of files are coarser than the clock. */
  const laterThan = async (ms: number): Promise<void> =>
    await eventually(async () => {
      await writeFile(at('clock'), '');
      expect((await stat(at('clock'))).ctimeMs).to.be.greaterThan(ms);
    });

  it('are those that were moved there with their old times, and those that a link leads to', async () => {
    expect(await host.changedMs(at('none'))).to.equal(null);
    const startedMs = Date.now() - 1_000; // times of files are coarser than the clock
    await writeFile(at('a'), 'old');
    await utimes(at('a'), 1, 1);
    await rename(at('a'), at('b'));
    expect(await host.changedMs(at('b'))).to.be.within(startedMs, Date.now() + 1_000);
    await symlink('b', at('link'));
    const before = await host.changedMs(at('link'));
    await writeFile(at('b'), 'new');
    await utimes(at('b'), 1, 1);
    const { ctimeMs } = await stat(at('b'));
    expect(await host.changedMs(at('link'))).to.be.at.least(Math.max(before ?? 0, ctimeMs));
    expect(await rm(at('b')).then(() => host.changedMs(at('link'))), 'to nowhere').to.equal(null);
  });

  it('are those on whose way a link was switched to an older one, as alternatives(8) does', async () => {
    for (const version of ['one', 'two']) {
      await mkdir(at(version));
      await writeFile(at(`${version}/file`), '');
    }
    await symlink(at('one'), at('current'));
    await symlink('current', at('conf'));
    await symlink('../current/file', at('two/link'));
    const startedMs = Math.max(
      ...(await Promise.all(
        ['conf/file', 'two/link'].map(async (name) => (await host.changedMs(at(name))) ?? 0),
      )),
    );
    await laterThan(startedMs);
    await symlink(at('two'), at('next'));
    await rename(at('next'), at('current'));
    for (const name of ['conf/file', 'two/link'])
      expect(await host.changedMs(at(name)), name).to.be.greaterThan(startedMs);
    expect(await host.changedMs(at('two/file'))).to.be.at.most(startedMs);
  });

  it('are none where links lead round', async () => {
    await symlink('b', at('a'));
    await symlink('a', at('b'));
    expect(await host.changedMs(at('a/file'))).to.equal(null);
  });

  it('are read byte for byte where that is asked', async () => {
    const bytes = Buffer.from([0x61, 0xe9, 0xff, 0x0a]);
    await writeFile(at('a'), bytes);
    const read = await host.readText(at('a'), undefined, 'latin1');
    expect(Buffer.from(read ?? '', 'latin1').equals(bytes)).to.equal(true);
    expect(await host.readText(at('a'))).to.equal('a\uFFFD\uFFFD\n');
  });
});
