// Time zones of records whose times come once, which say their offset themselves.
import type { ModelRow, ModelValues } from '../store/models.ts';

/**
 * What was read can be sent back, and what was the clock of a cron expression may stay while there is none.
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
