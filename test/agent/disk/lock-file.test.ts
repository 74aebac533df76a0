// The lock of a directory: a live holder is respected, a dead one is not, and a pid used again fools nobody.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { takeLock } from '../../../agent/disk/lock-file.ts';
import { startUncollected } from '../../support/uncollected.ts';
import { Scratch } from './scratch.ts';

const scratch = new Scratch();

describe('lock file', () => {
  afterEach(() => scratch.end());

  it('is held by one at a time, and free again once released', async () => {
    const path = join(await scratch.directory(), 'x.lock');
    const first = await takeLock(path);
    const second = await takeLock(path).catch((error: unknown) => error);
    expect(second).to.have.property('code', 'conflict');
    expect(second).to.have.property('message').that.includes(String(process.pid));
    await first.release();
    await (await takeLock(path)).release();
  });

  it('is taken over from a process that is gone', async () => {
    const directory = await scratch.directory();
    const path = join(directory, 'x.lock');
    const child = spawn('true');
    await once(child, 'exit');
    await writeFile(`${path}.7`, `${child.pid} 1234 boot`);
    await takeLock(path);
    expect(await readFile(`${path}.8`, 'utf8')).to.match(new RegExp(`^${process.pid} `));
    expect(await readdir(directory)).to.deep.equal(['x.lock.8']);
  });

  it('is taken over from a killed process that nobody has collected', async () => {
    const path = join(await scratch.directory(), 'x.lock');
    const held = await startUncollected();
    try {
      await writeFile(`${path}.1`, `${held.pid} ${held.startTicks} ${held.boot}`);
      expect(await takeLock(path).catch((error: unknown) => error)).to.have.property('code', 'conflict');
      await held.kill();
      await (await takeLock(path)).release();
    } finally {
      held.remove();
    }
  });

  it('is taken over when the pid lives but was given to another process, or before a reboot', async () => {
    const path = join(await scratch.directory(), 'x.lock');
    const held = await takeLock(path);
    const [pid, ticks, boot] = (await readFile(`${path}.1`, 'utf8')).split(' ');
    await held.release();
    for (const [i, stale] of [`${pid} 1 ${boot}`, `${pid} ${ticks} another-boot`, 'garbage'].entries()) {
      await writeFile(`${path}.${i + 1}`, stale);
      await (await takeLock(path)).release();
    }
    await writeFile(`${path}.4`, `${pid} ${ticks} ${boot}`);
    const refused = await takeLock(path).catch((error: unknown) => error);
    expect(refused).to.have.property('code', 'conflict');
  });

  it('is got by exactly one of many who find it stale', async () => {
    const path = join(await scratch.directory(), 'x.lock');
    await writeFile(`${path}.1`, '999999999 1 boot');
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(path)));
    expect(results.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    const codes = results.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
    expect(new Set(codes)).to.deep.equal(new Set(['conflict']));
  });
});
