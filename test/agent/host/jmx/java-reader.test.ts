// Answers of a real JDK read into plain values, and what no sound peer would send refused.
import { expect } from 'chai';
import { JavaStreamError, StreamEndsTooSoon } from '../../../../agent/host/jmx/java-bytes.ts';
import type { JavaValue } from '../../../../agent/host/jmx/java-value.ts';
import { remoteOf } from '../../../../agent/host/jmx/remote-object.ts';
import { readAnswer, readObject } from './read-answer.ts';
import { ANSWERS, STUB_ANSWER, UUID_ANSWER } from './recorded-answers.ts';
import { MAP_HEAD, ranges, writtenMap } from './written-map.ts';

const read = (...bytes: readonly (Buffer | readonly number[])[]) =>
  readObject(Buffer.concat([Buffer.from([0xac, 0xed, 0, 5]), ...bytes.map((part) => Buffer.from(part))]));
/** Class `x` with these flags and an int count of fields, up to its annotation. */
const classX = (flags: number, fields = 0): Buffer =>
  Buffer.from([0x72, 0, 1, 0x78, 0, 0, 0, 0, 0, 0, 0, 0, flags, fields >> 8, fields & 0xff]);
const repeated = (part: readonly number[], times: number): Buffer =>
  Buffer.from(Array.from({ length: times }, () => part).flat());

/** What is read of an answer pair by pair, and its pairs. */
function inPairs(bytes: Buffer, each = bytes.length) {
  const pairs: [JavaValue, JavaValue][] = [];
  const answer = readAnswer(bytes, (key, value) => pairs.push([key, value]), each);
  return { answer, pairs };
}

describe('reading Java objects', () => {
  for (const { name, bytes, value } of ANSWERS)
    it(`reads ${name}`, () => {
      expect(readAnswer(bytes)).to.deep.equal({ isNormal: true, value, used: bytes.length });
    });

  it('keeps the fields of an object of an unknown class', () => {
    expect(readAnswer(UUID_ANSWER).value).to.deep.equal({
      className: 'java.util.UUID',
      fields: { leastSigBits: 2, mostSigBits: 1 },
      annotation: [],
    });
  });

  it('finds the port and the object that a stub points at, on the host that was asked', () => {
    const target = remoteOf(readAnswer(STUB_ANSWER).value, 'somewhere');
    expect(target.host).to.equal('somewhere');
    expect(target.port).to.equal(41099);
    expect(target.objectId).to.have.length(22);
  });

  it('takes every beginning of an answer for unfinished, never for an answer', () => {
    for (const { bytes } of ANSWERS)
      for (let length = 1; length < bytes.length; length += 1)
        expect(() => readAnswer(bytes.subarray(0, length))).to.throw(StreamEndsTooSoon);
  });

  it('refuses deep nesting', () => {
    // Object[] in Object[] in …
    const array = [0x75, 0x72, 0, 2, 0x5b, 0x4c, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0x78, 0x70, 0, 0, 0, 1];
    expect(() => read(repeated(array, 65))).to.throw(JavaStreamError, 'nested too deeply');
  });

  it('refuses a long line of classes, nested or by reference', () => {
    const nested = Buffer.concat(
      Array.from({ length: 65 }, () => Buffer.concat([classX(2), Buffer.from([0x78])])),
    );
    expect(() => read([0x76], nested, [0x70])).to.throw(JavaStreamError, 'nested too deeply');
    // Each class object of an Object[] names the one before as its parent.
    const head = [0x75, 0x72, 0, 2, 0x5b, 0x4c, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0x78, 0x70, 0, 0, 1, 0];
    const line = Array.from({ length: 256 }, (_, at) =>
      Buffer.concat([
        Buffer.from([0x76]),
        classX(2),
        at === 0
          ? Buffer.from([0x78, 0x70])
          : Buffer.from([0x78, 0x71, 0, 0x7e, (at * 2) >> 8, (at * 2) & 0xff]),
      ]),
    );
    expect(() => read(head, ...line)).to.throw(JavaStreamError, 'too long a line of classes');
  });

  it('refuses a class that extends itself', () => {
    expect(() => read([0x73], classX(2), [0x78, 0x71, 0, 0x7e, 0, 0])).to.throw(
      JavaStreamError,
      'extends itself',
    );
  });

  it('refuses more objects than any answer has', () => {
    const head = [
      0x75, 0x72, 0, 2, 0x5b, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0x78, 0x70, 0, 0x7f, 0xff, 0xff,
    ];
    expect(() => read(head, Buffer.alloc(1_000_000))).to.throw(JavaStreamError, 'too many objects');
  });

  it('refuses a class where an object is referred to, and an object where a class is', () => {
    // Object[2] {x, <reference to the array's class>}
    const head = [0x75, 0x72, 0, 2, 0x5b, 0x4c, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0x78, 0x70, 0, 0, 0, 1];
    expect(() => read(head, [0x71, 0, 0x7e, 0, 0])).to.throw(JavaStreamError, 'in place of an object');
    expect(() => read(head, [0x73, 0x71, 0, 0x7e, 0, 1])).to.throw(JavaStreamError, 'in place of a class');
    expect(() => read([0x71, 0, 0x7e, 0, 9])).to.throw(JavaStreamError, 'a reference to nothing');
  });

  it('refuses a negative length', () => {
    const negative = [0x7a, 0xff, 0xff, 0xff, 0xfb];
    expect(() => read([0x73], classX(3), [0x78, 0x70], negative)).to.throw(
      JavaStreamError,
      'negative length',
    );
  });

  it('tells that the remote side failed while it wrote', () => {
    expect(() => read([0x7b, 0x73], classX(2), [0x78, 0x70])).to.throw(
      JavaStreamError,
      'could not write it: x',
    );
  });
});

