// Crashes: whatever the outbox said was stored is there afterwards, once, in order and without holes.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, truncate } from 'node:fs/promises';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import fc from 'fast-check';
import { scanFrames, wholeFrameBytes } from '../../../agent/disk/frame.ts';
import type { Outbox } from '../../../agent/disk/outbox.ts';
import { eventually } from '../../support/eventually.ts';
import { powerLoss } from './power-loss.ts';
import { Scratch, segmentsIn, takeAll } from './scratch.ts';

const scratch = new Scratch();
const options = { segmentBytes: 700, mostBytes: 10_000_000, openFile: powerLoss().openFile };

const lastOf = (paths: string[]): string => paths.at(-1) ?? '';

/** One stored event, and where its record ends. */
interface Stored {
  seq: number;
  body: unknown;
  path: string;
  end: number;
}

/** What must be true, kept beside the real outbox. */
class Model {
  readonly runs = new Map<string, { stored: Stored[]; acked: number }>();

  run(runId: string): { stored: Stored[]; acked: number } {
    const run = this.runs.get(runId) ?? { stored: [], acked: 0 };
    this.runs.set(runId, run);
    return run;
  }

  /** Forgets what a cut of `path` at `bytes` takes away. */
  cut(path: string, bytes: number): void {
    for (const run of this.runs.values()) {
      run.stored = run.stored.filter((one) => one.path !== path || one.end <= bytes);
      run.acked = Math.min(run.acked, run.stored.at(-1)?.seq ?? 0);
    }
  }

  check(outbox: Outbox): void {
    outbox.rewind();
    const taken = takeAll(outbox);
    expect(outbox.pendingCount(), 'pending').to.equal(taken.length);
    for (const [runId, { stored, acked }] of this.runs) {
      const got = taken.filter((entry) => entry.runId === runId);
      const first = got[0]?.seq ?? stored.length + 1;
      expect(outbox.lastSeq(runId), `last of ${runId}`).to.equal(stored.length);
      // An acknowledgement may be lost, so that some come again; nothing else may.
      expect(first, `first of ${runId}`).to.be.at.most(acked + 1);
      expect(got.map(({ seq, body }) => [seq, body])).to.deep.equal(
        stored.slice(first - 1).map(({ seq, body }) => [seq, body]),
      );
    }
  }
}

const runIds = fc.constantFrom('a', 'b', 'c');
const act = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('append'), runId: runIds, size: fc.nat(200) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('ack'),
      runId: runIds,
      part: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('take'), most: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart') }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('crash'), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
);

type Act = {
  do: string;
  runId?: string;
  size?: number;
  part?: number;
  most?: number;
};

