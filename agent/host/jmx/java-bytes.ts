// Bytes that come bit by bit, read one after the other, and let go once they were read.
import { fromModifiedUtf8 } from './modified-utf8.ts';

/** The bytes are no object stream, or one beyond the bounds. */
export class JavaStreamError extends Error {}
/** More bytes could still make an object of it. */
export class StreamEndsTooSoon extends JavaStreamError {}

/** Where reading stands: `more`, it cannot go on without more bytes; `on`, it goes on, and others may have their turn before. */
export type ReadingStep = 'more' | 'on';

/** Every method that reads throws StreamEndsTooSoon when the bytes run out. */
export class JavaBytes {
  #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer = Buffer.alloc(0)) {
    this.#bytes = bytes;
  }

  /** What was read before is let go, and a mark made before means nothing any more. */
  add(more: readonly Buffer[]): void {
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), ...more]);
    this.#at = 0;
  }

  /** How many are there that were not read. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  mark(): number {
    return this.#at;
  }

  backTo(mark: number): void {
    this.#at = mark;
  }

  take(count: number): Buffer {
    const at = this.#pass(count);
    return this.#bytes.subarray(at, at + count);
  }

  u8(): number {
    return this.#bytes[this.#pass(1)] as number;
  }

  u16(): number {
    return this.#bytes.readUInt16BE(this.#pass(2));
  }

  i32(): number {
    return this.#bytes.readInt32BE(this.#pass(4));
  }

  utf(): string {
    const length = this.u16();
    const at = this.#pass(length);
    return fromModifiedUtf8(this.#bytes, at, at + length);
  }

  /** @returns where these begin */
  #pass(count: number): number {
    if (count < 0) throw new JavaStreamError('a negative length');
    const at = this.#at;
    if (at + count > this.#bytes.length) throw new StreamEndsTooSoon('the stream ends too soon');
    this.#at = at + count;
    return at;
  }
}

/**
 * Reads something in one piece: where there are too few bytes for it, it is tried again from its beginning once there are more.
 * @param from what it is read of, which goes back there
 */
export function* inOnePiece<Mark, T>(
  from: { mark(): Mark; backTo(mark: Mark): void },
  read: () => T,
): Generator<ReadingStep, T, void> {
  for (;;) {
    const mark = from.mark();
    try {
      return read();
    } catch (error) {
      if (!(error instanceof StreamEndsTooSoon)) throw error;
    }
    from.backTo(mark);
    yield 'more';
  }
}
