// The journal as an agent of an earlier version reads it, which takes up what a later one was at.
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { scanFrames } from '../../../agent/disk/frame.ts';
import { openJournal } from '../../../agent/disk/journal.ts';
import { applyLine, emptyState, type JournalLine } from '../../../agent/disk/journal-state.ts';
import { silentLogger } from '../../../shared/log.ts';
import { Scratch, segmentsIn } from './scratch.ts';

describe('a journal for agents of earlier versions', () => {
  const scratch = new Scratch();
  afterEach(() => scratch.end());

  it('tells which steps were undone to one that passes over the line that says so', async () => {
    const directory = await scratch.directory();
    const journal = await openJournal({ directory, log: silentLogger, reserveBytes: 4096 });
    scratch.atEnd(() => journal.close());
    await journal.accept({ runId: 'a', recipe: 'restart', input: {} });
    for (const [index, name] of ['ask', 'drain', 'stop'].entries()) {
      await journal.stepStarted('a', index, name);
      await journal.stepFinished('a', index);
    }
    await journal.stepsUndone('a', ['drain', 'stop']);
    const earlier = emptyState();
    for (const path of await segmentsIn(directory)) {
      for (const payload of scanFrames(await readFile(path)).payloads) {
        const known = JSON.parse(payload) as JournalLine;
        if (known[0] !== 'undo') applyLine(earlier, known);
      }
    }
    expect(earlier.runs.get('a')?.steps.map(({ name }) => name)).to.deep.equal(['ask']);
  });
});
