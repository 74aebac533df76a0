// Answers of a real JDK read into plain values, and what no sound peer would send refused.
import { expect } from 'chai';
import { JavaReader, JavaStreamError, StreamEndsTooSoon } from '../../../../agent/host/jmx/java-reader.ts';
import { parseReturn } from '../../../../agent/host/jmx/jrmp-wire.ts';
import { remoteOf } from '../../../../agent/host/jmx/remote-object.ts';
import { ANSWERS, STUB_ANSWER, UUID_ANSWER } from './recorded-answers.ts';

const read = (...bytes: readonly (Buffer | readonly number[])[]) =>
  new JavaReader(
    Buffer.concat([Buffer.from([0xac, 0xed, 0, 5]), ...bytes.map((part) => Buffer.from(part))]),
  ).object();
/** Class `x` with these flags and an int count of fields, up to its annotation. */
const classX = (flags: number, fields = 0): Buffer =>
  Buffer.from([0x72, 0, 1, 0x78, 0, 0, 0, 0, 0, 0, 0, 0, flags, fields >> 8, fields & 0xff]);
const repeated = (part: readonly number[], times: number): Buffer =>
  Buffer.from(Array.from({ length: times }, () => part).flat());

describe('reading Java objects', () => {
  for (const { name, bytes, value } of ANSWERS)
    it(`reads ${name}`, () => {
      const answer = parseReturn(bytes, true);
      expect(answer.value).to.deep.equal({ isNormal: true, value });
      expect(answer.used).to.equal(bytes.length);
    });

  it('keeps the fields of an object of an unknown class', () => {
    expect(parseReturn(UUID_ANSWER, true).value.value).to.deep.equal({
      className: 'java.util.UUID',
      fields: { leastSigBits: 2, mostSigBits: 1 },
      annotation: [],
    });
  });

  it('finds the port and the object that a stub points at, on the host that was asked', () => {
    const target = remoteOf(parseReturn(STUB_ANSWER, true).value.value, 'somewhere');
    expect(target.host).to.equal('somewhere');
    expect(target.port).to.equal(41099);
    expect(target.objectId).to.have.length(22);
  });

  it('takes every beginning of an answer for unfinished, never for an answer', () => {
    for (const { bytes } of ANSWERS)
      for (let length = 1; length < bytes.length; length += 1)
        expect(() => parseReturn(bytes.subarray(0, length), true)).to.throw(StreamEndsTooSoon);
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
