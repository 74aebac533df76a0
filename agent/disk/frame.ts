// How one record lies in a file: uint32 length, uint32 crc32 of the payload (both big-endian), then the payload in UTF-8.
import { crc32 } from 'node:zlib';

export const HEADER_BYTES = 8;
/** A length above this is taken for damage; no event or journal line comes near it. */
const MOST_PAYLOAD_BYTES = 64 * 1024 * 1024;

export interface Frame {
  payload: string;
  /** Offset of the byte after the record. */
  end: number;
}

/**
 * What stands at an offset when it is no record: `end` = nothing more (or only the zeros of a preallocated file),
 * `cut` = a record that runs past the buffer, `bad` = bytes that were never a record, or are one no longer.
 */
export type NoFrame = 'end' | 'cut' | 'bad';

/** The records, back to back, as they go to disk. */
export function toFrames(payloads: readonly string[]): Buffer {
  const lengths = payloads.map((payload) => Buffer.byteLength(payload));
  const total = lengths.reduce((sum, length) => sum + length + HEADER_BYTES, 0);
  const out = Buffer.allocUnsafe(total);
  let at = 0;
  payloads.forEach((payload, i) => {
    const length = lengths[i] ?? 0;
    const start = at + HEADER_BYTES;
    out.write(payload, start, length, 'utf8');
    out.writeUInt32BE(length, at);
    out.writeUInt32BE(crc32(out.subarray(start, start + length)), at + 4);
    at = start + length;
  });
  return out;
}

/** Bytes that the record of `payload` takes on disk. */
export const frameBytes = (payload: string): number => HEADER_BYTES + Buffer.byteLength(payload);

export function frameAt(buffer: Buffer, offset: number): Frame | NoFrame {
  if (offset >= buffer.length) return 'end';
  if (offset + HEADER_BYTES > buffer.length) return isZero(buffer, offset) ? 'end' : 'cut';
  const length = buffer.readUInt32BE(offset);
  // An empty payload has crc 0, so a hole full of zeros would pass for records: length 0 is never one.
  if (length === 0) return isZero(buffer, offset) ? 'end' : 'bad';
  if (length > MOST_PAYLOAD_BYTES) return 'bad';
  const start = offset + HEADER_BYTES;
  const end = start + length;
  if (end > buffer.length) return 'cut';
  if (crc32(buffer.subarray(start, end)) !== buffer.readUInt32BE(offset + 4)) return 'bad';
  return { payload: buffer.toString('utf8', start, end), end };
}

/** Length of the whole record whose header stands at `offset`, for a reader that holds only its beginning. */
export const wholeFrameBytes = (buffer: Buffer, offset: number): number =>
  buffer.length - offset < HEADER_BYTES ? HEADER_BYTES : HEADER_BYTES + buffer.readUInt32BE(offset);

/**
 * Where the next sound record behind `offset` begins; the end of the buffer when there is none. Payloads are JSON, which has
 * no byte below 0x20, and every length begins with one: so no record is ever found inside another.
 */
export function soundFrameAfter(buffer: Buffer, offset: number): number {
  for (let at = offset + 1; at + HEADER_BYTES < buffer.length; at++) {
    const start = at + HEADER_BYTES;
    const end = start + buffer.readUInt32BE(at);
    if (end === start || end > buffer.length) continue;
    if (crc32(buffer.subarray(start, end)) === buffer.readUInt32BE(at + 4)) return at;
  }
  return buffer.length;
}

export interface Scan {
  payloads: string[];
  /** Offset after the last record. */
  validBytes: number;
  /** Bytes before that which are no records: damage. */
  lostBytes: number;
  /** Bytes after it that are not all zeros: a write that was cut short. */
  tornBytes: number;
}

/** All records of a file; what is damaged is stepped over, and costs no more than itself. */
export function scanFrames(buffer: Buffer): Scan {
  const scan: Scan = { payloads: [], validBytes: 0, lostBytes: 0, tornBytes: 0 };
  for (let at = 0; ; ) {
    const frame = frameAt(buffer, at);
    if (frame === 'end') return scan;
    if (typeof frame === 'object') {
      scan.payloads.push(frame.payload);
      scan.lostBytes += at - scan.validBytes;
      at = frame.end;
      scan.validBytes = at;
      continue;
    }
    at = soundFrameAfter(buffer, at);
    if (at === buffer.length) scan.tornBytes = at - scan.validBytes;
  }
}

function isZero(buffer: Buffer, from: number): boolean {
  for (let i = from; i < buffer.length; i++) if (buffer[i] !== 0) return false;
  return true;
}
