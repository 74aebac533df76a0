// The waits between retries: never above the ceiling, and anything below it is as likely.
import { expect } from 'chai';
import fc from 'fast-check';
import { backoffMs } from '../../shared/backoff.ts';

const policy = { firstMs: 1_000, mostMs: 60_000 };
const ALMOST_ONE = 1 - Number.EPSILON / 2;

describe('a backoff', () => {
  it('stays below a ceiling that doubles with each attempt and stops growing at the most', () => {
    const longest = [0, 1, 2, 5, 6, 7, 1_000].map((attempt) => backoffMs(policy, attempt, ALMOST_ONE));
    expect(longest).to.deep.equal([999, 1_999, 3_999, 31_999, 59_999, 59_999, 59_999]);
  });

  it('spreads over everything from nothing to the ceiling: full jitter', () => {
    const waits = [0, 0.25, 0.5, 0.75].map((random) => backoffMs(policy, 3, random));
    expect(waits).to.deep.equal([0, 2_000, 4_000, 6_000]);
  });

  it('is a whole number of milliseconds below the ceiling, whatever the policy, attempt and chance', () => {
    const ms = fc.integer({ min: 1, max: 86_400_000 });
    const chance = fc.double({ min: 0, max: ALMOST_ONE, noNaN: true });
    fc.assert(
      fc.property(ms, ms, fc.nat(), chance, (firstMs, mostMs, attempt, random) => {
        const wait = backoffMs({ firstMs, mostMs }, attempt, random);
        expect(Number.isInteger(wait)).to.equal(true);
        expect(wait).to.be.within(0, mostMs - 1);
        if (attempt < 30) expect(wait).to.be.below(firstMs * 2 ** attempt);
      }),
    );
  });
});
