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

/** So many times that overlap or touch are followed: a pass of a job waits for each, and so does whoever lists them. */
export const MOST_JOINED = 30;
/** As many as a day has hours. Of a window that is stored no more run together. */
const MOST_STORED = 24;
/** More than a month of days, and a year of weeks: patterns repeat by then. */
const LOOKED_AT = 60;

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

/**
 * @param cron that fires
 * @returns what is wrong with times that begin before those before them are over, as the rest of a sentence; null: little enough
 */
export function runTogether(cron: string, timeZone: string, minutes: number, nowMs: number): string | null {
  const times = cronTimes(cron, timeZone);
  let joined = 0;
  let begins = times.after(nowMs);
  for (let looked = 0; looked < LOOKED_AT && joined <= MOST_STORED; looked += 1) {
    const next = times.after(begins);
    joined = next <= begins + minutes * 60_000 ? joined + 1 : 0;
    begins = next;
  }
  return joined <= MOST_STORED
    ? null
    : `must leave time between: more than ${MOST_STORED} times of ${cron} that last ${minutes} min run together. Give the first of them, and how long they last together`;
}

/** Of what was checked when it was stored. */
export const timesOf = ({ times }: MaintenanceWindow): Times =>
  'cron' in times
    ? repeated(cronTimes(times.cron, times.timeZone), times.minutes * 60_000)
    : once(times.fromMs, times.untilMs ?? Number.POSITIVE_INFINITY);
