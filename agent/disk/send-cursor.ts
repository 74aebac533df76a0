// Where sending stands in the log: entries just appended are handed on from memory, a backlog is read from disk in chunks.
import { closeSync, openSync, readSync } from 'node:fs';
import type { Logger } from '../../shared/log.ts';
import type { LogPosition } from './append-log.ts';
import { frameAt, soundFrameAfter, wholeFrameBytes } from './frame.ts';
import { decodeRecord, isEntry } from './outbox-records.ts';
import type { Segment } from './segment-files.ts';

/** Past this, what is not yet sent is left on disk and read back: a coordinator that is away costs no memory. */
const MOST_BYTES_IN_MEMORY = 1024 * 1024;
const READ_BYTES = 256 * 1024;

/** One entry on its way, and where it stands in the log. */
export interface Outgoing {
  entry: { runId: string; seq: number; body: unknown };
  bytes: number;
  at: LogPosition;
}

export interface CursorSource {
  segments(): readonly Segment[];
  pathOf(segment: number): string;
  /** How far a run is numbered and acknowledged; undefined: forgotten, nothing of it is to be handed out. */
  run(runId: string): { readonly last: number; readonly acked: number } | undefined;
  /** Runs with anything that is not acknowledged. */
  pendingRuns(): Iterable<string>;
  /** What stands for an entry that can no longer be read. */
  lost(runId: string, seq: number): unknown;
}

export class SendCursor {
  readonly #source: CursorSource;
  readonly #log: Logger;
  #queue: Outgoing[] = [];
  #next = 0;
  #queueBytes = 0;
  /** How far each run was handed out since the last rewind: an entry that is missing shows as a jump. */
  readonly #handed = new Map<string, number>();
  /** What stands for entries that are gone, by run and number: sent again it is the same event. */
  readonly #standIns = new Map<string, Map<number, unknown>>();
  /** Where reading goes on after the queue; null when the queue reaches to the end of the log. */
  #unread: LogPosition | null = null;
  #end: LogPosition;
  #open: { segment: number; fd: number } | null = null;

  constructor(source: CursorSource, end: LogPosition, log: Logger) {
    this.#source = source;
    this.#end = end;
    this.#log = log;
    this.rewind();
  }

