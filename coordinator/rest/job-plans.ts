// What a job would do, told before there is one: its batches, how long they take, and what it leaves of each range.
import type { ParsedUrlQuery } from 'node:querystring';
import type { Action } from '../../shared/actions.ts';
import { InvalidInput } from '../../shared/errors.ts';
import { parameter } from '../../shared/job-options.ts';
import type { JobToPlan } from '../jobs/planned-jobs.ts';
import { tellPlan } from '../jobs/told-plan.ts';
import type { Executor } from '../store/database.ts';
import { flagSchema } from './schemas.ts';

/**
 * In the body it is refused by coordinators from before plans; those pass it over in the query, and make the job. It is no option of
 * the job, and so not among the parameters that the action tells of.
 */
const PLAN = parameter('plan', 'boolean', 'Make no job: answer with what it would do.', { default: false });

const stopsNodes = ({ name }: Action): boolean => name !== 'check' && name !== 'terminate';

/** What the body of an action is checked against. */
export const withPlan = (action: Action): Action =>
  stopsNodes(action) ? { ...action, parameters: [...action.parameters, PLAN] } : action;

/** What a retry takes: its options are those of the job that it is a retry of. */
export const retrySchema = flagSchema('plan', PLAN.description);

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
  const { bounds, batches, canary, seenMs, asked, times, seconds, worst, window, summary, notes } =
    await tellPlan(db, job);
  return {
    type: 'plan',
    'job-type': job.type,
    'job-scope': job.scope,
    'resource-id': job.resourceId,
    summary,
    'concurrency-strategy': asked,
    'strategy-in-force': bounds.strategy,
    'node-count': batches.flat().length,
    'batch-count': batches.length,
    'estimated-seconds': Math.ceil(seconds),
    'canary-batches': canary?.batches ?? 0,
    'measured-nodes': times.measuredNodes,
    'worst-availability': worst,
    'ranges-seen-on': iso(seenMs),
    window:
      window === null
        ? null
        : { 'begins-on': iso(window.beginsMs), 'shuts-on': iso(window.shutsMs), fits: window.fits },
    notes,
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
