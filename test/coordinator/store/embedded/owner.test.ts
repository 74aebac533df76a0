// The lock on a data directory: one living holder, whatever the dead left.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { holdDirectory } from '../../../../coordinator/store/embedded/owner.ts';
import { startUncollected } from '../../../support/uncollected.ts';
import { makeScratch, type Scratch } from './scratch.ts';

describe('holding a data directory', () => {
  let scratch: Scratch;
  let lock: string;
  beforeEach(async () => {
    scratch = await makeScratch();
    lock = join(scratch.open, 'owner.lock');
  });
  afterEach(() => scratch.remove());

  it('takes over from a dead process, also when its pid lives again or its lock is empty', async () => {
    for (const left of ['', '999999999 gone', `${process.pid} another-boot/12345`]) {
      await writeFile(lock, left);
      const letGo = await holdDirectory(scratch.open);
      expect(await readFile(lock, 'utf8')).to.match(new RegExp(`^${process.pid} [^ ]+/\\d+ `));
      await letGo();
      expect(await readdir(scratch.open)).to.deep.equal([]);
    }
  });

  it('takes over from a killed process that nobody has collected', async () => {
    const held = await startUncollected();
    try {
      await writeFile(lock, `${held.pid} ${held.boot}/${held.startTicks} nonce`);
      const refused = await holdDirectory(scratch.open).catch((error: Error) => error.message);
      expect(refused).to.contain(`process ${held.pid}`);
      await held.kill();
      await (await holdDirectory(scratch.open))();
    } finally {
      held.remove();
    }
  });

  it('is won by exactly one of many that find a dead lock at once', async () => {
    for (let round = 0; round < 20; round += 1) {
      await writeFile(lock, '999999999 gone');
      const all = await Promise.allSettled(Array.from({ length: 8 }, () => holdDirectory(scratch.open)));
      const won = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(won).to.have.length(1);
      for (const letGo of won) await letGo();
    }
  });

  it('does not let go of a lock that is no longer its own', async () => {
    const letGo = await holdDirectory(scratch.open);
    await writeFile(lock, '1 somebody-else');
    await letGo();
    expect(await readFile(lock, 'utf8')).to.equal('1 somebody-else');
  });
});