  /** Entries that have just become durable, in the order of the log, which now ends at `end`. */
  added(entries: readonly Outgoing[], end: LogPosition): void {
    this.#end = end;
    if (this.#unread !== null) return; // they will be read when their turn comes
    for (const entry of entries) {
      this.#queue.push(entry);
      this.#queueBytes += entry.bytes;
    }
    const first = this.#queue[this.#next];
    if (this.#queueBytes <= MOST_BYTES_IN_MEMORY || first === undefined) return;
    this.#clear();
    this.#unread = first.at;
  }

  /** The next entry to send, which stays in its place until shift(): the runs' numbers are dense, whatever became of the files. */
  peek(): Outgoing | null {
    for (;;) {
      for (let next = this.#queue[this.#next]; next !== undefined; next = this.#queue[this.#next]) {
        const { runId, seq } = next.entry;
        const due = this.#due(runId);
        if (due !== null && seq > due) return this.#lost(runId, due, next.at);
        if (due === seq) return next;
        this.#advance();
      }
      this.#clear();
      if (this.#unread === null) return this.#lostAtEnd();
      this.#unread = this.#readFrom(this.#unread);
    }
  }

  shift(): void {
    const next = this.peek();
    if (next === null) return;
    this.#handed.set(next.entry.runId, next.entry.seq);
    if (next === this.#queue[this.#next]) this.#advance();
  }

  /** Back to the oldest entry there is. */
  rewind(): void {
    this.#clear();
    this.#handed.clear();
    this.#unread = { segment: this.#source.segments()[0]?.number ?? this.#end.segment, offset: 0 };
  }

  close(): void {
    if (this.#open !== null) closeSync(this.#open.fd);
    this.#open = null;
  }

  #advance(): void {
    this.#queueBytes -= this.#queue[this.#next]?.bytes ?? 0;
    this.#next++;
  }

  /** The number of the run to be handed out next; null when none is. */
  #due(runId: string): number | null {
    const run = this.#source.run(runId);
    return run === undefined ? null : Math.max(run.acked, this.#handed.get(runId) ?? 0) + 1;
  }

  #lost(runId: string, seq: number, at: LogPosition): Outgoing {
    const ofRun = this.#standIns.get(runId) ?? new Map<number, unknown>();
    this.#standIns.set(runId, ofRun);
    const acked = this.#source.run(runId)?.acked ?? 0;
    for (const known of ofRun.keys()) {
      if (known > acked) break; // they come in order
      ofRun.delete(known);
    }
    const body = ofRun.get(seq) ?? this.#source.lost(runId, seq);
    ofRun.set(seq, body);
    return { entry: { runId, seq, body }, bytes: JSON.stringify(body).length, at };
  }

  /** All is read: what the runs still lack can be read no more. */
  #lostAtEnd(): Outgoing | null {
    for (const runId of this.#source.pendingRuns()) {
      const due = this.#due(runId);
      if (due !== null && due <= (this.#source.run(runId)?.last ?? 0))
        return this.#lost(runId, due, this.#end);
    }
    for (const runId of this.#standIns.keys())
      if (this.#source.run(runId) === undefined) this.#standIns.delete(runId);
    for (const [runId, seq] of this.#handed)
      if ((this.#source.run(runId)?.acked ?? seq) >= seq) this.#handed.delete(runId);
    return null;
  }

  #clear(): void {
    this.#queue = [];
    this.#next = 0;
    this.#queueBytes = 0;
  }

  /** Queues what the next chunk holds. @returns where the chunk after it begins, null at the end of the log */
  #readFrom({ segment, offset }: LogPosition): LogPosition | null {
    const segments = this.#source.segments();
    const here = segments.find(({ number }) => number >= segment);
    if (here === undefined) return null;
    if (here.number !== segment) return { segment: here.number, offset: 0 }; // the one we were in is gone: all acknowledged
    const isLast = segment === this.#end.segment;
    const limit = isLast ? this.#end.offset : here.bytes;
    if (offset >= limit) {
      this.close();
      return isLast ? null : { segment: segment + 1, offset: 0 };
    }
    const end = this.#parse(segment, offset, limit, READ_BYTES);
    return isLast && end >= limit ? null : { segment, offset: end };
  }

  /** @returns the offset after the last whole record, or of the next one that is sound */
  #parse(segment: number, offset: number, limit: number, mostBytes: number): number {
    const chunk = this.#read(segment, offset, Math.min(mostBytes, limit - offset));
    let at = 0;
    for (let frame = frameAt(chunk, at); ; frame = frameAt(chunk, at)) {
      if (typeof frame !== 'object') {
        // A chunk ends anywhere, in the middle of a header too: only a chunk that begins so is in trouble.
        if (at > 0) return offset + at;
        const whole = wholeFrameBytes(chunk, 0);
        if (frame === 'cut' && whole > mostBytes && whole <= limit - offset) {
          return this.#parse(segment, offset, limit, whole);
        }
        // It was whole when it was written or opened. peek() says what is missing; the next start mends the file.
        this.#log.error('a stored record can no longer be read', { path: this.#source.pathOf(segment) });
        const rest = this.#read(segment, offset, limit - offset);
        const next = soundFrameAfter(rest, 0);
        return next < rest.length ? offset + next : limit;
      }
      const record = decodeRecord(frame.payload);
      if (isEntry(record)) {
        const [, runId, seq, body] = record;
        const bytes = frame.end - at;
        this.#queue.push({ entry: { runId, seq, body }, bytes, at: { segment, offset: offset + at } });
        this.#queueBytes += bytes;
      }
      at = frame.end;
    }
  }

  #read(segment: number, offset: number, bytes: number): Buffer {
    if (this.#open?.segment !== segment) {
      this.close();
      this.#open = { segment, fd: openSync(this.#source.pathOf(segment), 'r') };
    }
    const chunk = Buffer.allocUnsafe(bytes);
    return chunk.subarray(0, readSync(this.#open.fd, chunk, 0, bytes, offset));
  }
}
