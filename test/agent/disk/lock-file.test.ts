// The lock of a directory: a live holder is respected, a dead one is not, and a pid used again fools nobody.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { takeLock } from '../../../agent/disk/lock-file.ts';
import { heardLog } from '../../support/heard-log.ts';
import { startUncollected } from '../../support/uncollected.ts';
import { Scratch } from './scratch.ts';

const scratch = new Scratch();
const { log, lines } = heardLog();

describe('lock file', () => {
  beforeEach(() => {
    lines.length = 0;
  });
  afterEach(() => scratch.end());

  it('is held by one at a time, and free again once released', async () => {
    const path = join(await scratch.directory(), 'x.lock');
    const first = await takeLock(path, log);
    const second = await takeLock(path, log).catch((error: unknown) => error);
    expect(second).to.have.property('code', 'conflict');
    expect(second)
      .to.have.property('message')
      .that.equals(
        `another agent (pid ${process.pid}) is using ${dirname(path)}; or, if that is a copy of the directory which it uses, remove ${path}.1`,
      );
    await first.release();
    await (await takeLock(path, log)).release();
    expect(lines, 'nothing was taken over').to.deep.equal([]);
  });

  it('is taken over from a process that is gone', async () => {
    const directory = await scratch.directory();
    const path = join(directory, 'x.lock');
    const child = spawn('true');
    await once(child, 'exit');
    await writeFile(`${path}.7`, `${child.pid} 1234 boot`);
    await takeLock(path, log);
    expect(await readFile(`${path}.8`, 'utf8')).to.match(new RegExp(`^${process.pid} `));
    expect(await readdir(directory)).to.deep.equal(['x.lock.8']);
  });

  it('is taken over from a killed process that nobody has collected', async () => {
    const path = join(await scratch.directory(), 'x.lock');
    const held = await startUncollected();
    try {
      await writeFile(`${path}.1`, `${held.pid} ${held.startTicks} ${held.boot}`);
      expect(await takeLock(path, log).catch((error: unknown) => error)).to.have.property('code', 'conflict');
      await held.kill();
      await (await takeLock(path, log)).release();
    } finally {
      held.remove();
    }
  });

  it('is taken over when the pid lives but was given to another process, or before a reboot', async () => {
    const path = join(await scratch.directory(), 'x.lock');
    const held = await takeLock(path, log);
    const [pid, ticks, boot] = (await readFile(`${path}.1`, 'utf8')).split(' ');
    await held.release();
    const stales = [
      [`${pid} 1 ${boot}`, `names pid ${pid}, which is another process now`],
      [`${pid} ${ticks} another-boot`, `names process ${pid} of another host, or of before a reboot`],
      [`999999999 ${ticks} ${boot}`, 'names process 999999999, which is gone'],
      ['garbage', 'names no process'],
    ] as const;
    for (const [i, [stale, why]] of stales.entries()) {
      await writeFile(`${path}.${i + 1}`, stale);
      await (await takeLock(path, log)).release();
      expect(lines.splice(0)).to.deep.equal([
        JSON.stringify({ component: 'disk', reason: `${path}.${i + 1} ${why}`, message: 'lock taken over' }),
      ]);
    }
    await writeFile(`${path}.5`, `${pid} ${ticks} ${boot}`);
    const refused = await takeLock(path, log).catch((error: unknown) => error);
    expect(refused).to.have.property('code', 'conflict');
  });

  it('is got by exactly one of many who find it stale', async () => {
    const path = join(await scratch.directory(), 'x.lock');
    await writeFile(`${path}.1`, '999999999 1 boot');
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(path, log)));
    expect(results.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    const codes = results.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
    expect(new Set(codes)).to.deep.equal(new Set(['conflict']));
  });
});
