// The outbox as its callers see it: numbers, order, sending, acknowledging, the bound, and what a restart keeps.

import { open, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { frameBytes, wholeFrameBytes } from '../../../agent/disk/frame.ts';
import type { LogFields } from '../../../shared/log.ts';
import { silentLogger } from '../../../shared/log.ts';
import { eventually } from '../../support/eventually.ts';
import { Scratch, segmentsIn, takeAll } from './scratch.ts';

const scratch = new Scratch();
const text = (bytes: number) => 'x'.repeat(bytes);
const small = { segmentBytes: 1024 };

describe('outbox', () => {
  afterEach(() => scratch.end());

  it('numbers the entries of each run from 1 and hands them out in the order of appending', async () => {
    const outbox = await scratch.outbox(await scratch.directory());
    const seqs = await Promise.all(['a', 'b', 'a', 'a', 'b'].map((run, n) => outbox.append(run, { n })));
    expect(seqs).to.deep.equal([1, 1, 2, 3, 2]);
    expect(takeAll(outbox).map(({ runId, seq, body }) => [runId, seq, body])).to.deep.equal([
      ['a', 1, { n: 0 }],
      ['b', 1, { n: 1 }],
      ['a', 2, { n: 2 }],
      ['a', 3, { n: 3 }],
      ['b', 2, { n: 4 }],
    ]);
    expect(outbox.lastSeq('a')).to.equal(3);
    expect(outbox.lastSeq('nobody')).to.equal(0);
  });

  it('hands an entry out once, and again after a rewind unless it was acknowledged', async () => {
    const outbox = await scratch.outbox(await scratch.directory());
    for (let n = 1; n <= 4; n++) await outbox.append('a', n);
    expect(takeAll(outbox)).to.have.length(4);
    expect(takeAll(outbox)).to.deep.equal([]);
    outbox.acknowledge('a', 2);
    outbox.acknowledge('a', 1);
    outbox.rewind();
    expect(takeAll(outbox).map(({ seq }) => seq)).to.deep.equal([3, 4]);
    expect(outbox.pendingCount()).to.equal(2);
    outbox.acknowledge('a', 99);
    expect([outbox.pendingCount(), outbox.pendingBytes()]).to.deep.equal([0, 0]);
  });

  it('keeps to the number and the bytes it was asked for, but always gives one', async () => {
    const outbox = await scratch.outbox(await scratch.directory());
    for (let n = 0; n < 5; n++) await outbox.append('a', text(100));
    const bytes = frameBytes(`["event","a",1,"${text(100)}"]`);
    expect(outbox.take(2, 1_000_000)).to.have.length(2);
    expect(outbox.take(10, 2 * bytes)).to.have.length(2);
    expect(outbox.take(10, 1)).to.have.length(1);
  });

  it('is ready when there is something to take, and stops waiting when told', async () => {
    const outbox = await scratch.outbox(await scratch.directory());
    let isReady = false;
    const ready = outbox.ready().then(() => {
      isReady = true;
    });
    const giveUp = new AbortController();
    const second = outbox.ready(giveUp.signal).catch((error: unknown) => error);
    giveUp.abort();
    expect(await second)
      .to.be.an('error')
      .with.property('name', 'AbortError');
    expect(isReady).to.equal(false);
    await outbox.append('a', 1);
    await ready;
    expect(outbox.take(1, 1)).to.have.length(1);
  });

  it('lets nobody wait for ever on a closed outbox', async () => {
    const outbox = await scratch.outbox(await scratch.directory());
    const waiting = outbox.ready().catch((error: unknown) => error);
    await outbox.close();
    expect(await waiting).to.have.property('code', 'unavailable');
    expect(await outbox.append('a', 1).catch((error: unknown) => error)).to.have.property(
      'code',
      'unavailable',
    );
  });

  it('goes on after a restart where it was: numbers, what is pending, what is acknowledged, what is finished', async () => {
    const directory = await scratch.directory();
    const before = await scratch.outbox(directory, small);
    for (let n = 1; n <= 30; n++) await before.append(n % 2 === 0 ? 'even' : 'odd', text(90));
    await before.append('odd', 'done', { mustKeep: true });
    before.acknowledge('odd', 16);
    before.acknowledge('even', 10);
    await before.close();
    const after = await scratch.outbox(directory, small);
    expect(takeAll(after).map(({ runId, seq }) => `${runId} ${seq}`)).to.deep.equal(
      [11, 12, 13, 14, 15].map((seq) => `even ${seq}`),
    );
    expect([after.lastSeq('odd'), after.lastSeq('even')]).to.deep.equal([16, 15]);
    expect([after.isFinished('odd'), after.isFinished('even')]).to.deep.equal([true, false]);
    expect(after.pendingCount()).to.equal(5);
    expect(await after.append('even', 'next')).to.equal(16);
  });

  it('remembers how far a run was numbered when all its segments are gone', async () => {
    const directory = await scratch.directory();
    const before = await scratch.outbox(directory, small);
    for (let n = 1; n <= 100; n++) await before.append('a', text(90));
    before.acknowledge('a', 100);
    await before.append('b', text(900));
    await before.append('b', text(900));
    await eventually(async () => expect((await segmentsIn(directory)).length).to.be.at.most(3));
    await before.close();
    const after = await scratch.outbox(directory, small);
    expect(after.lastSeq('a')).to.equal(100);
    expect(takeAll(after).map(({ runId }) => runId)).to.deep.equal(['b', 'b']);
  });

  it('deletes a segment once all in it is acknowledged', async () => {
    const directory = await scratch.directory();
    const outbox = await scratch.outbox(directory, small);
    for (let n = 1; n <= 100; n++) await outbox.append('a', text(90));
    expect((await segmentsIn(directory)).length).to.be.greaterThan(8);
    outbox.acknowledge('a', 100);
    await eventually(async () => expect(await segmentsIn(directory)).to.have.length(1));
  });

  it('forgets a run with all it has pending', async () => {
    const directory = await scratch.directory();
    const outbox = await scratch.outbox(directory);
    for (let n = 1; n <= 3; n++) await outbox.append('fenced', n);
    await outbox.append('other', 1);
    await outbox.forget('fenced');
    expect(takeAll(outbox).map(({ runId }) => runId)).to.deep.equal(['other']);
    await outbox.close();
    const after = await scratch.outbox(directory);
    expect(takeAll(after).map(({ runId }) => runId)).to.deep.equal(['other']);
    expect(after.lastSeq('fenced')).to.equal(0);
  });

  it('reads a backlog larger than its memory from disk, while more is coming in', async () => {
    const outbox = await scratch.outbox(await scratch.directory());
    const append = (count: number) =>
      Promise.all(Array.from({ length: count }, () => outbox.append('a', text(400))));
    await append(20_000);
    const taken = outbox.take(7_000, 100_000_000);
    await append(100);
    taken.push(...takeAll(outbox));
    await append(1);
    taken.push(...takeAll(outbox));
    expect(taken.map(({ seq }) => seq)).to.deep.equal(Array.from({ length: 20_101 }, (_, n) => n + 1));
  });

  it('hands out an entry that is larger than a chunk it reads', async () => {
    const directory = await scratch.directory();
    const before = await scratch.outbox(directory);
    await before.append('a', 'small');
    await before.append('a', text(700_000));
    await before.append('a', 'small');
    await before.close();
    const after = await scratch.outbox(directory);
    expect(takeAll(after).map(({ body }) => String(body).length)).to.deep.equal([5, 700_000, 5]);
  });

  it('keeps its files to itself', async () => {
    const directory = await scratch.directory();
    const outbox = await scratch.outbox(directory);
    await outbox.append('a', 1);
    const [segment = ''] = await segmentsIn(directory);
    const modes = await Promise.all(
      [directory, segment, `${directory}/outbox.reserve`].map((path) => stat(path)),
    );
    expect(modes.map(({ mode }) => (mode & 0o777).toString(8))).to.deep.equal(['700', '600', '600']);
  });

  it('refuses a second process', async () => {
    const directory = await scratch.directory();
    await scratch.outbox(directory);
    const second = await scratch.outbox(directory).catch((error: unknown) => error);
    expect(second).to.have.property('code', 'conflict');
  });

  describe('at its bound', () => {
    const bound = { mostBytes: 16_384, segmentBytes: 2048 };

    it('drops events, keeps failures and finishes, and tells of the drops in an entry before them', async () => {
      const outbox = await scratch.outbox(await scratch.directory(), bound);
      const seqs: number[] = [];
      for (let n = 0; n < 200; n++) seqs.push(await outbox.append('a', text(200)));
      const stored = seqs.filter((seq) => seq > 0).length;
      expect(stored).to.be.within(50, 80);
      expect(seqs.slice(stored).every((seq) => seq === 0)).to.equal(true);
      expect(await outbox.appendFailure('a', 'failure')).to.equal(stored + 2);
      expect(await outbox.append('a', 'finish', { mustKeep: true })).to.equal(stored + 3);
      const all = takeAll(outbox);
      expect(all.map(({ seq }) => seq)).to.deep.equal(Array.from({ length: stored + 3 }, (_, n) => n + 1));
      const told = { dropped: 200 - stored, firstSeq: stored + 1, lastSeq: stored + 1, what: 'events' };
      expect(all.slice(-3).map(({ body }) => body)).to.deep.equal([told, 'failure', 'finish']);
    });

    it('tells of the drops by itself when there is room again', async () => {
      const outbox = await scratch.outbox(await scratch.directory(), bound);
      for (let n = 0; n < 200; n++) await outbox.append('a', text(200));
      const stored = takeAll(outbox).length;
      outbox.acknowledge('a', stored);
      await outbox.ready(AbortSignal.timeout(5_000));
      expect(takeAll(outbox).map(({ body }) => body)).to.deep.equal([
        { dropped: 200 - stored, firstSeq: stored + 1, lastSeq: stored + 1, what: 'events' },
      ]);
      expect(await outbox.append('a', 'goes on')).to.equal(stored + 2);
    });

    it('still knows after a restart that there were drops', async () => {
      const directory = await scratch.directory();
      const before = await scratch.outbox(directory, bound);
      for (let n = 0; n < 200; n++) await before.append('a', text(200));
      const stored = before.lastSeq('a');
      await before.close();
      const after = await scratch.outbox(directory, bound);
      await after.append('a', 'finish', { mustKeep: true });
      const told = takeAll(after).at(-2)?.body as { dropped: number };
      expect(told.dropped).to.be.within((200 - stored) / 2, 200 - stored);
    });

    it('stays within the bound but for finishes and counts', async () => {
      const directory = await scratch.directory();
      const outbox = await scratch.outbox(directory, bound);
      for (let n = 0; n < 400; n++) await outbox.append(`run ${n % 3}`, text(200));
      const sizes = await Promise.all(
        (await segmentsIn(directory)).map(async (path) => (await stat(path)).size),
      );
      expect(sizes.reduce((sum, size) => sum + size)).to.be.at.most(bound.mostBytes + 2_000);
    });
  });

  describe('damaged', () => {
    /** An outbox of several segments, closed. */
    async function severalSegments(): Promise<{ directory: string; paths: string[] }> {
      const directory = await scratch.directory();
      const outbox = await scratch.outbox(directory, small);
      for (let n = 1; n <= 40; n++) await outbox.append(n % 3 === 0 ? 'b' : 'a', { n, text: text(90) });
      await outbox.close();
      return { directory, paths: await segmentsIn(directory) };
    }

    function listening() {
      const told: [string, LogFields | undefined][] = [];
      const log = {
        ...silentLogger,
        error: (message: string, fields?: LogFields) => told.push([message, fields]),
      };
      return { told, log: { ...log, child: () => log } };
    }

    it('fills every hole with an entry that says so, and tells the operator', async () => {
      const { directory, paths } = await severalSegments();
      const path = paths[1] ?? '';
      const bytes = await readFile(path);
      for (let at = wholeFrameBytes(bytes, 0) + 12; at < bytes.length; at += 400) bytes[at] = 0xff;
      await writeFile(path, bytes);
      const { told, log } = listening();
      const after = await scratch.outbox(directory, { ...small, log });
      expect(told.map(([message]) => message)).to.deep.equal(['stored records are damaged']);
      const all = takeAll(after);
      for (const [run, last] of [
        ['a', 27],
        ['b', 13],
      ] as const) {
        const seqs = all.filter(({ runId }) => runId === run).map(({ seq }) => seq);
        expect(seqs).to.deep.equal(Array.from({ length: last }, (_, n) => n + 1));
      }
      const lost = all.filter(({ body }) => Object.hasOwn(body as object, 'dropped'));
      expect(lost.length).to.be.within(1, 8);
      for (const { seq, body } of lost) {
        expect(body).to.deep.equal({ dropped: 1, firstSeq: seq, lastSeq: seq, what: 'events' });
      }
      after.rewind();
      expect(takeAll(after)).to.deep.equal(all);
    });

    it('fills the holes even when the end of a segment is gone', async () => {
      const { directory, paths } = await severalSegments();
      const path = paths[2] ?? '';
      await truncate(path, (await stat(path)).size - 300);
      const file = await open(path, 'a');
      await file.write('garbage');
      await file.close();
      const after = await scratch.outbox(directory, small);
      const seqs = takeAll(after).map(({ runId, seq }) => `${runId} ${seq}`);
      expect(new Set(seqs).size).to.equal(40);
      expect([after.lastSeq('a'), after.lastSeq('b'), after.pendingCount()]).to.deep.equal([27, 13, 40]);
    });
  });
});
