// The boot that a host runs since: another one after a boot of the machine, and after one of a container on it.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { bootId } from '../../../agent/host/boot-id.ts';
import { Scratch } from '../disk/scratch.ts';

describe('the boot id of a host', () => {
  const scratch = new Scratch();
  afterEach(() => scratch.end());

  async function procOf(boot: string, ticks: number | null): Promise<string> {
    const proc = await scratch.directory();
    await mkdir(join(proc, 'sys/kernel/random'), { recursive: true });
    await writeFile(join(proc, 'sys/kernel/random/boot_id'), `${boot}\n`);
    if (ticks === null) return proc;
    await mkdir(join(proc, '1'));
    const [, ...fields] = (await readFile('/proc/self/stat', 'utf8')).split(') ');
    const after = fields.join(') ').split(' ');
    after[19] = String(ticks);
    await writeFile(join(proc, '1/stat'), `1 (sys) temd) ${after.join(' ')}`);
    return proc;
  }
  const idOf = async (boot: string, ticks: number | null): Promise<string> =>
    bootId(await procOf(boot, ticks));

  it('is the same for as long as the host is up', async () => {
    expect(await bootId()).to.equal(await bootId());
    expect(await idOf('a', 7)).to.equal(await idOf('a', 7));
  });

  it('is another one after a boot of the machine, whose first process is as old as ever', async () => {
    expect(await idOf('a', 7)).to.not.equal(await idOf('b', 7));
  });

  it('is another one after a boot of a container, which has the boot id of its machine', async () => {
    expect(await idOf('a', 7)).to.not.equal(await idOf('a', 12_345));
  });

  it('is that of the machine where its first process may not be seen', async () => {
    expect(await idOf('a', null)).to.equal('a');
  });
});
