// Identifiers that sort by the time they were made, and what counts as one.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { isUuid, uuidv7 } from '../../shared/uuid.ts';

const MOST_MS = 2 ** 48 - 1;

describe('a UUIDv7', () => {
  it('has its version, its variant and the milliseconds that it was made at (RFC 9562, 5.7)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MOST_MS }), (atMs) => {
        const id = uuidv7(atMs);
        expect(id).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).to.equal(atMs);
      }),
    );
  });

  it('sorts by time as text', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: MOST_MS }), { maxLength: 20 }), (moments) => {
        const inOrder = [...moments].sort((a, b) => a - b).map((atMs) => uuidv7(atMs));
        expect([...inOrder].sort()).to.deep.equal(inOrder);
      }),
    );
  });

  it('differs from every other of the same millisecond', () => {
    const many = Array.from({ length: 10_000 }, () => uuidv7(1_700_000_000_000));
    expect(new Set(many).size).to.equal(many.length);
  });

  it('tells the present time unless told another', () => {
    const before = Date.now();
    const at = Number.parseInt(uuidv7().replace('-', '').slice(0, 12), 16);
    expect(at).to.be.within(before, Date.now());
  });
});

describe('isUuid', () => {
  it('takes any version in either case', () => {
    for (const id of [randomUUID(), randomUUID().toUpperCase(), uuidv7()]) expect(isUuid(id)).to.equal(true);
  });

  it('takes nothing else, however near', () => {
    const id = randomUUID();
    const near = [
      '',
      id.slice(1),
      `${id}0`,
      `{${id}}`,
      `${id}\n`,
      ` ${id}`,
      id.replaceAll('-', ''),
      id.replace(/./, 'g'),
    ];
    expect(near.filter(isUuid)).to.deep.equal([]);
  });
});
