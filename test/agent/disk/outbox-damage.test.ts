// Records that go bad under a running outbox: each is told of in its place, and the rest of its segment is sent.
import { open, readFile, truncate } from 'node:fs/promises';
import { expect } from 'chai';
import { frameAt, HEADER_BYTES } from '../../../agent/disk/frame.ts';
import type { Outbox } from '../../../agent/disk/outbox.ts';
import { describeDropped } from '../../../agent/run-events.ts';
import { type LogFields, silentLogger } from '../../../shared/log.ts';
import { Scratch, segmentsIn, takeAll } from './scratch.ts';

const scratch = new Scratch();

/** Where the n-th record of a segment begins, from 0; its head is the first. */
async function recordAt(path: string, n: number): Promise<number> {
  const bytes = await readFile(path);
  let at = 0;
  for (let left = n; left > 0; left--) {
    const frame = frameAt(bytes, at);
    if (typeof frame !== 'object') throw new Error(`no record ${n} in ${path}`);
    at = frame.end;
  }
  return at;
}

async function overwrite(path: string, at: number, bytes: readonly number[]): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(Buffer.from(bytes), 0, bytes.length, at);
  await file.close();
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);

/** The numbers under which an entry says that it stands for a lost one; all numbers must be there. */
function lostOf(outbox: Outbox, count: number): number[] {
  outbox.rewind();
  const all = takeAll(outbox);
  expect(all.map(({ seq }) => seq)).to.deep.equal(numbers(count));
  const lost = all.filter(({ body }) => Object.hasOwn(body as object, 'dropped'));
  for (const { seq, body } of lost)
    expect(body).to.deep.equal({ dropped: 1, firstSeq: seq, lastSeq: seq, what: 'events' });
  return lost.map(({ seq }) => seq);
}

