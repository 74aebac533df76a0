// The outbox: every event and finish of a run, numbered, on disk before it is sent and until the coordinator has stored it.
import { EventEmitter, once } from 'node:events';
import type { Clock } from '../../shared/clock.ts';
import { Unavailable } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import { type AppendKind, AppendLog, type LogPosition } from './append-log.ts';
import { frameBytes, toFrames } from './frame.ts';
import { GroupCommit } from './group-commit.ts';
import { isDiskFull, type OpenLogFile } from './log-file.ts';
import { type Asked, type Group, groupOf } from './outbox-group.ts';
import { type DescribeDropped, mendOutbox } from './outbox-mend.ts';
import { decodeRecord, encodeRecord, isEntry } from './outbox-records.ts';
import { RunTable } from './run-table.ts';
import { segmentPath } from './segment-files.ts';
import { type Outgoing, SendCursor } from './send-cursor.ts';

const MIB = 1024 * 1024;
const NAME = 'outbox';
/** A group is one write and one sync: large enough to carry thousands of events, small beside a segment. */
const MOST_GROUP_BYTES = 512 * 1024;

export interface OutboxEntry {
  runId: string;
  /** From 1, dense within a run. */
  seq: number;
  /** A JSON value, opaque to the outbox. */
  body: unknown;
}

export interface Outbox {
  /**
   * Numbers and stores one event; resolves when it is on the device. Appends made together share one sync.
   * @param body a JSON value, not to be changed afterwards
   * @param mustKeep a finish: kept beyond the bound, and the last append of its run
   * @returns its seq, or 0 when it was dropped for want of room (an entry that says so follows)
   * @throws StepFailed `disk-full` when the reserve is used up too, `disk-failed`; the event is then not stored
   */
  append(runId: string, body: unknown, kind?: { mustKeep: boolean }): Promise<number>;
  /** The event that a run fails with: kept beyond the bound, like the finish that follows it. @throws StepFailed as append() */
  appendFailure(runId: string, body: unknown): Promise<number>;
  /** The next entries in the order of appending; [] when none. Never more than `mostBytes` together, unless it is one alone. */
  take(most: number, mostBytes: number): OutboxEntry[];
  /** Resolves when take() would return something. @throws the signal's reason; Unavailable when the outbox is closed */
  ready(signal?: AbortSignal): Promise<void>;
  /** The coordinator has stored all of the run up to and including seq. Safe to repeat. */
  acknowledge(runId: string, seq: number): void;
  /** After a reconnect: all that is not acknowledged is handed out again, oldest first. */
  rewind(): void;
  /** Highest seq stored for a run, across restarts; 0 if none. */
  lastSeq(runId: string): number;
  /** Whether the finish of the run is stored (or was, and is acknowledged): it must not be appended again. */
  isFinished(runId: string): boolean;
  /** Drops a run with all it has pending: it was fenced. */
  forget(runId: string): Promise<void>;
  pendingCount(): number;
  /** Bytes on disk not yet acknowledged; an estimate while a run is acknowledged in part. */
  pendingBytes(): number;
  close(): Promise<void>;
}

export interface OutboxOptions {
  /** Made if missing. One process at a time. */
  directory: string;
  describeDropped: DescribeDropped;
  log: Logger;
  /** Bound of what lies on disk; finishes may exceed it. @default 256 MiB */
  mostBytes?: number;
  /** @default 4 MiB, and at most a quarter of mostBytes */
  segmentBytes?: number;
  /** Kept back for a full disk. @default 1 MiB */
  reserveBytes?: number;
  clock?: Clock;
  openFile?: OpenLogFile;
}

interface DiskOutboxOptions {
  directory: string;
  describeDropped: DescribeDropped;
  mostBytes: number;
  log: Logger;
}

/** @throws Conflict when another process has the outbox open; StepFailed when the disk does not let us */
export async function openOutbox(options: OutboxOptions): Promise<Outbox> {
  const { directory, describeDropped, mostBytes = 256 * MIB, clock, openFile } = options;
  const log = options.log.child({ component: NAME });
  const runs = new RunTable();
  const disk = await AppendLog.open(
    {
      directory,
      name: NAME,
      segmentBytes: Math.min(options.segmentBytes ?? 4 * MIB, Math.floor(mostBytes / 4)),
      reserveBytes: options.reserveBytes ?? MIB,
      head: () => encodeRecord(['runs', runs.lines()]),
      mend: mendOutbox(describeDropped),
      log,
      ...(clock === undefined ? {} : { clock }),
      ...(openFile === undefined ? {} : { openFile }),
    },
    (payload, segment) => runs.replay(decodeRecord(payload), frameBytes(payload), segment, log),
  );
  return new DiskOutbox({ directory, describeDropped, mostBytes, log }, disk, runs);
}

class DiskOutbox implements Outbox {
  readonly #options: DiskOutboxOptions;
  readonly #disk: AppendLog;
  readonly #runs: RunTable;
  readonly #cursor: SendCursor;
  readonly #groups: GroupCommit<Asked>;
  /** Runs with an acknowledgement that is not in the log yet. */
  readonly #freshAcks = new Set<string>();
  readonly #news = new EventEmitter();
  #isClosed = false;

