// Directories for nobody else, on the real machine.
import { randomUUID } from 'node:crypto';
import {
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { LinuxHost } from '../../../agent/host/linux-host.ts';
import { failureOf } from '../../support/failure-of.ts';

describe('a private directory', () => {
  const host = new LinuxHost();
  let name: string;
  beforeEach(() => {
    name = `ringmaster-test-${randomUUID()}`;
  });
  afterEach(() => host.removePrivate(name));

  const FILES = new Map<string, string | Uint8Array>([
    ['conf/a.yaml', 'a: 1\n'],
    ['b.class', Uint8Array.of(0xca, 0xfe)],
  ]);
  const rightsOf = async (path: string): Promise<string> => {
    const { mode, uid, gid } = await stat(path);
    return `${(mode & 0o7777).toString(8)} ${uid} ${gid}`;
  };

  it('is for its owner alone, files and all, and goes without a trace', async () => {
    const told: string[] = [];
    const path = await host.makePrivate(
      name,
      (directory) => {
        told.push(directory);
        return FILES;
      },
      null,
    );
    expect(told).to.deep.equal([path]);
    const { uid, gid } = await stat(path);
    for (const [file, mode] of Object.entries({
      '': 700,
      conf: 700,
      work: 700,
      'conf/a.yaml': 400,
      'b.class': 400,
    }))
      expect(await rightsOf(join(path, file)), file).to.equal(`${mode} ${uid} ${gid}`);
    expect(await readFile(join(path, 'conf/a.yaml'), 'utf8')).to.equal('a: 1\n');
    expect([...(await readFile(join(path, 'b.class')))]).to.deep.equal([0xca, 0xfe]);
    await host.removePrivate(name);
    expect(await host.exists(path)).to.equal(false);
    await host.removePrivate(name);
  });

  it('is taken from nobody who has one of that name', async () => {
    const path = await host.makePrivate(name, () => FILES, null);
    const failure = await failureOf(host.makePrivate(name, () => new Map([['x', '']]), null));
    expect(failure).to.include({ subtype: 'file-failed', resource: path });
    expect(await readdir(path)).to.have.members(['conf', 'work', 'b.class']);
  });

  it('may be read by another, who has a part of it for work alone', async function () {
    if (process.getuid?.() !== 0) this.skip();
    const path = await host.makePrivate(name, () => FILES, { uid: 65_534, gid: 65_533 });
    for (const one of [path, join(path, 'conf')]) expect(await rightsOf(one)).to.match(/^711 0 /);
    expect(await rightsOf(join(path, 'conf/a.yaml')), 'not by its group').to.equal('400 65534 65533');
    expect(await rightsOf(join(path, 'work'))).to.equal('700 65534 65533');
  });

  it('takes nothing along that a link in it leads to', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'outside-'));
    await writeFile(join(outside, 'kept'), '');
    const path = await host.makePrivate(name, () => FILES, null);
    await symlink(outside, join(path, 'work', 'link'));
    await host.removePrivate(name);
    expect(await readdir(outside)).to.deep.equal(['kept']);
    await rm(outside, { recursive: true });
  });

  it('is known as left by its age, and only where it is a directory of ours', async () => {
    const minute = 60_000;
    const path = await host.makePrivate(name, () => FILES, null);
    expect(await host.oldPrivates(name, minute)).to.deep.equal([]);
    const old = new Date(Date.now() - 2 * minute);
    await utimes(path, old, old);
    const others = [`${name}-link`, `${name}-file`, `${name}-other`].map((one) => join(tmpdir(), one));
    const [link = '', file = '', other = ''] = others;
    await symlink(path, link);
    await writeFile(file, '');
    await mkdir(other);
    if (process.getuid?.() === 0) await chown(other, 65_534, 65_533);
    for (const one of [file, other]) await utimes(one, old, old);
    const found = await host.oldPrivates(name, minute);
    for (const one of others) await rm(one, { recursive: true });
    expect(found)
      .to.include(name)
      .and.to.not.include.members([`${name}-link`, `${name}-file`]);
    if (process.getuid?.() === 0) expect(found).to.deep.equal([name]);
  });
});
