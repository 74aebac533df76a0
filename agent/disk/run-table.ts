// What the outbox knows of each run: how far it is numbered, how far acknowledged, what it holds on disk, what was dropped.
import type { Logger } from '../../shared/log.ts';
import type { EntryTag, OutboxRecord, RunLine } from './outbox-records.ts';

/** Runs whose finish is acknowledged are kept this many deep, so that a late question about one still has its answer. */
const FINISHED_RUNS_KEPT = 200;

export interface RunState {
  /** Highest seq on disk. */
  last: number;
  acked: number;
  /** Bytes on disk of what is not acknowledged. */
  bytes: number;
  finished: boolean;
  dropped: number;
}

export const newRun = (): RunState => ({ last: 0, acked: 0, bytes: 0, finished: false, dropped: 0 });

export class RunTable {
  readonly #runs = new Map<string, RunState>();
  /** For each segment, the highest seq of every run in it. */
  readonly #heldBy = new Map<number, Map<string, number>>();
  #replayedSegment = 0;

  get(runId: string): RunState | undefined {
    return this.#runs.get(runId);
  }

  isAcked(runId: string, seq: number): boolean {
    const run = this.#runs.get(runId);
    return run === undefined || seq <= run.acked;
  }

  added(tag: EntryTag, runId: string, seq: number, bytes: number, segment: number): void {
    const run = this.#runs.get(runId) ?? newRun();
    this.#runs.set(runId, run);
    run.last = seq;
    run.bytes += bytes;
    if (tag === 'finish') run.finished = true;
    if (tag === 'dropped') run.dropped = 0;
    const held = this.#heldBy.get(segment) ?? new Map<string, number>();
    this.#heldBy.set(segment, held);
    held.set(runId, seq);
  }

  dropped(runId: string, count: number): void {
    const run = this.#runs.get(runId) ?? newRun();
    this.#runs.set(runId, run);
    run.dropped = count;
  }

  /** @returns whether that was news */
  acknowledged(runId: string, seq: number): boolean {
    const run = this.#runs.get(runId);
    if (run === undefined) return false;
    const upTo = Math.min(seq, run.last);
    if (upTo <= run.acked) return false;
    // Sizes are not kept entry by entry: an average is near enough, and nothing is left when nothing is pending.
    run.bytes -= Math.round((run.bytes * (upTo - run.acked)) / (run.last - run.acked));
    run.acked = upTo;
    if (isDone(run)) this.#evict();
    return true;
  }

  forget(runId: string): void {
    this.#runs.delete(runId);
  }

  /** The first of these segments that still holds something not acknowledged; the last one if none does. */
  firstNeeded(segments: readonly { number: number }[]): number {
    for (const { number } of segments) {
      const held = this.#heldBy.get(number) ?? new Map<string, number>();
      for (const [runId, seq] of held) if (!this.isAcked(runId, seq)) return number;
      if (number !== segments.at(-1)?.number) this.#heldBy.delete(number);
    }
    return segments.at(-1)?.number ?? 0;
  }

  /** Runs with drops that no entry has told of yet. */
  withDrops(): string[] {
    return [...this.#runs].filter(([, run]) => run.dropped > 0).map(([runId]) => runId);
  }

  /** Runs with anything that is not acknowledged. */
  pending(): string[] {
    return [...this.#runs].filter(([, run]) => run.last > run.acked).map(([runId]) => runId);
  }

  get pendingCount(): number {
    let count = 0;
    for (const run of this.#runs.values()) count += run.last - run.acked;
    return count;
  }

  get pendingBytes(): number {
    let bytes = 0;
    for (const run of this.#runs.values()) bytes += run.bytes;
    return bytes;
  }

  lines(): RunLine[] {
    return [...this.#runs].map(([id, run]) => [id, run.last, run.acked, run.finished, run.dropped]);
  }

  /** Takes in one record of the log, at start. */
  replay(record: OutboxRecord, bytes: number, segment: number, log: Logger): void {
    switch (record[0]) {
      case 'runs':
        this.#startSegment(record[1], segment);
        return;
      case 'ack':
        this.acknowledged(record[1], record[2]);
        return;
      case 'drops':
        this.dropped(record[1], record[2]);
        return;
      case 'forget':
        this.forget(record[1]);
        return;
      case 'event':
      case 'finish':
      case 'dropped':
        this.#replayEntry(record, bytes, segment, log);
    }
  }

  #replayEntry(
    [tag, runId, seq]: readonly [EntryTag, string, number, unknown],
    bytes: number,
    segment: number,
    log: Logger,
  ): void {
    const run = this.#runs.get(runId);
    if (run !== undefined && seq !== run.last + 1) {
      log.error('the numbers of a run are not dense on disk', { runId, seq, from: String(run.last) });
    }
    this.added(tag, runId, seq, bytes, segment);
    // Only when the head that named the run is lost: what came before was acknowledged, or its segment would be here.
    if (run === undefined && seq > 1) this.acknowledged(runId, seq - 1);
  }

  #startSegment(lines: readonly RunLine[], segment: number): void {
    // Segments are deleted when all in them is acknowledged. So behind a hole (and the beginning is one) nothing is pending.
    const afterHole = segment !== this.#replayedSegment + 1 || this.#replayedSegment === 0;
    this.#replayedSegment = segment;
    const named = new Set(lines.map(([runId]) => runId));
    for (const runId of this.#runs.keys()) if (!named.has(runId)) this.#runs.delete(runId);
    for (const [runId, last, acked, finished, dropped] of lines) {
      const run = this.#runs.get(runId) ?? newRun();
      this.#runs.set(runId, run);
      Object.assign(run, { last: Math.max(last, run.last), finished, dropped });
      if (afterHole) Object.assign(run, { acked: run.last, bytes: 0 });
      else this.acknowledged(runId, acked);
    }
  }

  #evict(): void {
    const done = [...this.#runs].filter(([, run]) => isDone(run));
    for (const [runId] of done.slice(0, -FINISHED_RUNS_KEPT)) this.#runs.delete(runId);
  }
}

const isDone = (run: RunState): boolean => run.finished && run.acked === run.last;
