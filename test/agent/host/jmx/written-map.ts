// The ranges of a ring with their replicas as a Cassandra writes them into its answer: a HashMap of lists, all texts anew each time.
import { toModifiedUtf8 } from '../../../../agent/host/jmx/modified-utf8.ts';

const counted = (text: string): Buffer => {
  const bytes = toModifiedUtf8(text);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
};
const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const text = (value: string): Buffer => Buffer.concat([Buffer.from([0x74]), counted(value)]);

/** A class with a writeObject of its own and no other above it. */
const classOf = (name: string, id: string, ...fields: readonly [string, string][]): Buffer =>
  Buffer.concat([
    Buffer.from([0x72]),
    counted(name),
    Buffer.from(id, 'hex'),
    Buffer.from([3, 0, fields.length]),
    ...fields.map(([type, field]) => Buffer.concat([Buffer.from(type), counted(field)])),
    Buffer.from([0x78, 0x70]),
  ]);

const ARRAY_LIST = classOf('java.util.ArrayList', '7881d21d99c7619d', ['I', 'size']);
/** The third handle of the answer. */
const ARRAY_LIST_AGAIN = Buffer.from([0x71, 0, 0x7e, 0, 2]);

const listOf = (isFirst: boolean, values: readonly string[]): Buffer =>
  Buffer.concat([
    Buffer.from([0x73]),
    isFirst ? ARRAY_LIST : ARRAY_LIST_AGAIN,
    int(values.length),
    Buffer.from([0x77, 4]),
    int(values.length),
    ...values.map(text),
    Buffer.from([0x78]),
  ]);

/** The head of a HashMap's answer; its pairs and 0x78 follow. */
export const MAP_HEAD = Buffer.concat([
  Buffer.from([0x51, 0xac, 0xed, 0, 5, 0x77, 1, 1, 0x73]),
  classOf('java.util.HashMap', '0507dac1c31660d1', ['F', 'loadFactor'], ['I', 'threshold']),
  Buffer.alloc(8),
  Buffer.from([0x77, 8]),
  Buffer.alloc(8),
]);

/** An answer with these pairs of lists. */
export const writtenMap = (pairs: readonly (readonly [string[], string[]])[]): Buffer =>
  Buffer.concat([
    MAP_HEAD,
    ...pairs.flatMap(([key, value], at) => [listOf(at === 0, key), listOf(false, value)]),
    Buffer.from([0x78]),
  ]);

/** So many ranges of three replicas each. */
export const ranges = (count: number): [string[], string[]][] =>
  Array.from({ length: count }, (_, at) => [
    [`${at}`, `${at + 1}`],
    [0, 1, 2].map((next) => `127.1.${((at + next) % 1_000) >> 8}.${(at + next) & 255}`),
  ]);
