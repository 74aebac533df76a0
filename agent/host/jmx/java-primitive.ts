// Java's primitive values as they are written in fields and arrays.
import { type JavaBytes, JavaStreamError } from './java-bytes.ts';
import type { JavaValue } from './java-value.ts';

const plainLong = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value;

/**
 * @param type its letter in a class description: `I` for an int
 * @throws JavaStreamError when there is no such type, StreamEndsTooSoon when the bytes run out
 */
export function primitive(bytes: JavaBytes, type: string): JavaValue {
  switch (type) {
    case 'Z':
      return bytes.u8() !== 0;
    case 'B':
      return (bytes.u8() << 24) >> 24;
    case 'S':
      return bytes.take(2).readInt16BE();
    case 'C':
      return String.fromCharCode(bytes.u16());
    case 'I':
      return bytes.i32();
    case 'F':
      return bytes.take(4).readFloatBE();
    case 'D':
      return bytes.take(8).readDoubleBE();
    case 'J':
      return plainLong(bytes.take(8).readBigInt64BE());
    default:
      throw new JavaStreamError(`unknown field type ${type}`);
  }
}
