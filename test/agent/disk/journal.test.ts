// The journal: what a restarted agent knows of its runs is exactly what it was told before.

import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { frameAt, wholeFrameBytes } from '../../../agent/disk/frame.ts';
import { type Journal, type JournalOptions, openJournal } from '../../../agent/disk/journal.ts';
import { applyLine, emptyState, FENCED_KEPT, type JournalLine } from '../../../agent/disk/journal-state.ts';
import { realClock } from '../../../shared/clock.ts';
import { silentLogger } from '../../../shared/log.ts';
import { failingDisk } from './failing-disk.ts';
import { Scratch, segmentsIn } from './scratch.ts';

const scratch = new Scratch();
const clock = { ...realClock, nowMs: () => 1_700_000_000_000 };

async function journalIn(directory: string, options: Partial<JournalOptions> = {}): Promise<Journal> {
  const journal = await openJournal({ directory, log: silentLogger, clock, reserveBytes: 4096, ...options });
  scratch.atEnd(() => journal.close());
  return journal;
}

const restart = (runId: string) => ({ runId, recipe: 'restart', input: { unit: 'dse' } });

const runIds = fc.constantFrom('a', 'b', 'c', 'd');
const index = fc.nat(3);
const value = fc.jsonValue({ maxDepth: 1 });
const line: fc.Arbitrary<JournalLine> = fc.oneof(
  fc.tuple(fc.constant('accept'), runIds, fc.constant('restart'), value, fc.constant(clock.nowMs())),
  fc.tuple(
    fc.constant('start'),
    runIds,
    index,
    fc.constantFrom('drain', 'stop'),
    fc.array(value, { maxLength: 1 }),
  ),
  fc.tuple(fc.constant('note'), runIds, index, value),
  fc.tuple(fc.constant('end'), runIds, index, value),
  fc.tuple(fc.constant('undo'), runIds, fc.subarray(['drain', 'stop'])),
  fc.tuple(fc.constant('boot'), runIds, fc.constantFrom('one', 'two')),
  fc.tuple(fc.constant('stop'), runIds),
  fc.tuple(fc.constant('over'), runIds, fc.constantFrom('done', 'failed')),
  fc.tuple(fc.constant('forget'), runIds),
  fc.tuple(fc.constant('fence'), fc.constantFrom('x', 'y')),
) as fc.Arbitrary<JournalLine>;

/** Tells the journal what the line says, by its public words. */
function tell(journal: Journal, told: JournalLine): Promise<void> {
  switch (told[0]) {
    case 'accept':
      return journal.accept({ runId: told[1], recipe: told[2], input: told[3] });
    case 'start':
      return journal.stepStarted(told[1], told[2], told[3], ...told[4]);
    case 'note':
      return journal.note(told[1], told[2], told[3]);
    case 'end':
      return journal.stepFinished(told[1], told[2], told[3]);
    case 'undo':
      return journal.stepsUndone(told[1], told[2]);
    case 'boot':
      return journal.booted(told[1], told[2]);
    case 'stop':
      return journal.stopRequested(told[1]);
    case 'over':
      return journal.finished(told[1], told[2]);
    case 'forget':
      return journal.forget(told[1]);
    case 'fence':
      return journal.fenced(told[1]);
    case 'state':
      throw new Error('nobody says this');
  }
}

/** What the lines add up to, as JSON would have it (-0 is 0). */
function sumOf(lines: readonly JournalLine[]) {
  const state = emptyState();
  for (const one of lines) applyLine(state, JSON.parse(JSON.stringify(one)));
  return { runs: [...state.runs.values()], x: state.fenced.has('x'), y: state.fenced.has('y') };
}

const seen = (journal: Journal) => ({
  runs: journal.runs(),
  x: journal.isFenced('x'),
  y: journal.isFenced('y'),
});

