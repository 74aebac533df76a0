// When one maintenance window is open, or one freeze is in force: its time now and its next one, overlaps taken as one.
import { type CronTimes, cronTimes } from './cron.ts';

/** Of one cluster. Times are milliseconds since 1970. */
export interface MaintenanceWindow {
  id: string;
  name: string;
  kind: 'window' | 'freeze';
  times:
    | {
        cron: string;
        timeZone: string;
        /** as they pass: a change of the clock makes none longer or shorter */
        minutes: number;
      }
    /** once; null: until it is changed or deleted */
    | { fromMs: number; untilMs: number | null };
}

/** What overlaps or touches is one time, from its beginning up to its end, which is no part of it. */
export interface Times {
  /** when the one ends that it is; null: it is none; Infinity: not for as long as is looked ahead */
  until: (ms: number) => number | null;
  /** when the one began that it is; -Infinity: longer ago than is looked back */
  since: (ms: number) => number;
  /** when the next one begins after this moment; Infinity: never */
  beginsAfter: (ms: number) => number;
  /** when the last one ended, at this moment or before it, while there is none; -Infinity: never */
  endedBy: (ms: number) => number;
}

/** So many times that overlap or touch are followed; a pass of a job waits for each. */
export const MOST_JOINED = 300;

const once = (fromMs: number, untilMs: number): Times => ({
  until: (ms) => (fromMs <= ms && ms < untilMs ? untilMs : null),
  since: () => fromMs,
  beginsAfter: (ms) => (fromMs > ms ? fromMs : Number.POSITIVE_INFINITY),
  endedBy: (ms) => (untilMs <= ms ? untilMs : Number.NEGATIVE_INFINITY),
});

/**
 * @param joined the time farthest from this one that it overlaps or touches; itself where there is none
 * @returns the last of them, or `beyond` where there is no end to them
 */
function farthest(first: number, joined: (begins: number) => number, beyond: number): number {
  let begins = first;
  for (let looked = 0; looked < MOST_JOINED; looked += 1) {
    const further = joined(begins);
    if (further === begins) return begins;
    begins = further;
  }
  return beyond;
}

/** All are equally long: at any moment the one that began last ends last. */
const repeated = (cron: CronTimes, lengthMs: number): Times => ({
  until: (ms) => {
    const began = cron.upTo(ms);
    if (began + lengthMs <= ms) return null;
    const last = farthest(began, (begins) => cron.upTo(begins + lengthMs), Number.POSITIVE_INFINITY);
    return last + lengthMs;
  },
  since: (ms) =>
    farthest(cron.upTo(ms), (begins) => cron.after(begins - lengthMs - 1), Number.NEGATIVE_INFINITY),
  beginsAfter: (ms) => (ms === Number.POSITIVE_INFINITY ? ms : cron.after(ms)),
  endedBy: (ms) => cron.upTo(ms) + lengthMs,
});

/** Of what was checked when it was stored. */
export const timesOf = ({ times }: MaintenanceWindow): Times =>
  'cron' in times
    ? repeated(cronTimes(times.cron, times.timeZone), times.minutes * 60_000)
    : once(times.fromMs, times.untilMs ?? Number.POSITIVE_INFINITY);
