// One file out of a zip archive (a jar), found by the archive's directory at its end.
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const END_BYTES = 22;
/** The end record, and the longest comment that may follow it. */
const MOST_END = END_BYTES + 0xffff;
const MOST_DIRECTORY = 64 * 1024 * 1024;
const MOST_ENTRY = 16 * 1024 * 1024;

async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}

/** @returns null when there is no such entry, or this is no zip that can be read */
async function entryOf(file: FileHandle, name: string): Promise<Buffer | null> {
  const { size } = await file.stat();
  const tail = await readAt(file, Math.max(0, size - MOST_END), Math.min(size, MOST_END));
  let end = tail.length - END_BYTES;
  while (end >= 0 && tail.readUInt32LE(end) !== END) end -= 1;
  if (end < 0) return null;
  const length = tail.readUInt32LE(end + 12);
  if (length > MOST_DIRECTORY) return null;
  const directory = await readAt(file, tail.readUInt32LE(end + 16), length);
  for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === ENTRY; ) {
    const nameEnd = at + 46 + directory.readUInt16LE(at + 28);
    if (directory.toString('utf8', at + 46, nameEnd) === name) {
      const [method, packed, whole] = [10, 20, 24].map((offset) =>
        offset === 10 ? directory.readUInt16LE(at + offset) : directory.readUInt32LE(at + offset),
      ) as [number, number, number];
      if (packed > MOST_ENTRY || whole > MOST_ENTRY || (method !== 0 && method !== 8)) return null;
      const start = directory.readUInt32LE(at + 42);
      const header = await readAt(file, start, 30); // its name and extra field may be of other lengths
      const body = await readAt(file, start + 30 + header.readUInt16LE(26) + header.readUInt16LE(28), packed);
      return method === 0 ? body : await promisify(inflateRaw)(body, { maxOutputLength: MOST_ENTRY });
    }
    at = nameEnd + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return null;
}

/** @returns null when there is no such archive or entry, or it cannot be read */
export async function zipEntry(path: string, name: string): Promise<Buffer | null> {
  // A jar may be reached by a link, but where it is a pipe nobody may ever open its other end.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => null);
  if (file === null) return null;
  try {
    return (await file.stat()).isFile() ? await entryOf(file, name) : null;
  } catch {
    return null; // damaged: whoever needs the archive itself will say so
  } finally {
    await file.close();
  }
}
