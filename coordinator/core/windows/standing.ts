// Whether work is allowed on a cluster now, as its windows and freezes say, and when that changes.
import { type MaintenanceWindow, type Times, timesOf } from './times.ts';

/** All times are milliseconds since 1970. */
export interface Standing {
  open: boolean;
  /** open: the windows that are; shut: the freezes that are in force, or where there are none the windows that open it */
  by: readonly MaintenanceWindow[];
  /** since when these say so; null: always, or longer than is looked back */
  sinceMs: number | null;
  /** when it shuts, or opens; null: never, or not for as long as is looked ahead */
  changesMs: number | null;
}

interface Timed {
  one: MaintenanceWindow;
  times: Times;
}

/** Windows that open only while it is frozen are followed so far. */
export const MOST_LOOKED = 60;

const NEVER = Number.POSITIVE_INFINITY;
const orNull = (ms: number | null): number | null => (Number.isFinite(ms) ? ms : null);

const inForce = (all: readonly Timed[], ms: number) =>
  all.flatMap(({ one, times }) => {
    const untilMs = times.until(ms);
    return untilMs === null ? [] : [{ one, times, untilMs }];
  });
const nextOf = (all: readonly Timed[], ms: number): number =>
  Math.min(...all.map(({ times }) => times.beginsAfter(ms)));

/** A cluster without windows is always open, one with windows in these alone; a freeze shuts it, whatever windows say. */
class Cluster {
  readonly windows: readonly Timed[];
  readonly freezes: readonly Timed[];

  constructor(all: readonly MaintenanceWindow[]) {
    const timed = all.map((one) => ({ one, times: timesOf(one) }));
    this.windows = timed.filter(({ one }) => one.kind === 'window');
    this.freezes = timed.filter(({ one }) => one.kind === 'freeze');
  }

  /** The first moment at this one or after it that is open. */
  opens(fromMs: number): number {
    let ms = fromMs;
    for (let looked = 0; ms < NEVER && looked < MOST_LOOKED; looked += 1) {
      const frozen = inForce(this.freezes, ms);
      if (frozen.length > 0) ms = Math.max(...frozen.map(({ untilMs }) => untilMs));
      else if (this.windows.length === 0 || inForce(this.windows, ms).length > 0) return ms;
      else ms = nextOf(this.windows, ms);
    }
    return NEVER;
  }

  /** The first moment that is shut after one that is open. */
  shuts(openMs: number): number {
    const freezes = nextOf(this.freezes, openMs);
    let ms = this.windows.length === 0 ? NEVER : openMs;
    for (let looked = 0; ms < freezes && looked < MOST_LOOKED; looked += 1) {
      const within = inForce(this.windows, ms);
      if (within.length === 0) return ms;
      ms = Math.max(...within.map(({ untilMs }) => untilMs));
    }
    return freezes;
  }
}

/** @param all of one cluster */
export function standing(all: readonly MaintenanceWindow[], nowMs: number): Standing {
  const cluster = new Cluster(all);
  const { windows, freezes } = cluster;
  const frozen = inForce(freezes, nowMs);
  const within = inForce(windows, nowMs);
  const open = frozen.length === 0 && (windows.length === 0 || within.length > 0);
  const saying = open ? within : frozen;
  const changesMs = orNull(open ? cluster.shuts(nowMs) : cluster.opens(nowMs));
  if (open || saying.length > 0) {
    const sinceMs = orNull(Math.min(...saying.map(({ times }) => times.since(nowMs))));
    return { open, by: saying.map(({ one }) => one), sinceMs, changesMs };
  }
  const next = changesMs === null ? [] : inForce(windows, changesMs);
  const sinceMs = orNull(Math.max(...windows.map(({ times }) => times.endedBy(nowMs))));
  return { open, by: next.map(({ one }) => one), sinceMs, changesMs };
}

interface OpensAndShuts {
  beginsMs: number | null;
  shutsMs: number | null;
}

/** For several moments: cron tables are made once. @returns what tells of one when work may begin from then on, and up to when; null: never, or not for as long as is looked ahead */
export function looksAhead(all: readonly MaintenanceWindow[]): (fromMs: number) => OpensAndShuts {
  const cluster = new Cluster(all);
  return (fromMs) => {
    const beginsMs = orNull(cluster.opens(fromMs));
    return { beginsMs, shutsMs: beginsMs === null ? null : orNull(cluster.shuts(beginsMs)) };
  };
}

/** As `looksAhead`, of one moment. */
export const opensAndShuts = (all: readonly MaintenanceWindow[], nowMs: number): OpensAndShuts =>
  looksAhead(all)(nowMs);

/** Of one record alone: whether its time has come, when it comes next, and when the time that it is, or the next one, ends. */
export function ownTimes(
  one: MaintenanceWindow,
  nowMs: number,
): { open: boolean; nextOpenMs: number | null; nextCloseMs: number | null } {
  const times = timesOf(one);
  const untilMs = times.until(nowMs);
  const nextMs = times.beginsAfter(untilMs ?? nowMs);
  const closesMs = untilMs ?? (nextMs === NEVER ? null : times.until(nextMs));
  return { open: untilMs !== null, nextOpenMs: orNull(nextMs), nextCloseMs: orNull(closesMs) };
}
