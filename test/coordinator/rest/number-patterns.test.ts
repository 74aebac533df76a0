// The pattern of a range: every number of it matches, and no other.
import { expect } from 'chai';
import fc from 'fast-check';
import { patternOfRange } from '../../../coordinator/rest/number-patterns.ts';

describe('the pattern of a range of numbers', () => {
  it('matches the numbers of the range, and no others', () => {
    const number = fc.oneof(fc.nat(120), fc.nat(100_000));
    fc.assert(
      fc.property(number, number, fc.nat(120_000), (one, other, asked) => {
        const [from, to] = one < other ? [one, other] : [other, one];
        const pattern = new RegExp(patternOfRange(from, to));
        for (const value of [asked, from - 1, from, from + 1, to - 1, to, to + 1])
          expect(pattern.test(String(value)), `${value} of ${from} to ${to}: ${pattern.source}`).to.equal(
            value >= from && value <= to,
          );
      }),
      { numRuns: 2_000 },
    );
  });

  it('lets no zero stand in front', () => {
    expect('0080').not.to.match(new RegExp(patternOfRange(1, 65_535)));
  });
});