describe('outbox after a crash', () => {
  afterEach(() => scratch.end());

  it('has all that was stored, in order and without holes, whatever was done and wherever the file was cut', async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 60 }), async (acts: Act[]) => {
        let directory = await scratch.directory();
        let outbox = await scratch.outbox(directory, options);
        const model = new Model();
        let n = 0;
        for (const { do: what, runId = '', size = 0, part = 0, most = 1 } of acts) {
          const run = what === 'append' || what === 'ack' ? model.run(runId) : { stored: [], acked: 0 };
          if (what === 'append') {
            const body = { n: n++, text: 'é'.repeat(size) };
            const seq = await outbox.append(runId, body);
            expect(seq).to.equal(run.stored.length + 1);
            const path = lastOf(await segmentsIn(directory));
            run.stored.push({ seq, body, path, end: (await stat(path)).size });
          } else if (what === 'ack') {
            const seq = Math.floor(run.stored.length * part);
            outbox.acknowledge(runId, seq);
            run.acked = Math.max(run.acked, seq);
          } else if (what === 'take') {
            outbox.take(most, 500);
          } else if (what === 'restart') {
            await outbox.close();
            outbox = await scratch.outbox(directory, options);
          } else {
            const crashed = await scratch.afterCrash(directory);
            await outbox.close();
            const path = lastOf(await segmentsIn(crashed));
            const bytes = await readFile(path);
            // Its head was on the device before anything relied on it; all behind the head may be cut.
            const least = wholeFrameBytes(bytes, 0);
            const at = least + Math.round((bytes.length - least) * part);
            await truncate(path, at);
            for (const { stored } of model.runs.values()) {
              for (const one of stored) one.path = one.path.replace(directory, crashed);
            }
            model.cut(path, at);
            directory = crashed;
            outbox = await scratch.outbox(directory, options);
          }
        }
        model.check(outbox);
        await scratch.end();
      }),
      { numRuns: 60 },
    );
  });

  it('loses the last record and nothing else when that is torn, at whichever byte', async () => {
    const directory = await scratch.directory();
    const before = await scratch.outbox(directory);
    for (let n = 1; n <= 3; n++) await before.append('a', { n });
    const path = lastOf(await segmentsIn(directory));
    const lastRecord = (await stat(path)).size;
    await before.append('a', { text: 'a longer one, of which much is left when it is torn' });
    const { size } = await stat(path);
    for (let at = lastRecord; at < size; at++) {
      const crashed = await scratch.afterCrash(directory);
      const torn = lastOf(await segmentsIn(crashed));
      await truncate(torn, at);
      const after = await scratch.outbox(crashed);
      expect(
        takeAll(after).map(({ seq }) => seq),
        `cut at ${at}`,
      ).to.deep.equal([1, 2, 3]);
      expect(await after.append('a', 4)).to.equal(4);
      await after.close();
      expect(scanFrames(await readFile(torn)).tornBytes, `cut at ${at}`).to.equal(0);
    }
  });

  it('has every event that was stored before the power went, without a sync for each', async () => {
    const directory = await scratch.directory();
    const { openFile, syncs } = powerLoss();
    const outbox = await scratch.outbox(directory, { openFile });
    await setImmediate(); // it is idle
    const before = syncs();
    await Promise.all(Array.from({ length: 50 }, (_, n) => outbox.append('a', n)));
    expect(syncs() - before).to.equal(1);
    const after = await scratch.outbox(await scratch.afterCrash(directory));
    expect(takeAll(after).map(({ body }) => body)).to.deep.equal(Array.from({ length: 50 }, (_, n) => n));
  });

  it('does not count as pending what was acknowledged and deleted, though the acknowledgement was lost', async () => {
    const directory = await scratch.directory();
    const outbox = await scratch.outbox(directory, options);
    for (let n = 1; n <= 40; n++) await outbox.append('a', { n, text: 'x'.repeat(80) });
    outbox.acknowledge('a', 40);
    await eventually(async () => expect(await segmentsIn(directory)).to.have.length(1));
    const after = await scratch.outbox(await scratch.afterCrash(directory), options);
    const resent = takeAll(after).length;
    expect(resent).to.be.within(1, 8);
    expect([after.pendingCount(), after.lastSeq('a')]).to.deep.equal([resent, 40]);
  });

  it('leaves nothing unsynced in a file when it begins the next', async () => {
    const directory = await scratch.directory();
    const { openFile, hasTornOlder } = powerLoss();
    const outbox = await scratch.outbox(directory, { ...options, openFile });
    await outbox.append('a', 'x'.repeat(400));
    outbox.acknowledge('a', 1);
    await setImmediate(); // the acknowledgement is written, and not synced
    await outbox.append('a', 'x'.repeat(400));
    expect(lastOf(await segmentsIn(directory))).to.match(/00000002/);
    expect(hasTornOlder()).to.equal(false);
  });

  it('has every event that a killed process said was stored', async function () {
    this.timeout(30_000);
    const directory = await scratch.directory();
    const here = import.meta.url;
    const program = fileURLToPath(new URL(`./append-for-ever${extname(here)}`, here));
    const child = spawn(process.execPath, [...process.execArgv, program, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const gone = once(child, 'exit');
    scratch.atEnd(async () => {
      child.kill('SIGKILL');
      await gone;
    });
    const said: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      said.push(line);
      if (said.length === 2_000) child.kill('SIGKILL');
    }
    await gone;
    expect(said.length).to.be.at.least(2_000);
    const after = await scratch.outbox(directory, { segmentBytes: 65_536 });
    const taken = takeAll(after);
    const stored = new Set(
      taken.map(({ runId, seq, body }) => `${runId} ${seq} ${(body as { n: number }).n}`),
    );
    expect(said.filter((line) => !stored.has(line))).to.deep.equal([]);
    for (const run of ['run-0', 'run-1', 'run-2']) {
      const seqs = taken.filter(({ runId }) => runId === run).map(({ seq }) => seq);
      expect(seqs).to.deep.equal(seqs.map((_, i) => i + 1));
    }
  });
});
