// What agents kept elsewhere before: moved where it is ours and nothing is in its place yet.
import { chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { takeOverKept } from '../../../agent/products/kept-before.ts';
import { createLogger } from '../../../shared/log.ts';
import { Scratch } from '../disk/scratch.ts';

describe('what agents before kept of database nodes', () => {
  const scratch = new Scratch();
  afterEach(() => scratch.end());
  const log = createLogger('silent');
  let before: string;
  let now: string;
  const keep = async (directory: string, product: string, text: string): Promise<void> => {
    await mkdir(join(directory, product), { recursive: true });
    await writeFile(join(directory, product, 'cluster-name'), text);
  };
  const kept = (directory: string, product: string) =>
    readFile(join(directory, product, 'cluster-name'), 'utf8').catch(() => null);

  beforeEach(async () => {
    const directory = await scratch.directory();
    [before, now] = [join(directory, 'before'), join(directory, 'agent', 'database')];
    await keep(before, 'cassandra', 'old');
  });

  it('is moved once, of each product', async () => {
    await keep(before, 'dse', 'of dse');
    await takeOverKept(log, before, now);
    expect([await kept(now, 'cassandra'), await kept(now, 'dse')]).to.deep.equal(['old', 'of dse']);
    expect(await kept(before, 'cassandra')).to.equal(null);
    await takeOverKept(log, before, now);
    expect(await kept(now, 'cassandra')).to.equal('old');
  });

  it('does not take the place of what is kept now', async () => {
    await keep(now, 'cassandra', 'new');
    await takeOverKept(log, before, now);
    expect(await kept(now, 'cassandra')).to.equal('new');
  });

  it('is not believed where it is of another user', async function () {
    if (process.getuid?.() !== 0) this.skip(); // only root may give a directory away
    await chown(join(before, 'cassandra'), 65_534, 65_534);
    await takeOverKept(log, before, now);
    expect(await kept(now, 'cassandra')).to.equal(null);
  });

  it('does not keep an agent from its work where it cannot be moved', async () => {
    await mkdir(join(now, '..'), { recursive: true });
    await writeFile(now, 'a file in the way');
    await takeOverKept(log, before, now);
    expect(await kept(before, 'cassandra')).to.equal('old');
  });
});