  constructor(options: DiskOutboxOptions, disk: AppendLog, runs: RunTable) {
    this.#options = options;
    this.#disk = disk;
    this.#runs = runs;
    const source = {
      segments: () => disk.segments,
      pathOf: (segment: number) => segmentPath(options.directory, NAME, segment),
      run: (runId: string) => runs.get(runId),
      pendingRuns: () => runs.pending(),
      lost: (runId: string, seq: number) => {
        const run = runs.get(runId);
        const what = run?.finished === true && seq === run.last ? 'finish' : 'events';
        return options.describeDropped(runId, 1, seq, seq, what);
      },
    };
    this.#cursor = new SendCursor(source, disk.end, options.log);
    this.#groups = new GroupCommit(
      (asked) => this.#commit(asked),
      ({ bodyJson }) => bodyJson.length,
      MOST_GROUP_BYTES,
    );
    this.#trim();
    this.#groups.poke(); // drops counted before a restart may have room to be told now
  }

  append(runId: string, body: unknown, { mustKeep } = { mustKeep: false }): Promise<number> {
    return this.#ask(mustKeep ? 'append-finish' : 'append-event', runId, body);
  }

  appendFailure(runId: string, body: unknown): Promise<number> {
    return this.#ask('append-failure', runId, body);
  }

  take(most: number, mostBytes: number): OutboxEntry[] {
    const taken: OutboxEntry[] = [];
    let bytes = 0;
    while (taken.length < most) {
      const next = this.#cursor.peek();
      if (next === null || (taken.length > 0 && bytes + next.bytes > mostBytes)) break;
      bytes += next.bytes;
      taken.push(next.entry);
      this.#cursor.shift();
    }
    return taken;
  }

  async ready(signal?: AbortSignal): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      if (this.#isClosed) throw new Unavailable('the outbox is closed');
      if (this.#cursor.peek() !== null) return;
      await once(this.#news, 'news', signal === undefined ? {} : { signal });
    }
  }

  acknowledge(runId: string, seq: number): void {
    if (!this.#runs.acknowledged(runId, seq)) return;
    this.#freshAcks.add(runId);
    this.#trim();
    if (!this.#isClosed) this.#groups.poke();
  }

  rewind(): void {
    this.#cursor.rewind();
    this.#news.emit('news');
  }

  lastSeq(runId: string): number {
    return this.#runs.get(runId)?.last ?? 0;
  }

  isFinished(runId: string): boolean {
    return this.#runs.get(runId)?.finished ?? false;
  }

  async forget(runId: string): Promise<void> {
    if (this.#runs.get(runId) !== undefined) await this.#ask('forget-run', runId, null);
  }

  pendingCount(): number {
    return this.#runs.pendingCount;
  }

  pendingBytes(): number {
    return this.#runs.pendingBytes;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#groups.idle();
    this.#news.emit('news');
    this.#cursor.close();
    await this.#disk.close();
  }

  #ask(what: Asked['do'], runId: string, body: unknown): Promise<number> {
    return new Promise((settle, fail) => {
      if (this.#isClosed) throw new Unavailable('the outbox is closed');
      const bodyJson: string | undefined = JSON.stringify(body);
      if (bodyJson === undefined) throw new TypeError('the body of an entry must be a JSON value');
      this.#groups.add({ do: what, runId, body, bodyJson, settle, fail });
    });
  }

  /** Never throws: every request is settled or failed. */
  async #commit(asked: readonly Asked[]): Promise<void> {
    const group = this.#draft(asked);
    const kind: AppendKind = {
      durable: group.records.some(({ record }) => record[0] !== 'ack'),
      urgent: asked.length > 0 && asked.every(isUrgent),
    };
    try {
      if (group.records.length > 0) {
        const start = await this.#disk.append(toFrames(group.records.map(({ payload }) => payload)), kind);
        this.#apply(group, start);
      }
      for (const [runId, count] of group.drops) this.#runs.dropped(runId, count);
      asked.forEach((one, i) => {
        one.settle(group.seqs[i] ?? 0);
      });
    } catch (error) {
      for (const { record } of group.records) if (record[0] === 'ack') this.#freshAcks.add(record[1]);
      await this.#failed(asked, kind, error);
    }
  }

  /** A full disk still takes what is urgent, once the rest is out of the way. */
  async #failed(asked: readonly Asked[], { urgent }: AppendKind, error: unknown): Promise<void> {
    const again = isDiskFull(error) && !urgent ? asked.filter(isUrgent) : [];
    for (const one of asked) if (!again.includes(one)) one.fail(error);
    if (again.length > 0) await this.#commit(again);
    else if (asked.length === 0)
      this.#options.log.warn('acknowledgements could not be noted', { err: error });
  }

  #draft(asked: readonly Asked[]): Group {
    const { describeDropped, mostBytes } = this.#options;
    const acks = [...this.#freshAcks].map((runId) => [runId, this.#runs.get(runId)?.acked ?? 0] as const);
    this.#freshAcks.clear();
    return groupOf(asked, {
      run: (runId) => this.#runs.get(runId),
      runsWithDrops: this.#runs.withDrops(),
      acks,
      roomBytes: mostBytes - this.#disk.bytes,
      easyRoomBytes: mostBytes / 16,
      describeDropped,
    });
  }

  #apply({ records }: Group, { segment, offset: start }: LogPosition): void {
    const outgoing: Outgoing[] = [];
    let offset = start;
    for (const { record, bytes } of records) {
      this.#runs.replay(record, bytes, segment, this.#options.log);
      if (isEntry(record)) {
        const [, runId, seq, body] = record;
        outgoing.push({ entry: { runId, seq, body }, bytes, at: { segment, offset } });
      }
      offset += bytes;
    }
    this.#cursor.added(outgoing, { segment, offset });
    if (outgoing.length > 0) this.#news.emit('news');
  }

  #trim(): void {
    this.#disk.dropBefore(this.#runs.firstNeeded(this.#disk.segments));
  }
}

const isUrgent = (asked: Asked): boolean => asked.do !== 'append-event';
