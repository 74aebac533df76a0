// The end of jobs among windows and freezes made up by chance, against a walk from minute to minute.
import { expect } from 'chai';
import fc from 'fast-check';
import { expectedEndMs, type NodeToEnd } from '../../../../coordinator/core/planning/expected-end.ts';
import { MOST_UNDER_WAY } from '../../../../coordinator/core/rolling.ts';
import { COUNT, cases, MINUTE } from '../windows/made-up.ts';
import { coverOf, openOf } from '../windows/minute-by-minute.ts';

const batches = fc.array(fc.record({ minutes: fc.integer({ min: 0, max: 400 }), isLarge: fc.boolean() }), {
  minLength: 1,
  maxLength: 6,
});
const wait = fc.integer({ min: 0, max: 300 });

describe('when a job with windows is expected to end', () => {
  it('is where a walk from minute to minute ends, that begins nothing while its cluster is shut', () => {
    let ends = 0;
    fc.assert(
      fc.property(cases, batches, wait, ([fromMs, windows, at], plan, waitMinutes) => {
        const nodes = plan.flatMap(({ isLarge }, batch) =>
          Array.from({ length: isLarge ? MOST_UNDER_WAY + 1 : 1 }, (_, place): NodeToEnd => {
            const times = { isComplete: false, startedMs: null, endedMs: null, heldMs: 0 };
            return { id: `${batch} ${place}`, batch, ...times };
          }),
        );
        const clock = { waitMs: waitMinutes * MINUTE, waitedMs: 0, sinceMs: null, passedMs: null };
        const canary = waitMinutes === 0 ? null : { batches: 1, ...clock };
        const job = {
          nowMs: fromMs + at * MINUTE,
          type: 'restart' as const,
          settleMs: 0,
          waitingFor: null,
          nodes,
          canary,
          windows,
        };
        const told = expectedEndMs(job, (id) => (plan[Number(id.split(' ')[0])]?.minutes ?? 0) * 60);

        const open = openOf(
          windows.map((one) => [one, coverOf(one, fromMs, COUNT)] as const),
          COUNT,
        );
        let minute = at;
        const opens = (): void => {
          while (minute < COUNT && !open[minute]) minute += 1;
        };
        opens();
        for (const [batch, { minutes, isLarge }] of plan.entries()) {
          if (batch === 1)
            for (let left = canary === null ? 0 : waitMinutes; left > 0 && minute < COUNT; minute += 1)
              if (open[minute]) left -= 1;
          for (let turn = 0; turn < (isLarge ? 2 : 1); turn += 1) {
            opens();
            minute += minutes;
          }
        }
        if (minute < COUNT) {
          ends += 1;
          expect(told).to.equal(fromMs + minute * MINUTE);
        } else if (told !== null) expect(told).to.be.at.least(fromMs + COUNT * MINUTE);
      }),
      { numRuns: 60, seed: 20_261_130 }, // the count below is of these
    );
    expect(ends).to.be.greaterThan(15);
  });
});
