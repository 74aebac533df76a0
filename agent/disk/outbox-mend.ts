// Filling the holes that a damaged segment leaves: each lost number gets an entry that says so, since a hole would hold up all behind it.

import { decodeRecord, encodeEntry, isEntry } from './outbox-records.ts';
import type { Mend } from './segment-files.ts';

/**
 * Makes the body of the entry that stands for events which are gone: dropped for want of room, or lost to damage.
 * @param what `finish`: it is the end of the run that is lost, and the entry has to end it
 */
export type DescribeDropped = (
  runId: string,
  count: number,
  firstSeq: number,
  lastSeq: number,
  what: 'events' | 'finish',
) => unknown;

/**
 * What was in the damaged part is known from its neighbours: a number jumps, or the next segment's table says how far a
 * run had come, and whether that was its end.
 */
export const mendOutbox =
  (describeDropped: DescribeDropped): Mend =>
  (survivors, next) => {
    const mended: string[] = [];
    const lastOf = new Map<string, number>();
    const fill = (runId: string, upTo: number, withFinish = false) => {
      for (let seq = (lastOf.get(runId) ?? 0) + 1; seq <= upTo; seq++) {
        const isFinish = withFinish && seq === upTo;
        const body = describeDropped(runId, 1, seq, seq, isFinish ? 'finish' : 'events');
        mended.push(encodeEntry(isFinish ? 'finish' : 'event', runId, seq, JSON.stringify(body)));
      }
      lastOf.set(runId, upTo);
    };
    let hasHead = false;
    for (const payload of survivors) {
      const record = decodeRecord(payload);
      if (record[0] === 'runs') {
        hasHead = true;
        for (const [runId, last] of record[1]) lastOf.set(runId, last);
      } else if (record[0] === 'forget') {
        lastOf.delete(record[1]);
      } else if (isEntry(record)) {
        const [, runId, seq] = record;
        // Without the head nobody knows where a run stood when the segment began: its first entry is the best guess.
        if (hasHead || lastOf.has(runId)) fill(runId, seq - 1);
        lastOf.set(runId, seq);
      }
      mended.push(payload);
    }
    const after = next === null ? null : decodeRecord(next);
    if (after?.[0] !== 'runs') return mended;
    for (const [runId, last, acked, finished] of after[1]) {
      if (!hasHead && !lastOf.has(runId)) lastOf.set(runId, acked);
      if (last > (lastOf.get(runId) ?? 0)) fill(runId, last, finished);
    }
    return mended;
  };
