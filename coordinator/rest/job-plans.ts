// What a job would do, told before there is one: its batches, how long they take, and what it leaves of each range.
import type { ParsedUrlQuery } from 'node:querystring';
import type { Action } from '../../shared/actions.ts';
import { InvalidInput } from '../../shared/errors.ts';
import { parameter, STRATEGIES } from '../../shared/job-options.ts';
import { sentenceOf, timesOf, worstAvailability } from '../core/planning/estimate.ts';
import { notesOf } from '../core/planning/notes.ts';
import { outlook } from '../core/windows/outlook.ts';
import { type JobToPlan, planJob } from '../jobs/planned-jobs.ts';
import type { Executor } from '../store/database.ts';
import { readSeconds } from '../store/ring-sharing.ts';
import { readWindows } from '../store/windows.ts';

/**
 * In the body it is refused by coordinators from before plans; those pass it over in the query, and make the job. It is no option of
 * the job, and so not among the parameters that the action tells of.
 */
const PLAN = parameter('plan', 'boolean', 'Make no job: answer with what it would do.', { default: false });

const stopsNodes = ({ name }: Action): boolean => name !== 'check' && name !== 'terminate';

/** What the body of an action is checked against. */
export const withPlan = (action: Action): Action =>
  stopsNodes(action) ? { ...action, parameters: [...action.parameters, PLAN] } : action;

const refuse = (message: string): never => {
  throw new InvalidInput('The parameter plan is not valid', [{ pointer: '/plan', message }]);
};

/** @throws InvalidInput for what is neither true nor false */
export function isPlanAsked({ plan }: Readonly<ParsedUrlQuery>): boolean {
  if (plan === undefined || plan === 'false') return false;
  return plan === 'true' || refuse('must be true or false, and given once');
}

/** Who means to look must not end a job; and what stops no node has no plan. @throws InvalidInput */
export const refusePlan = ({ plan }: Readonly<ParsedUrlQuery>, why: string): void => {
  if (plan !== undefined) refuse(`is for what makes a job that stops nodes: ${why}`);
};

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** @throws NotFound, InvalidInput as the POST that makes the job */
export async function jobPlanView(db: Executor, job: JobToPlan): Promise<Record<string, unknown>> {
  const { target, bounds, batches, canary } = await planJob(db, job);
  const ids = batches.flat().map(({ id }) => id);
  const seconds = await readSeconds(db, job.type, ids);
  const times = timesOf(batches, job.type, (id) => seconds.get(id));
  // After canaries that have nobody behind them nothing is waited for.
  const wait = canary !== null && canary.batches < batches.length ? canary : null;
  const allSeconds = times.seconds + (wait?.waitS ?? 0);
  const worst = worstAvailability(batches, bounds);
  const { nowMs, windows } = await readWindows(db, target.cluster.id);
  const window = job.jobData['ignore-windows'] === true ? null : outlook(windows, nowMs, allSeconds);
  const asked = STRATEGIES.find((one) => one === job.jobData['concurrency-strategy']) ?? 'default';
  return {
    type: 'plan',
    'job-type': job.type,
    'job-scope': job.scope,
    'resource-id': job.resourceId,
    summary: sentenceOf(batches.length, allSeconds, worst, wait?.waitS === 0),
    'concurrency-strategy': asked,
    'strategy-in-force': bounds.strategy,
    'node-count': ids.length,
    'batch-count': batches.length,
    'estimated-seconds': Math.ceil(allSeconds),
    'canary-batches': canary?.batches ?? 0,
    'measured-nodes': times.measuredNodes,
    'worst-availability': worst,
    window:
      window === null
        ? null
        : { 'begins-on': iso(window.beginsMs), 'shuts-on': iso(window.shutsMs), fits: window.fits },
    notes: [
      ...notesOf({ type: job.type, asked, bounds, canary, batches, times }),
      ...(window === null ? [] : [window.note]),
    ],
    batches: batches.map((nodes, batch) => ({
      number: batch + 1,
      'estimated-seconds': Math.ceil(times.batchSeconds[batch] ?? 0),
      nodes: nodes.map(({ id, name, datacenterName, rack }) => ({
        id,
        name,
        'datacenter-name': datacenterName,
        rack,
      })),
    })),
  };
}