describe('reading a Java map pair by pair', () => {
  it('has the same pairs as the whole, wherever a part ends, and nothing of them in its value', () => {
    const maps = ANSWERS.filter(({ value }) => value instanceof Map);
    for (const { name, bytes, value } of maps)
      for (let each = 1; each <= bytes.length; each += 1) {
        const { answer, pairs } = inPairs(bytes, each);
        expect(pairs, name).to.deep.equal([...(value as Map<JavaValue, JavaValue>)]);
        expect(answer).to.deep.equal({ isNormal: true, value: new Map(), used: bytes.length });
      }
    expect(maps).to.have.length.above(6);
  });

  it('leaves every other answer as it is', () => {
    for (const { bytes, value } of [...ANSWERS, { bytes: UUID_ANSWER, value: readAnswer(UUID_ANSWER).value }])
      if (!(value instanceof Map)) {
        const { answer, pairs } = inPairs(bytes);
        expect([answer.value, pairs]).to.deep.equal([value, []]);
      }
  });

  it('reads far more than an answer that is read as a whole may have', () => {
    const many = ranges(30_000);
    const bytes = writtenMap(many);
    const { pairs } = inPairs(bytes, 60_000);
    expect(JSON.stringify(pairs)).to.equal(JSON.stringify(many));
    expect(() => readAnswer(bytes)).to.throw(JavaStreamError, 'too many objects');
  });

  it('refuses a pair of more objects than any answer has, and pairs without an end', () => {
    const bytesOf = (length: number): Buffer => {
      const count = Buffer.alloc(4);
      count.writeInt32BE(length);
      // byte[] in place of a key, then null
      const array = [0x75, 0x72, 0, 2, 0x5b, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0x78, 0x70];
      return Buffer.concat([Buffer.from(array), count, Buffer.alloc(length), Buffer.from([0x70])]);
    };
    expect(() => inPairs(Buffer.concat([MAP_HEAD, bytesOf(600_000)]))).to.throw('too many objects');
    const endless = Array.from({ length: 41 }, () => bytesOf(490_000));
    let read = 0;
    const answer = Buffer.concat([MAP_HEAD, ...endless]);
    expect(() => readAnswer(answer, () => (read += 1))).to.throw(JavaStreamError, 'too many objects');
    expect(read).to.equal(40);
  });

  it('refuses a key without a value', () => {
    expect(() => inPairs(Buffer.concat([MAP_HEAD, Buffer.from([0x70, 0x78])]))).to.throw('without a value');
  });
});
