// Sealed secrets open only with their key, in their place, unchanged.
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  makeKeyCheck,
  type Place,
  SealBox,
  SealError,
  type SealFault,
  verifyKeyCheck,
} from '../../../coordinator/security/seal.ts';

const place: Place = { table: 'machine_credential', id: 'a', column: 'secret' };

function faultOf(act: () => unknown): SealFault | 'opened' {
  try {
    act();
    return 'opened';
  } catch (error) {
    if (error instanceof SealError) return error.fault;
    throw error;
  }
}

describe('SealBox', () => {
  const key = randomBytes(32);
  const box = new SealBox(key);

  it('gives a text one fingerprint under one key, and another under another', () => {
    expect(box.fingerprint('text').equals(new SealBox(key).fingerprint('text'))).to.equal(true);
    expect(box.fingerprint('text').equals(box.fingerprint('texts'))).to.equal(false);
    expect(box.fingerprint('text').equals(new SealBox(randomBytes(32)).fingerprint('text'))).to.equal(false);
  });

  it('gives back any text in its own place, and hides it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 4 }), fc.string(), (plain, id) => {
        const sealed = box.seal(plain, { ...place, id });
        expect(sealed.includes(plain)).to.equal(false);
        expect(new SealBox(key).open(sealed, { ...place, id })).to.equal(plain);
      }),
    );
  });

  it('seals the same text differently each time', () => {
    expect(box.seal('same', place).equals(box.seal('same', place))).to.equal(false);
  });

  it('refuses a value moved to another row, column or table', () => {
    const sealed = box.seal('cassandra', place);
    for (const elsewhere of [{ id: 'b' }, { column: 'note' }, { table: 'profile' }]) {
      expect(faultOf(() => box.open(sealed, { ...place, ...elsewhere }))).to.equal('refused');
    }
    expect(faultOf(() => box.open(sealed, place))).to.equal('opened');
  });

  it('does not let table and id be cut elsewhere', () => {
    const sealed = box.seal('x', { table: 'a', id: 'bc', column: 'd' });
    expect(faultOf(() => box.open(sealed, { table: 'ab', id: 'c', column: 'd' }))).to.equal('refused');
    const quoted = box.seal('x', { table: 'a","b', id: 'c', column: 'd' });
    expect(faultOf(() => box.open(quoted, { table: 'a', id: 'b","c', column: 'd' }))).to.equal('refused');
  });

  it('refuses a value with any one bit changed', () => {
    const sealed = box.seal('cassandra', place);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(
        faultOf(() => box.open(changed, place)),
        `bit ${bit}`,
      ).not.to.equal('opened');
    }
  });

  it('says so when another master key sealed the value', () => {
    const other = new SealBox(randomBytes(32));
    expect(faultOf(() => other.open(box.seal('x', place), place))).to.equal('wrong-key');
  });

  it('says so when the value was never sealed', () => {
    for (const value of [Buffer.alloc(0), Buffer.from('plain text'), Buffer.alloc(100, 9)]) {
      expect(faultOf(() => box.open(value, place))).to.equal('not-sealed');
    }
  });

  it('shows its key to nobody who prints it', () => {
    const shown = inspect(box, { depth: 9, showHidden: true });
    expect(shown).to.include(box.keyId).and.not.include(inspect(key).slice(8, 40));
  });

  it('refuses a key of another length', () => {
    expect(() => new SealBox(randomBytes(16))).to.throw(RangeError, '32 bytes, not 16');
  });
});

describe('The key check', () => {
  const box = new SealBox(randomBytes(32));

  it('accepts the master key that made it', () => {
    expect(() => verifyKeyCheck(box, makeKeyCheck(box))).not.to.throw();
  });

  it('refuses another master key', () => {
    const check = makeKeyCheck(new SealBox(randomBytes(32)));
    expect(() => verifyKeyCheck(box, check)).to.throw(
      SealError,
      'is not the one this database was sealed with',
    );
  });

  it('refuses something else that the right key has sealed', () => {
    expect(() => verifyKeyCheck(box, box.seal('x', place))).to.throw(SealError);
  });
});