describe('an outbox whose files are damaged while it is open', () => {
  afterEach(() => scratch.end());

  async function opened(count: number, segmentBytes: number, directory?: string) {
    const told: string[] = [];
    const log = { ...silentLogger, error: (message: string, _fields?: LogFields) => void told.push(message) };
    const path = directory ?? (await scratch.directory());
    const outbox = await scratch.outbox(path, { segmentBytes, log: { ...log, child: () => log } });
    await Promise.all(numbers(count).map((n) => outbox.append('a', { n, text: 'x'.repeat(100) })));
    return { outbox, directory: path, told };
  }

  it('says of a lost record the same each time it is sent: it is one event', async () => {
    const directory = await scratch.directory();
    const outbox = await scratch.outbox(directory, { describeDropped });
    await Promise.all(numbers(3).map((n) => outbox.append('a', { n, text: 'x'.repeat(100) })));
    const [segment = ''] = await segmentsIn(directory);
    await overwrite(segment, (await recordAt(segment, 2)) + HEADER_BYTES + 30, [0x7e]);
    outbox.rewind();
    const first = takeAll(outbox);
    outbox.rewind();
    expect(takeAll(outbox)).to.deep.equal(first);
    outbox.acknowledge('a', 2);
    outbox.rewind();
    expect(takeAll(outbox)).to.deep.equal(first.slice(2));
  });

  it('sends every other record when a byte of one has changed, and says which one is lost', async () => {
    const { outbox, directory, told } = await opened(3_001, 4_000_000);
    const [segment = ''] = await segmentsIn(directory);
    await overwrite(segment, (await recordAt(segment, 2_000)) + HEADER_BYTES + 30, [0x7e]);
    expect(lostOf(outbox, 3_001)).to.deep.equal([2_000]);
    expect(told).to.deep.equal(['a stored record can no longer be read']);
  });

  for (const [what, bytes] of [
    ['far too large', [0x7f, 0xff, 0xff, 0xff]],
    ['larger than a chunk', [0x00, 0x05, 0x00, 0x00]],
    ['too small', [0x00, 0x00, 0x00, 0x05]],
    ['none', [0x00, 0x00, 0x00, 0x00]],
  ] as const) {
    it(`finds the next record behind one whose length is ${what}`, async () => {
      const { outbox, directory } = await opened(3_001, 4_000_000);
      const [segment = ''] = await segmentsIn(directory);
      await overwrite(segment, await recordAt(segment, 17), bytes);
      expect(lostOf(outbox, 3_001)).to.deep.equal([17]);
    });
  }

  it('says so of the last record of a segment, of several in a row, and of the last of all', async () => {
    const { outbox, directory } = await opened(0, 700);
    for (const n of numbers(20)) await outbox.append('a', { n, text: 'x'.repeat(100) });
    const segments = await segmentsIn(directory);
    expect(segments).to.have.length.greaterThan(2);
    const first = (await readFile(segments[0] ?? '')).length;
    const last = (await readFile(segments.at(-1) ?? '')).length;
    await overwrite(segments[0] ?? '', first - 2, [0x7e]);
    for (const n of [2, 1])
      await overwrite(segments[1] ?? '', (await recordAt(segments[1] ?? '', n)) + 20, [1]);
    await overwrite(segments.at(-1) ?? '', last - 2, [0x7e]);
    const lost = lostOf(outbox, 20);
    expect(lost).to.have.length(4);
    expect(lost.at(-1)).to.equal(20);
    expect(await outbox.append('a', { goes: 'on' })).to.equal(21);
    expect(takeAll(outbox).map(({ seq }) => seq)).to.deep.equal([21]);
  });

  it('tells of what was cut off', async () => {
    const { outbox, directory } = await opened(20, 4_000);
    const [segment = ''] = await segmentsIn(directory);
    await truncate(segment, await recordAt(segment, 18));
    expect(lostOf(outbox, 20)).to.deep.equal([18, 19, 20]);
  });

  it('does not tell again of what is acknowledged or forgotten', async () => {
    const { outbox, directory } = await opened(20, 4_000);
    const [segment = ''] = await segmentsIn(directory);
    await overwrite(segment, (await recordAt(segment, 5)) + 20, [1]);
    outbox.acknowledge('a', 7);
    outbox.rewind();
    expect(takeAll(outbox).map(({ seq }) => seq)).to.deep.equal(numbers(20).slice(7));
    await outbox.forget('a');
    outbox.rewind();
    expect(takeAll(outbox)).to.deep.equal([]);
  });

  it('ends the run whose finish is lost, as failed', async () => {
    const directory = await scratch.directory();
    const options = { segmentBytes: 300, describeDropped };
    const outbox = await scratch.outbox(directory, options);
    await outbox.append('a', { kind: 'event' });
    await outbox.append('a', { kind: 'finished' }, { mustKeep: true });
    await outbox.append('b', { kind: 'event', text: 'x'.repeat(300) });
    const [segment = ''] = await segmentsIn(directory);
    await overwrite(segment, (await recordAt(segment, 2)) + 20, [1]);
    const endOf = ({ runId, seq, body }: { runId: string; seq: number; body: unknown }) =>
      runId === 'a' && seq === 2
        ? (body as { finish?: { outcome: string; reason: string } }).finish
        : undefined;
    const finished = {
      outcome: 'failed',
      reason: 'The run ended, but how was lost with a damaged record on this host',
    };
    outbox.rewind();
    expect(takeAll(outbox).map(endOf).find(Boolean)).to.include(finished);
    await outbox.close();
    const after = await scratch.outbox(directory, options);
    expect(takeAll(after).map(endOf).find(Boolean)).to.include(finished);
    expect(after.isFinished('a')).to.equal(true);
  });

  it('gives no number of a damaged last segment again after a restart', async () => {
    const { outbox, directory } = await opened(20, 4_000);
    await outbox.close();
    const [segment = ''] = await segmentsIn(directory);
    await overwrite(segment, (await recordAt(segment, 5)) + 20, [1]);
    const { outbox: after, told } = await opened(0, 4_000, directory);
    expect(told).to.deep.equal(['stored records are damaged']);
    expect(lostOf(after, 20)).to.deep.equal([5]);
    expect(await after.append('a', { goes: 'on' })).to.equal(21);
  });
});
