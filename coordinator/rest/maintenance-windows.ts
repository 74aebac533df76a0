// Maintenance windows and freezes: what holds between the fields of one, and what its record tells of its times.
import { type FieldProblem, InvalidInput } from '../../shared/errors.ts';
import { cronProblem } from '../core/windows/cron.ts';
import { ownTimes } from '../core/windows/standing.ts';
import { type MaintenanceWindow, runTogether } from '../core/windows/times.ts';
import type { ModelRow, ModelValues } from '../store/models.ts';
import { withoutIdleZone, zoneInVain } from './time-zones.ts';

/** @param before of a freeze that comes once, and of all others; null: it is being made */
const hasBegun = (before: ModelRow | null, nowMs: number): boolean =>
  before !== null && before['from'] !== null && Date.parse(String(before['from'])) <= nowMs;

/**
 * What is to be stored of a window or freeze.
 * @param values what was sent
 * @param of a field as it is to be, by its name
 * @param before null when it is made
 * @param nowMs by PostgreSQL's clock
 * @throws InvalidInput naming every field at fault
 */
export function meantWindow(
  values: ModelValues,
  of: (name: string) => unknown,
  before: ModelRow | null,
  nowMs: number,
): ModelValues {
  const problems: FieldProblem[] = [];
  const wrong = (field: string, message: string): void =>
    void problems.push({ pointer: `/${field}`, message });
  const [kind, cron, duration] = [of('kind'), of('cron'), of('duration')];
  const [from, until] = [of('from'), of('until')];
  if (kind === 'window' && (from ?? until) !== null)
    wrong(from === null ? 'until' : 'from', 'is for a freeze: a window has cron and duration');
  else if (cron === null && duration === null && from === null)
    wrong(
      'cron',
      kind === 'window'
        ? 'is required, with duration'
        : 'is required, with duration; or from, for a freeze that comes once',
    );
  else if (cron !== null && from !== null)
    wrong('from', 'cannot be given together with cron: it is one or the other');
  else if (from === null) {
    if (cron === null) wrong('cron', 'is required with duration');
    if (duration === null) wrong('duration', 'is required with cron: the minutes that it lasts each time');
    if (until !== null) wrong('until', 'is for a freeze that comes once: it needs from, in place of cron');
  } else {
    if (duration !== null) wrong('duration', 'is for what cron repeats: a freeze that comes once has until');
    if (until !== null && Date.parse(String(until)) <= Date.parse(String(from)))
      wrong('until', 'must be later than from');
    // One that has begun may be ended by it, and the clock of whoever does so be behind ours.
    else if (!hasBegun(before, nowMs) && until !== null && Date.parse(String(until)) <= nowMs)
      wrong('until', 'must be later than now: this freeze is over already');
    const zone = zoneInVain(values, before, 'from and until');
    if (zone !== null) wrong('time-zone', zone);
  }
  if (typeof cron === 'string') {
    const zone = String(of('time-zone'));
    const problem =
      cronProblem(cron, zone, nowMs) ??
      (typeof duration === 'number' ? runTogether(cron, zone, duration, nowMs) : null);
    if (problem !== null) wrong('cron', problem);
  }
  if (problems.length > 0) throw new InvalidInput('The maintenance-window is not valid', problems);
  return withoutIdleZone(values, cron);
}

function windowOf(row: ModelRow): MaintenanceWindow {
  const { id, name, kind, cron, duration, time_zone: timeZone, from, until } = row;
  return {
    id,
    name: String(name),
    kind: kind === 'freeze' ? 'freeze' : 'window',
    times:
      typeof cron === 'string'
        ? { cron, timeZone: String(timeZone), minutes: Number(duration) }
        : {
            fromMs: Date.parse(String(from)),
            untilMs: until === null ? null : Date.parse(String(until)),
          },
  };
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** Whether a window is open, or a freeze in force, when it is so next, and when that ends. */
export function shownTimes(row: ModelRow): Record<string, unknown> {
  const { open, nextOpenMs, nextCloseMs } = ownTimes(windowOf(row), Number(row['now_ms']));
  return { open, 'next-open-on': iso(nextOpenMs), 'next-close-on': iso(nextCloseMs) };
}
