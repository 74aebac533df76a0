// Garbage in place of Java objects: read or refused, nothing else, and soon.
import { expect } from 'chai';
import fc from 'fast-check';
import { JavaStreamError } from '../../../../agent/host/jmx/java-bytes.ts';
import { isJavaObject, type JavaValue } from '../../../../agent/host/jmx/java-value.ts';
import { marshalled } from '../../../../agent/host/jmx/java-writer.ts';
import { JmxError } from '../../../../agent/host/jmx/jmx-error.ts';
import { fromModifiedUtf8, toModifiedUtf8 } from '../../../../agent/host/jmx/modified-utf8.ts';
import { remoteError } from '../../../../agent/host/jmx/remote-error.ts';
import { remoteOf } from '../../../../agent/host/jmx/remote-object.ts';
import { readAnswer, readObject } from './read-answer.ts';
import { ANSWERS, STUB_ANSWER } from './recorded-answers.ts';
import { writtenMap } from './written-map.ts';

const HEADER = Buffer.from([0xac, 0xed, 0x00, 0x05]);
const recorded = [...ANSWERS.map(({ bytes }) => bytes), STUB_ANSWER];

/** Reads as far as a caller would; anything but the two errors of this folder is a bug and comes through. */
function readOrRefuse(bytes: Buffer): JavaValue | undefined {
  try {
    readAnswer(bytes, () => {});
    const { value } = readAnswer(bytes);
    expect(remoteError(value)).to.be.instanceOf(JmxError);
    remoteOf(value, '127.0.0.1');
    return value;
  } catch (error) {
    if (!(error instanceof JavaStreamError) && !(error instanceof JmxError)) throw error;
    return undefined;
  }
}

describe('garbage over JMX', () => {
  it('is refused when it is random', () => {
    const tags = fc.integer({ min: 0x70, max: 0x7e });
    const byte = fc.oneof(tags, fc.constantFrom(0, 1, 2, 3), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 400 }), (bytes) => {
        readOrRefuse(
          Buffer.concat([Buffer.from([0x51]), HEADER, Buffer.from([0x77, 1, 1]), Buffer.from(bytes)]),
        );
      }),
      { numRuns: 3_000 },
    );
  });

  it('is refused, or read as something else, when it is a real answer with some bytes changed', () => {
    const change = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) });
    const changes = fc.array(change, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.constantFrom(...recorded), changes, (answer, made) => {
        const bytes = Buffer.from(answer);
        for (const { at, to } of made) bytes[at % bytes.length] = to;
        readOrRefuse(bytes);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('a map over JMX', () => {
  it('has the same pairs one by one as at once, in parts of any size', () => {
    const list = fc.array(fc.string({ maxLength: 9 }), { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(fc.tuple(list, list), { maxLength: 20 }), fc.nat({ max: 200 }), (pairs, each) => {
        const bytes = writtenMap(pairs);
        const taken: [JavaValue, JavaValue][] = [];
        readAnswer(bytes, (key, value) => taken.push([key, value]), each + 1);
        expect(taken).to.deep.equal(pairs);
        expect([...(readAnswer(bytes).value as Map<JavaValue, JavaValue>)]).to.deep.equal(pairs);
      }),
    );
  });
});

describe('modified UTF-8', () => {
  it('gives back every text, lone surrogates and zeros too', () => {
    const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        const bytes = toModifiedUtf8(text);
        expect(fromModifiedUtf8(bytes)).to.equal(text);
        expect(bytes.includes(0)).to.equal(false);
      }),
    );
  });
});

describe('arguments over JMX', () => {
  it('read back as they were written', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.boolean(), fc.array(fc.string()))), (values) => {
        const holder = readObject(Buffer.concat([HEADER, marshalled(values)]));
        const bytes = isJavaObject(holder) ? holder.fields['objBytes'] : null;
        expect(readObject(Buffer.from(bytes as number[]))).to.deep.equal(values);
      }),
    );
  });
});