describe('journal', () => {
  afterEach(() => scratch.end());

  it('knows after a restart what was going on, to the step and its notes', async () => {
    const directory = await scratch.directory();
    const before = await journalIn(directory);
    await before.accept(restart('a'));
    await before.accept(restart('b'));
    await before.stepStarted('b', 0, 'drain', { pid: 7 });
    await before.stepFinished('b', 0, { tookMs: 12 });
    await before.stepStarted('b', 1, 'stop');
    await before.note('b', 1, { pid: 8 });
    await before.stopRequested('b');
    await before.close();
    const after = await journalIn(directory);
    const base = { recipe: 'restart', input: { unit: 'dse' }, acceptedAtMs: clock.nowMs(), outcome: null };
    const drain = {
      index: 0,
      name: 'drain',
      started: true,
      finished: true,
      notes: [{ pid: 7 }],
      result: { tookMs: 12 },
    };
    const stop = {
      index: 1,
      name: 'stop',
      started: true,
      finished: false,
      notes: [{ pid: 8 }],
      result: null,
    };
    expect(after.runs()).to.deep.equal([
      { runId: 'a', ...base, stopRequested: false, steps: [] },
      { runId: 'b', ...base, stopRequested: true, steps: [drain, stop] },
    ]);
  });

  it('holds a run until it is forgotten', async () => {
    const directory = await scratch.directory();
    const before = await journalIn(directory);
    await before.accept(restart('a'));
    await before.finished('a', 'done');
    await before.close();
    const after = await journalIn(directory);
    expect(after.run('a')?.outcome).to.equal('done');
    await after.forget('a');
    await after.close();
    expect((await journalIn(directory)).runs()).to.deep.equal([]);
  });

  it('accepts a run once, and a fenced one never', async () => {
    const directory = await scratch.directory();
    const journal = await journalIn(directory);
    await journal.accept(restart('a'));
    await journal.stepStarted('a', 0, 'drain');
    await journal.accept(restart('a'));
    expect(journal.run('a')?.steps).to.have.length(1);
    await journal.fenced('b');
    await journal.close();
    const after = await journalIn(directory);
    const refusal = await after.accept(restart('b')).catch((error: unknown) => error);
    expect(refusal).to.have.property('code', 'conflict');
  });

  it('notes the first step of a run as started with the run, and only once', async () => {
    const directory = await scratch.directory();
    const before = await journalIn(directory);
    await before.accept({ ...restart('a'), firstStep: 'gather-facts' });
    await before.note('a', 0, 'seen');
    await before.accept({ ...restart('a'), firstStep: 'gather-facts' });
    await before.close();
    const [step, ...others] = (await journalIn(directory)).run('a')?.steps ?? [];
    expect(step).to.deep.include({ index: 0, name: 'gather-facts', started: true, notes: ['seen'] });
    expect(others).to.deep.equal([]);
  });

  it('remembers only the latest of the fenced', () => {
    const state = emptyState();
    for (let n = 0; n <= FENCED_KEPT; n++) applyLine(state, ['fence', `run ${n}`]);
    expect([state.fenced.size, state.fenced.has('run 0'), state.fenced.has('run 1')]).to.deep.equal([
      1000,
      false,
      true,
    ]);
  });

  it('notes again once its disk lets it, though a write that failed could not be undone at once', async () => {
    const disk = failingDisk('EIO', { afterBytes: 7 });
    const directory = await scratch.directory();
    const before = await journalIn(directory, { openFile: disk.openFile });
    await before.accept(restart('a'));
    disk.fail();
    const failed = await before.accept(restart('refused')).catch((error: unknown) => error);
    expect(failed).to.include({ code: 'step-failed', subtype: 'disk-failed' });
    disk.heal();
    await before.accept(restart('b'));
    await before.close();
    const after = await journalIn(directory);
    expect(after.runs().map(({ runId }) => runId)).to.deep.equal(['a', 'b']);
  });

  it('loses no line but the one that is damaged', async () => {
    const directory = await scratch.directory();
    const before = await journalIn(directory);
    await before.accept(restart('a'));
    await before.stepStarted('a', 0, 'drain');
    await before.note('a', 0, 'damaged');
    await before.stepFinished('a', 0, 'drained');
    await before.fenced('x');
    await before.close();
    const [path = ''] = await segmentsIn(directory);
    const bytes = await readFile(path);
    bytes[bytes.indexOf('damaged')] = 0x7e;
    await writeFile(path, bytes);
    const after = await journalIn(directory);
    expect(after.run('a')?.steps[0]).to.include({ finished: true, result: 'drained' });
    expect(after.isFenced('x')).to.equal(true);
  });

  it('does not change what it has given', async () => {
    const journal = await journalIn(await scratch.directory());
    const input = { unit: 'dse' };
    await journal.accept({ runId: 'a', recipe: 'restart', input });
    const given = journal.runs();
    await journal.stepStarted('a', 0, 'drain');
    input.unit = 'changed by the caller';
    expect(given[0]?.steps).to.deep.equal([]);
    expect(journal.run('a')?.input).to.deep.equal({ unit: 'dse' });
  });

  it('stays small however much has gone through it', async () => {
    const directory = await scratch.directory();
    const journal = await journalIn(directory, { compactAfterBytes: 4096 });
    await journal.accept(restart('held'));
    for (let n = 0; n < 100; n++) {
      await journal.accept(restart(`run ${n}`));
      await journal.finished(`run ${n}`, 'done');
      await journal.forget(`run ${n}`);
    }
    await journal.close();
    const sizes = await Promise.all(
      (await segmentsIn(directory)).map(async (path) => (await stat(path)).size),
    );
    expect(sizes.reduce((sum, size) => sum + size)).to.be.lessThan(8192);
    const after = await journalIn(directory);
    expect(after.runs().map(({ runId }) => runId)).to.deep.equal(['held']);
  });

  it('believes the newest file alone when a crash left the one before it behind', async () => {
    const directory = await scratch.directory();
    const first = await journalIn(directory);
    await first.accept(restart('over'));
    const [older = ''] = await segmentsIn(directory);
    const behind = await readFile(older);
    await first.forget('over');
    await first.accept(restart('held'));
    await first.close();
    await (await journalIn(directory)).close(); // begins a new file
    expect(await segmentsIn(directory)).not.to.include(older);
    await writeFile(older, behind);
    expect((await journalIn(directory)).runs().map(({ runId }) => runId)).to.deep.equal(['held']);
  });

  it('adds up to the same before and after a restart, whatever it was told', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 40 }), fc.boolean(), async (lines, together) => {
        const directory = await scratch.directory();
        const before = await journalIn(directory, { compactAfterBytes: 600 });
        if (together) await Promise.all(lines.map((one) => tell(before, one)));
        else for (const one of lines) await tell(before, one);
        expect(seen(before)).to.deep.equal(sumOf(lines));
        const crashed = await scratch.afterCrash(directory);
        expect(seen(await journalIn(crashed))).to.deep.equal(sumOf(lines));
        await scratch.end();
      }),
      { numRuns: 40 },
    );
  });

  it('adds up to the lines that are whole, wherever its file was cut', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1, maxLength: 25 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (lines, part) => {
          const directory = await scratch.directory();
          const before = await journalIn(directory);
          for (const one of lines) await tell(before, one);
          const crashed = await scratch.afterCrash(directory);
          const path = (await segmentsIn(crashed)).at(-1) ?? '';
          const bytes = await readFile(path);
          const inHead = lines.findLastIndex(([kind]) => kind === 'undo') + 1;
          const head = wholeFrameBytes(bytes, 0);
          const cutAt = head + Math.round((bytes.length - head) * part);
          await truncate(path, cutAt);
          let whole = inHead;
          for (let at = head; ; whole++) {
            const frame = frameAt(bytes, at);
            if (typeof frame !== 'object' || frame.end > cutAt) break;
            at = frame.end;
          }
          expect(seen(await journalIn(crashed))).to.deep.equal(sumOf(lines.slice(0, whole)));
          await scratch.end();
        },
      ),
      { numRuns: 40 },
    );
  });
});
