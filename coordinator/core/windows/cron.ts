// When a cron expression of five fields fires, by the clock of a time zone.
import { Cron } from 'croner';
import { CRON_FIELDS } from '../../../shared/cron-fields.ts';

/** An expression as its time zone reads it; made once for several questions. */
export interface CronTimes {
  /** the first time after this moment; Infinity: never again */
  after: (ms: number) => number;
  /** the last time at this moment or before it; -Infinity: never before */
  upTo: (ms: number) => number;
}

/**
 * As Vixie cron has it: a single time of the day (`30 2 * * *`) that a change of the clock skips comes right after the gap, and one
 * that it shows twice comes once; any other expression fires whenever the clock shows a time that it names. Where both day fields
 * are restricted, either of them is enough.
 * @param timeZone a name of the IANA database
 * @throws Error for what is no such expression
 */
export function cronTimes(cron: string, timeZone: string): CronTimes {
  // Paused: it keeps no timer, and is only asked about moments that it is given.
  const times = new Cron(cron, { timezone: timeZone, mode: '5-part', paused: true });
  return {
    after: (ms) => times.nextRun(new Date(ms))?.getTime() ?? Number.POSITIVE_INFINITY,
    // Asked for what was before, the library looks at whole seconds.
    upTo: (ms) => {
      const secondAfter = new Date(Math.floor(ms / 1_000) * 1_000 + 1_000);
      return times.previousRuns(1, secondAfter)[0]?.getTime() ?? Number.NEGATIVE_INFINITY;
    },
  };
}

/**
 * @param cron of the right form (shared/formats.ts)
 * @returns what is wrong with it, as the rest of a sentence; null when it fires
 */
export function cronProblem(cron: string, timeZone: string, nowMs: number): string | null {
  try {
    return cronTimes(cron, timeZone).after(nowMs) === Number.POSITIVE_INFINITY
      ? `must be able to come: no year has the day of ${cron}`
      : null;
  } catch {
    const wrong = cron.split(' ').findIndex((field, at) => !isField(field, at));
    // A stored zone may be of another time zone database than ours.
    if (wrong < 0) return `must be by a clock that is known here, and the time zone ${timeZone} is not`;
    return `must have ranges that begin with the smaller number, 22-23,0-4 and not 22-4, also in its ${CRON_FIELDS[wrong]}`;
  }
}

function isField(field: string, at: number): boolean {
  try {
    cronTimes(CRON_FIELDS.map((_, other) => (other === at ? field : '*')).join(' '), 'UTC');
    return true;
  } catch {
    return false;
  }
}
