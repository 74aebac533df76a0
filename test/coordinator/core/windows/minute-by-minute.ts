// What windows and freezes say of every minute of some days, found out by looking at each: what the arithmetic is held against.
import type { MaintenanceWindow } from '../../../../coordinator/core/windows/times.ts';

const MINUTE = 60_000;
/** No clock is set back by more. */
const DOUBLED_MINUTES = 180;

/** The clock of a zone, as milliseconds that Date's UTC fields read; zones change their offset at quarters of an hour. */
function clockOf(timeZone: string): (ms: number) => number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const offsets = new Map<number, number>();
  const offsetAt = (quarterMs: number): number => {
    const parts = Object.fromEntries(
      format.formatToParts(new Date(quarterMs)).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute) - quarterMs;
  };
  return (ms) => {
    const quarterMs = Math.floor(ms / (15 * MINUTE)) * 15 * MINUTE;
    const offset = offsets.get(quarterMs) ?? offsetAt(quarterMs);
    offsets.set(quarterMs, offset);
    return ms + offset;
  };
}

function valuesOf(field: string, most: number): Set<number> {
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const [range = '', step = '1'] = part.split('/');
    const [from = 0, to = most] = range === '*' ? [] : range.split('-').map(Number);
    const last = range === '*' || range.includes('-') ? to : from;
    for (let value = from; value <= last; value += Number(step)) values.add(value);
  }
  return values;
}

function matcherOf(cron: string): (clock: number) => boolean {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = cron.split(' ');
  const [minutes, hours, days, months] = [
    valuesOf(minute, 59),
    valuesOf(hour, 23),
    valuesOf(day, 31),
    valuesOf(month, 12),
  ];
  const weekdays = new Set([...valuesOf(weekday, 6)].map((value) => value % 7));
  return (clock) => {
    if (!minutes.has((clock / MINUTE) % 60) || !hours.has(Math.floor(clock / (60 * MINUTE)) % 24))
      return false;
    const at = new Date(clock);
    const [onDay, onWeekday] = [days.has(at.getUTCDate()), weekdays.has(at.getUTCDay())];
    return (
      months.has(at.getUTCMonth() + 1) &&
      (day !== '*' && weekday !== '*' ? onDay || onWeekday : onDay && onWeekday)
    );
  };
}

function firesOf(cron: string, timeZone: string): (ms: number) => boolean {
  const [clock, matches] = [clockOf(timeZone), matcherOf(cron)];
  if (!/^\d+ \d+ /.test(cron)) return (ms) => matches(clock(ms));
  // A single time of the day: once where the clock shows it twice, right after where it is skipped.
  return (ms) => {
    const [now, before] = [clock(ms), clock(ms - MINUTE)];
    for (let skipped = before + MINUTE; skipped < now; skipped += MINUTE) if (matches(skipped)) return true;
    if (!matches(now)) return false;
    for (let back = 1; back <= DOUBLED_MINUTES; back += 1)
      if (clock(ms - back * MINUTE) === now) return false;
    return true;
  };
}

/** Whether its time has come, minute by minute from `fromMs` on. */
export function coverOf({ times }: MaintenanceWindow, fromMs: number, count: number): boolean[] {
  if (!('cron' in times))
    return Array.from({ length: count }, (_, at) => {
      const ms = fromMs + at * MINUTE;
      return times.fromMs <= ms && ms < (times.untilMs ?? Number.POSITIVE_INFINITY);
    });
  const fires = firesOf(times.cron, times.timeZone);
  const cover: boolean[] = [];
  let left = 0;
  for (let at = -times.minutes; at < count; at += 1) {
    left = fires(fromMs + at * MINUTE) ? times.minutes : left - 1;
    if (at >= 0) cover.push(left > 0);
  }
  return cover;
}

export type Covered = readonly (readonly [one: MaintenanceWindow, cover: readonly boolean[]])[];

/** Whether work is allowed, minute by minute. */
export function openOf(covered: Covered, count: number): boolean[] {
  const covers = (kind: MaintenanceWindow['kind']) =>
    covered.filter(([one]) => one.kind === kind).map(([, cover]) => cover);
  const [windows, freezes] = [covers('window'), covers('freeze')];
  return Array.from(
    { length: count },
    (_, at) =>
      !freezes.some((cover) => cover[at]) && (windows.length === 0 || windows.some((cover) => cover[at])),
  );
}
