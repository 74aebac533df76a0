// What a job would do, worked out for whoever wants to know: its batches, how long they take, and what it leaves of each range.
import { InvalidInput } from '../../shared/errors.ts';
import { STRATEGIES, type Strategy } from '../../shared/job-options.ts';
import { stopOptions } from '../../shared/stop-options.ts';
import {
  type Availability,
  sentenceOf,
  type Times,
  timesOf,
  worstAvailability,
} from '../core/planning/estimate.ts';
import { notesOf } from '../core/planning/notes.ts';
import { type Outlook, outlook } from '../core/windows/outlook.ts';
import type { Executor } from '../store/database.ts';
import { readSeconds } from '../store/ring-sharing.ts';
import { hasOneNode } from '../store/targets.ts';
import { readWindows } from '../store/windows.ts';
import { type JobToPlan, type PlannedJob, planJob } from './planned-jobs.ts';

export interface ToldPlan extends Pick<PlannedJob, 'bounds' | 'batches' | 'canary' | 'seenMs'> {
  /** the strategy that was asked for */
  asked: Strategy;
  times: Times;
  /** all in all, with the wait after canaries */
  seconds: number;
  worst: Availability | null;
  /** null: the cluster has no windows, or they are ignored */
  window: Outlook | null;
  /** `37 batches, about 2 h 10 min, worst availability 2 of 3` */
  summary: string;
  notes: string[];
}

/** What the job would end for, where whoever asks is told by its end. */
async function lacksOf(db: Executor, job: JobToPlan): Promise<string[]> {
  if (job.strict) return [];
  try {
    await planJob(db, { ...job, strict: true, isLooking: true }); // what is checked is checked before batches are made
    return [];
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return [`It would fail as the model stands: ${error.problems.map(({ message }) => message).join('; ')}.`];
  }
}

/** @throws NotFound, InvalidInput as the POST that makes the job */
export async function tellPlan(db: Executor, job: JobToPlan): Promise<ToldPlan> {
  const { target, bounds, batches, canary, seenMs } = await planJob(db, job);
  const seconds = await readSeconds(
    db,
    job.type,
    batches.flat().map(({ id }) => id),
  );
  const settleS = stopOptions(job.jobData).settleMs / 1_000;
  const times = timesOf(batches, job.type, (id) => seconds.get(id), settleS);
  // After canaries that have nobody behind them nothing is waited for.
  const wait = canary !== null && canary.batches < batches.length ? canary : null;
  const allSeconds = times.seconds + (wait?.waitS ?? 0);
  const worst = worstAvailability(batches, bounds);
  const { nowMs, windows } = await readWindows(db, target.cluster.id);
  const isAlone = await hasOneNode(db, target.cluster.id);
  const window = job.jobData['ignore-windows'] === true ? null : outlook(windows, nowMs, allSeconds);
  const timed = {
    settleS,
    isOnlyStale: job.jobData['only-stale'] === true,
    rewritesTables: job.jobData['upgrade-sstables'] === true,
  };
  const asked = STRATEGIES.find((one) => one === job.jobData['concurrency-strategy']) ?? 'default';
  return {
    ...{ bounds, batches, canary, seenMs, asked, times, seconds: allSeconds, worst, window },
    summary: sentenceOf(batches.length, allSeconds, worst, wait?.waitS === 0),
    notes: [
      ...notesOf({ ...timed, type: job.type, asked, bounds, canary, batches, times, seenMs, isAlone }),
      ...(window === null ? [] : [window.note]),
      ...(await lacksOf(db, job)),
    ],
  };
}
