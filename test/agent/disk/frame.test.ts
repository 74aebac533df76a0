// The framing of records: what is written is read, and nothing else is.
import { expect } from 'chai';
import fc from 'fast-check';
import { frameAt, frameBytes, scanFrames, toFrames } from '../../../agent/disk/frame.ts';

const payloads = fc.array(fc.string({ minLength: 1, unit: 'grapheme' }), { maxLength: 8 });

describe('records in a file', () => {
  it('are read back as they were written', () => {
    fc.assert(
      fc.property(payloads, (written) => {
        const bytes = toFrames(written);
        const scan = scanFrames(bytes);
        expect(scan).to.deep.equal({
          payloads: written,
          validBytes: bytes.length,
          lostBytes: 0,
          tornBytes: 0,
        });
      }),
    );
  });

  it('end where zeros begin, as in a preallocated file', () => {
    const bytes = Buffer.concat([toFrames(['one']), Buffer.alloc(100)]);
    expect(scanFrames(bytes)).to.deep.equal({
      payloads: ['one'],
      validBytes: frameBytes('one'),
      lostBytes: 0,
      tornBytes: 0,
    });
  });

  it('never show a payload that was not written, whichever single byte is changed', () => {
    const written = ['alpha', 'beta', 'gamma'];
    const sound = toFrames(written);
    for (let at = 0; at < sound.length; at++) {
      const hurt = Buffer.from(sound);
      hurt[at] = (hurt[at] ?? 0) ^ 0x10;
      const scan = scanFrames(hurt);
      expect(written, `byte ${at}`).to.include.members(scan.payloads);
      expect(scan.payloads.length, `byte ${at}`).to.equal(2);
      expect(scan.lostBytes + scan.tornBytes, `byte ${at}`).to.be.greaterThan(0);
    }
  });

  it('lose only themselves when they are hurt, in the length too', () => {
    const hurt = toFrames(['alpha', 'beta', 'gamma']);
    hurt.write('X', frameBytes('alpha') + 9);
    expect(scanFrames(hurt).payloads).to.deep.equal(['alpha', 'gamma']);
    hurt.writeUInt32BE(7, frameBytes('alpha'));
    expect(scanFrames(hurt)).to.deep.equal({
      payloads: ['alpha', 'gamma'],
      validBytes: hurt.length,
      lostBytes: frameBytes('beta'),
      tornBytes: 0,
    });
  });

  it('do not end where zeros have something behind them', () => {
    const hurt = toFrames(['alpha', 'beta']);
    hurt.fill(0, 0, 8);
    expect(scanFrames(hurt)).to.deep.include({
      payloads: ['beta'],
      lostBytes: frameBytes('alpha'),
    });
  });

  it('are not to be found in text that happens to lie there', () => {
    expect(frameAt(Buffer.from('a file of somebody else'), 0)).to.equal('bad');
  });
});
