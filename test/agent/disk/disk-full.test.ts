// A full disk: the reserve carries what must still be said, what cannot be stored is refused, and all is well once space is back.

import { execFileSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { openJournal } from '../../../agent/disk/journal.ts';
import { type OpenLogFile, openLogFile } from '../../../agent/disk/log-file.ts';
import type { Outbox } from '../../../agent/disk/outbox.ts';
import { type Clock, realClock } from '../../../shared/clock.ts';
import { silentLogger } from '../../../shared/log.ts';
import { eventually } from '../../support/eventually.ts';
import { Scratch, takeAll } from './scratch.ts';

const scratch = new Scratch();
const RESERVE = 64 * 1024;

/** A disk that can be filled and emptied. */
interface SmallDisk {
  directory: string;
  openFile?: OpenLogFile;
  fill(): void;
  empty(): Promise<void>;
}

/** A real one of 2 MiB: only root may mount it. */
async function tmpfs(): Promise<SmallDisk> {
  const directory = await scratch.directory();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', directory]);
  scratch.atEnd(async () => {
    execFileSync('umount', [directory]);
  });
  const filler = join(directory, 'filler');
  return {
    directory: join(directory, 'agent'),
    fill() {
      writeFileSync(filler, '');
      for (const bytes of [65_536, 4096, 1]) {
        try {
          for (;;) appendFileSync(filler, Buffer.alloc(bytes, 1));
        } catch {
          // full, to within `bytes`
        }
      }
    },
    empty: () => rm(filler),
  };
}

/** Files that say ENOSPC when told, after a part was written; but not within the size they had: those blocks are theirs. */
async function faulty(): Promise<SmallDisk> {
  let isFull = false;
  const openFile: OpenLogFile = async (path) => {
    const file = await openLogFile(path);
    const allocated = await stat(path);
    return {
      ...file,
      async write(bytes, position) {
        if (!isFull || position + bytes.length <= allocated.size) return file.write(bytes, position);
        await file.write(bytes.subarray(0, bytes.length / 2), position);
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      },
    };
  };
  return {
    directory: await scratch.directory(),
    openFile,
    fill() {
      isFull = true;
    },
    async empty() {
      isFull = false;
    },
  };
}

const disks = { 'a disk that says so in the middle of a write': faulty };
const isRoot = process.getuid?.() === 0;

for (const [name, smallDisk] of Object.entries(isRoot ? { ...disks, 'a real full disk': tmpfs } : disks)) {
  describe(`outbox and journal on ${name}`, () => {
    let passTime: () => void = () => {};
    const clock: Clock = {
      ...realClock,
      wait: (_, signal) =>
        new Promise((resolve, reject) => {
          passTime = resolve;
          signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        }),
    };
    const body = (n: number) => ({ n, text: 'x'.repeat(1_000) });

    afterEach(() => scratch.end());

    const openOn = ({ directory, openFile }: SmallDisk): Promise<Outbox> =>
      scratch.outbox(directory, {
        clock,
        reserveBytes: RESERVE,
        ...(openFile === undefined ? {} : { openFile }),
      });

    /** Appends until refused. @returns what was stored, and the refusal */
    async function appendUntilRefused(outbox: Outbox): Promise<{ stored: number[]; refusal: unknown }> {
      const stored: number[] = [];
      for (let n = 0; n < 10_000; n++) {
        try {
          await outbox.append('a', body(n));
          stored.push(n);
        } catch (refusal) {
          return { stored, refusal };
        }
      }
      throw new Error('never refused');
    }

    it('goes on in the reserve, then refuses events and still takes the failure and the finish', async () => {
      const disk = await smallDisk();
      const outbox = await openOn(disk);
      await outbox.append('a', 'first');
      disk.fill();
      const { stored, refusal } = await appendUntilRefused(outbox);
      expect(stored.length).to.be.within(20, 40);
      expect(refusal).to.include({ code: 'step-failed', subtype: 'disk-full' });
      expect(await outbox.appendFailure('a', 'failure')).to.equal(stored.length + 2);
      expect(await outbox.append('a', 'finish', { mustKeep: true })).to.equal(stored.length + 3);
      expect(takeAll(outbox).map(({ seq }) => seq)).to.deep.equal(
        stored.concat(0, 0, 0).map((_, i) => i + 1),
      );
    });

    it('has after a restart what was stored on the full disk, and nothing that was refused', async () => {
      const disk = await smallDisk();
      const before = await openOn(disk);
      disk.fill();
      const { stored } = await appendUntilRefused(before);
      await before.append('a', 'finish', { mustKeep: true });
      await before.close();
      const after = await openOn(disk);
      expect(takeAll(after).map((entry) => entry.body)).to.deep.equal([...stored.map(body), 'finish']);
    });

    it('takes the finish even when it comes together with events that are refused', async () => {
      const disk = await smallDisk();
      const outbox = await openOn(disk);
      disk.fill();
      await appendUntilRefused(outbox);
      const [event, finish] = await Promise.allSettled([
        outbox.append('a', body(1)),
        outbox.append('a', 'finish', { mustKeep: true }),
      ]);
      expect([event.status, finish.status]).to.deep.equal(['rejected', 'fulfilled']);
    });

    it('goes on as before once there is space, and makes a new reserve', async () => {
      const disk = await smallDisk();
      const outbox = await openOn(disk);
      disk.fill();
      const { stored } = await appendUntilRefused(outbox);
      const reserve = join(disk.directory, 'outbox.reserve');
      expect(await stat(reserve).catch(() => null)).to.equal(null);
      await disk.empty();
      passTime();
      await eventually(async () => expect((await stat(reserve)).size).to.equal(RESERVE));
      expect(await outbox.append('a', 'space again')).to.equal(stored.length + 1);
      disk.fill();
      expect((await appendUntilRefused(outbox)).stored.length).to.be.within(20, 45);
    });

    it('lets a run be brought to its end in the journal', async () => {
      const disk = await smallDisk();
      const journal = await openJournal({ ...disk, log: silentLogger, clock });
      scratch.atEnd(() => journal.close());
      await journal.accept({ runId: 'a', recipe: 'restart', input: {} });
      await journal.stepStarted('a', 0, 'drain');
      disk.fill();
      await journal.note('a', 0, { text: 'x'.repeat(5_000) });
      await journal.stepFinished('a', 0, 'drained');
      await journal.finished('a', { failed: 'disk-full' });
      await journal.close();
      const after = await openJournal({ ...disk, log: silentLogger, clock });
      scratch.atEnd(() => after.close());
      expect(after.run('a')).to.deep.include({ outcome: { failed: 'disk-full' } });
      expect(after.run('a')?.steps[0]).to.include({ finished: true, result: 'drained' });
    });
  });
}
