// Windows and freezes made up by chance, around changes of the clock, against what a look at every minute finds.
import { expect } from 'chai';
import fc from 'fast-check';
import { opensAndShuts, ownTimes, standing } from '../../../../coordinator/core/windows/standing.ts';
import { type MaintenanceWindow, runTogether } from '../../../../coordinator/core/windows/times.ts';
import { coverOf, openOf } from './minute-by-minute.ts';

const MINUTE = 60_000;
const DAYS = 3;
const COUNT = DAYS * 1_440;

/** Zones, and a day before a change of their clock or none; Lord Howe moves by half an hour, Troll by two. */
const PLACES = [
  ['UTC', '2026-02-27'],
  ['Europe/Berlin', '2026-03-28'],
  ['Europe/Berlin', '2026-10-24'],
  ['America/New_York', '2026-03-07'],
  ['America/New_York', '2026-10-31'],
  ['Australia/Lord_Howe', '2026-04-04'],
  ['Australia/Lord_Howe', '2026-10-03'],
  ['Antarctica/Troll', '2026-03-28'],
  ['Asia/Kathmandu', '2026-12-30'],
] as const;

const of = (...values: string[]) => fc.constantFrom(...values);
const fieldsAfterMinute = [
  of('2', '1', '0', '23', '1,3', '*/4', '0-5', '*'),
  of('*', '*', '29', '1,15'),
  of('*', '*', '3-11'),
  of('*', '*', '0', '1-5', '6,7'),
] as const;
/** Such as are stored: of others more run together than are followed. */
const repeated = (timeZone: string, fromMs: number) =>
  fc
    .tuple(
      of('0', '30', '15,45', '*/20', '10-50/10'),
      fc.tuple(...fieldsAfterMinute),
      fc.oneof(fc.integer({ min: 1, max: 200 }), of('1440', '1500', '4000').map(Number)),
    )
    .map(([minute, fields, minutes]) => ({ cron: [minute, ...fields].join(' '), timeZone, minutes }))
    .filter(({ cron, minutes }) => runTogether(cron, timeZone, minutes, fromMs) === null);
const once = (fromMs: number) =>
  fc
    .tuple(fc.integer({ min: -500, max: COUNT }), fc.option(fc.integer({ min: 1, max: 2_000 })))
    .map(([at, minutes]) => ({
      fromMs: fromMs + at * MINUTE,
      untilMs: minutes === null ? null : fromMs + (at + minutes) * MINUTE,
    }));

const cases = fc.constantFrom(...PLACES).chain(([timeZone, day]) => {
  const fromMs = Date.parse(`${day}T00:00:00Z`);
  const one = fc.oneof(
    { weight: 3, arbitrary: repeated(timeZone, fromMs) },
    { weight: 1, arbitrary: once(fromMs) },
  );
  const all = fc.array(fc.tuple(fc.constantFrom('window' as const, 'freeze' as const), one), {
    minLength: 1,
    maxLength: 4,
  });
  return fc.tuple(
    fc.constant(fromMs),
    all.map((made) =>
      made.map(([kind, times], at): MaintenanceWindow => ({ id: `${at}`, name: `w${at}`, kind, times })),
    ),
    fc.integer({ min: 1, max: COUNT / 2 }),
    fc.constantFrom(0, 0, 500, 59_999),
  );
});

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
