// Windows and freezes made up by chance, around changes of the clock, against what a look at every minute finds.
import { expect } from 'chai';
import fc from 'fast-check';
import { opensAndShuts, ownTimes, standing } from '../../../../coordinator/core/windows/standing.ts';
import { COUNT, cases, MINUTE } from './made-up.ts';
import { coverOf, openOf } from './minute-by-minute.ts';

/** Equal as far as was looked. */
function sameMoment(told: number | null, fromMs: number, at: number): void {
  if (at >= 0) expect(told).to.equal(fromMs + at * MINUTE);
  else if (told !== null) expect(told).to.be.at.least(fromMs + COUNT * MINUTE);
}

describe('windows and freezes', () => {
  it('say the same as a look at every minute, and when that changes', () => {
    fc.assert(
      fc.property(cases, ([fromMs, all, at, ms]) => {
        const covers = all.map((one) => [one, coverOf(one, fromMs, COUNT)] as const);
        const open = openOf(covers, COUNT);
        const nowMs = fromMs + at * MINUTE + ms;
        const told = standing(all, nowMs);
        expect(told.open).to.equal(open[at]);
        sameMoment(
          told.changesMs,
          fromMs,
          open.findIndex((one, minute) => minute > at && one !== open[at]),
        );
        const begins = open.findIndex((one, minute) => minute >= at && one);
        const look = opensAndShuts(all, nowMs);
        if (open[at]) expect(look.beginsMs).to.equal(nowMs);
        else sameMoment(look.beginsMs, fromMs, begins);
        if (begins >= 0)
          sameMoment(
            look.shutsMs,
            fromMs,
            open.findIndex((one, minute) => minute > begins && !one),
          );
        // Who says so, and since when, as far back as was looked.
        const says = covers.filter(
          ([{ kind }, cover]) => cover[at] && kind === (told.open ? 'window' : 'freeze'),
        );
        if (says.length > 0) {
          expect(told.by).to.deep.equal(says.map(([one]) => one));
          const since = Math.min(...says.map(([, cover]) => cover.lastIndexOf(false, at) + 1));
          if (since > 0) expect(told.sinceMs).to.equal(fromMs + since * MINUTE);
        } else if (!told.open) {
          const ended = Math.max(
            ...covers.map(([{ kind }, cover]) => (kind === 'window' ? cover.lastIndexOf(true, at) + 1 : 0)),
          );
          if (ended > 0) expect(told.sinceMs).to.equal(fromMs + ended * MINUTE);
        }
      }),
      { numRuns: 80 },
    );
  });

  it('tell of each alone when it comes and when it ends', () => {
    fc.assert(
      fc.property(cases, ([fromMs, [one], at, ms]) => {
        if (one === undefined) return;
        const cover = coverOf(one, fromMs, COUNT);
        const own = ownTimes(one, fromMs + at * MINUTE + ms);
        expect(own.open).to.equal(cover[at]);
        const ends = (from: number) => cover.findIndex((now, minute) => minute > from && !now);
        const begins = (from: number) => cover.findIndex((now, minute) => minute > from && now);
        const next = cover[at] ? (ends(at) < 0 ? -1 : begins(ends(at))) : begins(at);
        sameMoment(own.nextOpenMs, fromMs, next);
        sameMoment(own.nextCloseMs, fromMs, cover[at] ? ends(at) : next < 0 ? -1 : ends(next));
      }),
      { numRuns: 60 },
    );
  });
});
