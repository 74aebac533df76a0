// What the windows of a cluster mean for a job before there is one: when it may begin, and whether it fits.
import { spokenSeconds } from '../planning/estimate.ts';
import { iso } from '../waiting.ts';
import { opensAndShuts } from './standing.ts';
import type { MaintenanceWindow } from './times.ts';

/** Times are milliseconds since 1970. */
export interface Outlook {
  /** null: as its windows and freezes are, never */
  beginsMs: number | null;
  /** null: not for as long as is looked ahead, or never begun */
  shutsMs: number | null;
  /** it is through before that, as far as is known how long it takes */
  fits: boolean;
  /** for whoever reads the plan */
  note: string;
}

/** @param seconds that it takes @returns null: the cluster has neither windows nor freezes */
export function outlook(all: readonly MaintenanceWindow[], nowMs: number, seconds: number): Outlook | null {
  if (all.length === 0) return null;
  const { beginsMs, shutsMs } = opensAndShuts(all, nowMs);
  const fits = beginsMs !== null && (shutsMs === null || beginsMs + seconds * 1_000 <= shutsMs);
  return { beginsMs, shutsMs, fits, note: noteOf(beginsMs, shutsMs, fits, nowMs) };
}

function noteOf(beginsMs: number | null, shutsMs: number | null, fits: boolean, nowMs: number): string {
  if (beginsMs === null)
    return 'As the windows and freezes of the cluster are, it never begins; with ignore-windows it does not wait.';
  const begins =
    beginsMs === nowMs ? 'Its cluster is open now' : `It waits until its cluster opens at ${iso(beginsMs)}`;
  if (shutsMs === null) return `${begins}.`;
  const length = spokenSeconds((shutsMs - beginsMs) / 1_000);
  return fits
    ? `${begins}, and is through before that shuts at ${iso(shutsMs)}, after ${length}.`
    : `${begins}, for ${length}: it is not through by ${iso(shutsMs)}, and goes on when the cluster opens again.`;
}
