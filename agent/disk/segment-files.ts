// The files of a segmented log: their names, what is read from them at start, and the mending of a damaged one.
import { open, readdir, readFile, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../shared/log.ts';
import { frameAt, scanFrames, toFrames } from './frame.ts';
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

/**
 * Reads the last segment and cuts its torn tail: the one place where a crash may leave half a record.
 * @returns null when not one record was whole; the file is then gone
 */
export async function readLastSegment(
  path: string,
  number: number,
  replay: (payload: string, segment: number) => void,
  log: Logger,
): Promise<Segment | null> {
  const buffer = await readFile(path);
  const { payloads, validBytes, badBytes } = scanFrames(buffer, { skipBad: false });
  if (badBytes > 0) log.warn('a torn tail was cut', { path, bytes: badBytes });
  if (validBytes === 0) {
    await unlink(path);
    return null;
  }
  if (validBytes < buffer.length) {
    await truncate(path, validBytes);
    await syncFile(path);
  }
  for (const payload of payloads) replay(payload, number);
  return { number, bytes: validBytes };
}

/** Reads a segment that was complete before the next one began: a bad record in it is damage, told and mended. */
export async function readEarlierSegment(
  place: { directory: string; path: string; nextPath: string },
  number: number,
  replay: (payload: string, segment: number) => void,
  mend: Mend,
  log: Logger,
): Promise<Segment> {
  const { directory, path, nextPath } = place;
  const scan = scanFrames(await readFile(path), { skipBad: true });
  let { payloads } = scan;
  let bytes = scan.validBytes;
  if (scan.badBytes > 0) {
    const next = frameAt(await readFile(nextPath), 0);
    payloads = [...mend(payloads, typeof next === 'object' ? next.payload : null)];
    log.error('stored records are damaged', {
      path,
      bytes: scan.badBytes,
      count: payloads.length - scan.payloads.length,
    });
    const mended = toFrames(payloads);
    await replaceFile(directory, path, mended);
    bytes = mended.length;
  }
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
