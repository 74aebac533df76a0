// Windows and freezes made up by chance, around changes of the clock.
import fc from 'fast-check';
import { type MaintenanceWindow, runTogether } from '../../../../coordinator/core/windows/times.ts';

export const MINUTE = 60_000;
const DAYS = 3;
/** So many are looked at. */
export const COUNT = DAYS * 1_440;

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

/** From when on is looked, windows and freezes, at which minute, and how many milliseconds after it. */
export const cases = fc.constantFrom(...PLACES).chain(([timeZone, day]) => {
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
