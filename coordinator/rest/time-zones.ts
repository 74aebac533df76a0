// Time zones of records whose times come once, which say their offset themselves.
import type { ModelRow, ModelValues } from '../store/models.ts';

/**
 * What was read can be sent back together with a time in place of cron, and is not kept then.
 * @param values what was sent, UTC where nothing was said
 * @param before null when the record is made
 * @param times the fields that say when, for people
 * @returns what is wrong with it, as the rest of a sentence; null when nothing is
 */
export function zoneInVain(values: ModelValues, before: ModelRow | null, times: string): string | null {
  const zone = values['time-zone'] ?? 'UTC';
  return zone === 'UTC' || zone === before?.['time_zone']
    ? null
    : `is the clock of cron, and there is none: say the offset in ${times}, such as 2026-12-24T18:00:00+01:00`;
}

/** A zone that stayed when its cron went would be refused wherever the record is made anew. */
export const withoutIdleZone = (values: ModelValues, cron: unknown): ModelValues =>
  cron === null ? { ...values, 'time-zone': 'UTC' } : values;
