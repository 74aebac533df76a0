// A log in numbered files that only grow: whole records, durable on demand, torn tails cut, and a reserve for a full disk.
import { chmod, mkdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, realClock } from '../../shared/clock.ts';
import { Conflict } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import { frameBytes, toFrames } from './frame.ts';
import { type LockFile, takeLock } from './lock-file.ts';
import { diskFailure, isNoSpace, type LogFile, type OpenLogFile, openLogFile } from './log-file.ts';
import { Reserve } from './reserve.ts';
import {
  listSegments,
  type Mend,
  readEarlierSegment,
  readLastSegment,
  type Segment,
  segmentPath,
} from './segment-files.ts';
import { syncDirectory } from './sync-directory.ts';

export interface AppendLogOptions {
  /** Made if missing, mode 0700. */
  directory: string;
  /** Files are `<name>-00000001.log` and so on, `<name>.reserve`, `<name>.lock.1`. */
  name: string;
  /** A new segment begins when one would hold more than this besides its head. */
  segmentBytes: number;
  reserveBytes: number;
  /** The record each new segment begins with: all that must be known once the segments before it are gone. */
  head: () => string;
  mend: Mend;
  log: Logger;
  clock?: Clock;
  openFile?: OpenLogFile;
}

export interface LogPosition {
  segment: number;
  offset: number;
}

/** How an append is meant: `durable` waits for the device; `urgent` may use the second half of the reserve. */
export interface AppendKind {
  durable: boolean;
  urgent: boolean;
}

/**
 * Not to be called twice at the same time: whoever owns the log groups its appends (see GroupCommit).
 * A segment is begun only when the one before it is on the device, so half a record can stand in the last one alone.
 */
export class AppendLog {
  readonly #options: AppendLogOptions;
  readonly #openFile: OpenLogFile;
  readonly #reserve: Reserve;
  readonly #segments: Segment[] = [];
  #lock: LockFile | null = null;
  #file: LogFile | null = null;
  #headBytes = 0;
  #inReserve = false;
  /** Set while a failed write is not undone: nothing more may be appended behind it. */
  #broken: unknown = null;
  #deleting: Promise<void> = Promise.resolve();

  private constructor(options: AppendLogOptions) {
    this.#options = options;
    this.#openFile = options.openFile ?? openLogFile;
    const path = join(options.directory, `${options.name}.reserve`);
    this.#reserve = new Reserve(path, options.reserveBytes, options.clock ?? realClock, options.log);
  }

  /**
   * @param replay gets every record there is, heads included, oldest first
   * @throws Conflict when another process has the log open
   * @throws StepFailed `disk-full` or `disk-failed`
   */
  static async open(
    options: AppendLogOptions,
    replay: (payload: string, segment: number) => void,
  ): Promise<AppendLog> {
    const log = new AppendLog(options);
    await mkdir(options.directory, { recursive: true, mode: 0o700 });
    await chmod(options.directory, 0o700);
    try {
      log.#lock = await takeLock(join(options.directory, `${options.name}.lock`), options.log);
      await log.#load(replay);
      await log.#reserve.ensure();
      return log;
    } catch (error) {
      await log.close();
      throw error instanceof Conflict ? error : diskFailure(error, options.directory);
    }
  }

  /** Oldest first; the last one is being written. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** Bytes of records on disk, the reserve left out. */
  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** Bytes in the last segment besides its head. */
  get bytesSinceHead(): number {
    return this.#active.bytes - this.#headBytes;
  }

