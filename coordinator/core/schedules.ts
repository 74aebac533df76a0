// When a schedule makes a job: its times, and what becomes of one that nobody was there for.
import { iso } from './waiting.ts';
import { cronTimes } from './windows/cron.ts';

/** Again and again, or once; in milliseconds since 1970. */
export type ScheduleTimes = { cron: string; timeZone: string } | { atMs: number };

/** A schedule whose time has come. */
export interface DueSchedule {
  times: ScheduleTimes;
  /** since when: the first of its times that nobody has seen to */
  dueMs: number;
  /** the job that it made last, while that is not over */
  lastJob: { id: string; status: string } | null;
}

/** A time that was missed by no more than this, while no coordinator was up, is made up for. */
export const CATCH_UP_MS = 3_600_000;

/** @returns the first time after this moment; null: never again */
export function nextTime(times: ScheduleTimes, afterMs: number): number | null {
  const ms = 'cron' in times ? cronTimes(times.cron, times.timeZone).after(afterMs) : times.atMs;
  return ms > afterMs && Number.isFinite(ms) ? ms : null;
}

/** Of its times up to now the last one: several that were missed make one job. */
const lastTime = ({ times, dueMs }: DueSchedule, nowMs: number): number =>
  'cron' in times ? Math.max(dueMs, cronTimes(times.cron, times.timeZone).upTo(nowMs)) : dueMs;

/** @returns when it is due next, and why no job is made now; null: one is */
export function whenDue(
  schedule: DueSchedule,
  nowMs: number,
): { nextMs: number | null; problem: string | null } {
  const { times, lastJob } = schedule;
  const cameMs = lastTime(schedule, nowMs);
  const nextMs = nextTime(times, nowMs);
  if (nowMs - cameMs > CATCH_UP_MS)
    return {
      nextMs,
      problem: `The job of ${iso(cameMs)} was missed: it could not be made within ${CATCH_UP_MS / 60_000} minutes`,
    };
  // Else jobs of one that lasts longer than from one time to the next would queue without end.
  if (lastJob !== null)
    return { nextMs, problem: `Job ${lastJob.id}, which it made before, is not over (${lastJob.status})` };
  return { nextMs, problem: null };
}
