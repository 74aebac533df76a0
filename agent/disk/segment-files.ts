// The files of a segmented log: their names, what is read from them at start, and the mending of a damaged one.
import { open, readdir, readFile, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../shared/log.ts';
import { frameAt, type Scan, scanFrames, toFrames } from './frame.ts';
import { replaceFile } from './log-file.ts';

export interface Segment {
  readonly number: number;
  /** Bytes of whole records in it: what comes after is nothing, or zeros of a preallocated file. */
  bytes: number;
}

/**
 * Says which records a damaged segment shall hold.
 * @param survivors the payloads that could still be read, in order
 * @param next the first record of the segment after it, which tells what the damaged one must have held; null if unreadable
 */
export type Mend = (survivors: readonly string[], next: string | null) => readonly string[];

export const segmentPath = (directory: string, name: string, number: number): string =>
  join(directory, `${name}-${String(number).padStart(8, '0')}.log`);

/** Numbers of the segments in a directory, oldest first. */
export async function listSegments(directory: string, name: string): Promise<number[]> {
  const files = await readdir(directory);
  return files
    .filter((file) => file.startsWith(`${name}-`) && /^\d{8,}\.log$/.test(file.slice(name.length + 1)))
    .map((file) => Number(file.slice(name.length + 1, -'.log'.length)))
    .sort((a, b) => a - b);
}

export interface SegmentPlace {
  directory: string;
  path: string;
  number: number;
}

/**
 * Reads the last segment and cuts its torn tail: the one place where a crash may leave half a record. A bad record that has
 * a sound one behind it is no torn tail but damage.
 * @returns null when not one record was whole; the file is then gone
 */
export async function readLastSegment(
  place: SegmentPlace,
  replay: (payload: string, segment: number) => void,
  mend: Mend,
  log: Logger,
): Promise<Segment | null> {
  const { path, number } = place;
  const buffer = await readFile(path);
  const scan = scanFrames(buffer);
  if (scan.tornBytes > 0) log.warn('a torn tail was cut', { path, bytes: scan.tornBytes });
  if (scan.validBytes === 0) {
    await unlink(path);
    return null;
  }
  if (scan.lostBytes > 0) return replayAll(await mended(place, scan, mend, null, log), number, replay);
  if (scan.validBytes < buffer.length) {
    await truncate(path, scan.validBytes);
    await syncFile(path);
  }
  return replayAll({ payloads: scan.payloads, bytes: scan.validBytes }, number, replay);
}

/** Reads a segment that was complete before the next one began: a bad record in it is damage, told and mended. */
export async function readEarlierSegment(
  place: SegmentPlace & { nextPath: string },
  replay: (payload: string, segment: number) => void,
  mend: Mend,
  log: Logger,
): Promise<Segment> {
  const scan = scanFrames(await readFile(place.path));
  const { payloads, validBytes: bytes, lostBytes, tornBytes } = scan;
  if (lostBytes + tornBytes === 0) return replayAll({ payloads, bytes }, place.number, replay);
  const next = frameAt(await readFile(place.nextPath), 0);
  const first = typeof next === 'object' ? next.payload : null;
  return replayAll(await mended(place, scan, mend, first, log), place.number, replay);
}

interface Content {
  payloads: readonly string[];
  bytes: number;
}

/** Puts what the log says it shall hold in place of a damaged segment. */
async function mended(
  { directory, path }: SegmentPlace,
  scan: Scan,
  mend: Mend,
  next: string | null,
  log: Logger,
): Promise<Content> {
  const payloads = mend(scan.payloads, next);
  log.error('stored records are damaged', {
    path,
    bytes: scan.lostBytes + scan.tornBytes,
    count: payloads.length - scan.payloads.length,
  });
  const bytes = toFrames(payloads);
  await replaceFile(directory, path, bytes);
  return { payloads, bytes: bytes.length };
}

function replayAll(
  { payloads, bytes }: Content,
  number: number,
  replay: (payload: string, segment: number) => void,
): Segment {
  for (const payload of payloads) replay(payload, number);
  return { number, bytes };
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