  get end(): LogPosition {
    return { segment: this.#active.number, offset: this.#active.bytes };
  }

  /**
   * Appends whole records. When it throws, none of them is in the log.
   * @returns where the first of them stands
   * @throws StepFailed `disk-full` when the reserve is used up too, `disk-failed` for any other failed write
   */
  async append(framed: Buffer, kind: AppendKind): Promise<LogPosition> {
    if (this.#broken !== null && this.#file !== null)
      await this.#undo(this.#file, this.#active.bytes, this.#broken);
    if (this.#broken !== null) throw diskFailure(this.#broken, this.#options.directory);
    try {
      if (!this.#fits(framed.length, kind)) await this.roll();
      return await this.#put(framed, kind);
    } catch (error) {
      if (!isNoSpace(error) || !kind.durable || !this.#reserve.isPresent || this.#broken !== null) {
        throw diskFailure(error, this.#options.directory);
      }
      return await this.#appendInReserve(framed, kind, error);
    }
  }

  /** Begins a new segment, whose head says all that came before; what the head covers may then be dropped. */
  async roll(): Promise<void> {
    await this.#file?.sync();
    await this.#begin(this.#active.number + 1, false);
  }

  /** Deletes the oldest segments down to, and without, `number`; never the one being written. */
  dropBefore(number: number): void {
    while (this.#segments.length > 1) {
      const [oldest] = this.#segments;
      if (oldest === undefined || oldest.number >= number) return;
      this.#segments.shift();
      const path = this.#pathOf(oldest.number);
      // One after the other, so that a crash leaves no older file behind a deleted one.
      this.#deleting = this.#deleting
        .then(() => unlink(path))
        .catch((err: unknown) => this.#options.log.warn('a segment could not be deleted', { path, err }));
    }
  }

  async close(): Promise<void> {
    await this.#reserve.close();
    await this.#deleting;
    await this.#file?.close();
    this.#file = null;
    await this.#lock?.release();
    this.#lock = null;
  }

  get #active(): Segment {
    const active = this.#segments.at(-1);
    if (active === undefined) throw new Error('the log has no segment');
    return active;
  }

  #pathOf(number: number): string {
    return segmentPath(this.#options.directory, this.#options.name, number);
  }

  async #load(replay: (payload: string, segment: number) => void): Promise<void> {
    const { directory, name, log, mend } = this.#options;
    const numbers = await listSegments(directory, name);
    const last = numbers.pop();
    for (const [i, number] of numbers.entries()) {
      const nextPath = this.#pathOf(numbers[i + 1] ?? last ?? number);
      const place = { directory, path: this.#pathOf(number), number, nextPath };
      this.#segments.push(await readEarlierSegment(place, replay, mend, log));
    }
    if (last === undefined) return this.#begin(1, false);
    const keepHeadBytes = (payload: string, number: number) => {
      this.#headBytes ||= frameBytes(payload);
      replay(payload, number);
    };
    const place = { directory, path: this.#pathOf(last), number: last };
    const segment = await readLastSegment(place, keepHeadBytes, mend, log);
    if (segment === null) return this.#begin(last, false);
    this.#segments.push(segment);
    this.#file = await this.#openFile(this.#pathOf(last));
  }

  /** In a segment made of the reserve there is room for what was preallocated: half for anything, half for what is urgent. */
  #fits(bytes: number, { urgent }: AppendKind): boolean {
    const { segmentBytes, reserveBytes } = this.#options;
    if (this.#inReserve) return this.#active.bytes + bytes <= (urgent ? reserveBytes : reserveBytes / 2);
    return this.bytesSinceHead === 0 || this.bytesSinceHead + bytes <= segmentBytes;
  }

  async #put(framed: Buffer, { durable }: AppendKind): Promise<LogPosition> {
    const active = this.#active;
    const file = this.#file;
    if (file === null) throw new Error('the log is closed');
    const position = { segment: active.number, offset: active.bytes };
    try {
      await file.write(framed, active.bytes);
      if (durable) await file.sync();
    } catch (error) {
      await this.#undo(file, active.bytes, error);
      throw error;
    }
    active.bytes += framed.length;
    return position;
  }

  /** A record that was refused must not come back after a restart. */
  async #undo(file: LogFile, bytes: number, cause: unknown): Promise<void> {
    try {
      await file.truncate(bytes);
      await file.sync();
      this.#broken = null;
    } catch {
      this.#broken = cause;
    }
  }

  async #appendInReserve(framed: Buffer, kind: AppendKind, cause: unknown): Promise<LogPosition> {
    const { log, directory } = this.#options;
    try {
      await this.#file?.sync();
      await this.#begin(this.#active.number + 1, true);
      log.error('the disk is full: recording goes on in the reserve', { path: directory, err: cause });
    } catch (error) {
      throw diskFailure(error, directory);
    }
    if (!this.#fits(framed.length, kind)) throw diskFailure(cause, directory);
    try {
      return await this.#put(framed, kind);
    } catch (error) {
      throw diskFailure(error, directory);
    }
  }

  async #begin(number: number, fromReserve: boolean): Promise<void> {
    const path = this.#pathOf(number);
    const head = toFrames([this.#options.head()]);
    if (fromReserve) await this.#reserve.become(path);
    let file: LogFile | null = null;
    try {
      file = await this.#openFile(path);
      await file.write(head, 0);
      await file.sync();
      await syncDirectory(this.#options.directory);
    } catch (error) {
      await file?.close().catch(() => {});
      await unlink(path).catch(() => {});
      throw error;
    }
    const before = this.#file;
    this.#file = file;
    this.#headBytes = head.length;
    this.#inReserve = fromReserve;
    this.#segments.push({ number, bytes: head.length });
    await before?.close();
  }
}
