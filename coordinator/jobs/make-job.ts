// Makes a job of what was asked for, by the same rules whoever asks: a caller of REST, or a schedule whose time has come.
import { ACTIONS, isLookingJob, type JobScope, type JobType } from '../../shared/actions.ts';
import { Conflict } from '../../shared/errors.ts';
import { MASK } from '../../shared/mask.ts';
import { uuidv7 } from '../../shared/uuid.ts';
import { scopeNames } from '../core/new-job.ts';
import type { SealBox } from '../security/seal.ts';
import type { Executor } from '../store/database.ts';
import { insertEvents, type NewEvent, ownEvent } from '../store/events.ts';
import { jobSecretsPlace } from '../store/identities.ts';
import type { JobRow } from '../store/job-reads.ts';
import { insertJob, type NewJob } from '../store/jobs.ts';
import { whole } from '../store/transactions.ts';
import { type JobToPlan, planJob } from './planned-jobs.ts';
import { type ToldPlan, tellPlan } from './told-plan.ts';

/** How often the model is read again because something of it was deleted in the same moment. */
const TRIES = 5;

/** What is asked for, checked against the parameters of its action. */
export interface JobRequest {
  type: JobType;
  options: Readonly<Record<string, unknown>>;
  /** the job that it is a retry of, and those of its nodes that it works on */
  retried: { jobId: string; nodeIds: ReadonlySet<string> } | null;
  /** the schedule whose time has come; null: a caller asks */
  scheduleId: string | null;
  /** told at once that the model lacks something, or by the job's end */
  strict: boolean;
  /** the account, or the schedule by its name; null while authentication is off */
  askedBy: string | null;
}

/** The options as the job shows them: what was submitted, less what names the target (seed, job-data). */
function jobDataOf(type: JobType, options: JobRequest['options']): Record<string, unknown> {
  const { 'job-scope': _scope, 'resource-id': _id, description: _description, ...rest } = options;
  const shown: Record<string, unknown> = { 'job-type': type, ...rest };
  if (type === 'install' && !('auto-bootstrap' in shown)) shown['auto-bootstrap'] = null;
  return shown;
}

function secretsOf(type: JobType, jobData: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = ACTIONS[type].parameters.filter(({ secret }) => secret).map(({ name }) => name);
  return Object.fromEntries(names.filter((name) => name in jobData).map((name) => [name, jobData[name]]));
}

// Configure accepts the password and ignores it, so it is not kept either.
const isPasswordGiven = (type: JobType, secrets: Readonly<Record<string, unknown>>): boolean =>
  type === 'install' && Object.keys(secrets).length > 0;

/** @param isPlan for whoever only wants to know: of the job that is not a dry-run */
export function jobToPlan({ type, options, retried, strict }: JobRequest, isPlan: boolean): JobToPlan {
  const jobData = jobDataOf(type, options);
  return {
    type,
    scope: options['job-scope'] as JobScope,
    resourceId: String(options['resource-id']).toLowerCase(),
    only: retried?.nodeIds ?? null,
    jobData,
    isPasswordGiven: isPasswordGiven(type, secretsOf(type, jobData)),
    strict,
    isLooking: isLookingJob(type, jobData) && !isPlan,
    toTell: isPlan,
  };
}

type JobToInsert = Omit<NewJob, 'cluster' | 'canary' | 'nodes' | keyof ReturnType<typeof scopeNames>>;

/** What a dry-run tells first: the batches of the job that it is a trial of, and how long they would take. */
function planEvent(jobId: string, { summary, notes, batches, worst, seconds, seenMs }: ToldPlan): NewEvent {
  const message = `Without dry-run: ${summary}.${notes.map((note) => ` ${note}`).join('')}`;
  const after = {
    'batch-count': batches.length,
    'estimated-seconds': Math.ceil(seconds),
    'worst-availability': worst,
    'ranges-seen-on': seenMs === null ? null : new Date(seenMs).toISOString(),
    batches: batches.map((nodes) => nodes.map(({ name }) => name)),
  };
  const at = { jobId, jobNodeId: null, nodeId: null };
  return { ...ownEvent(at, { type: 'check', subtype: 'plan', message }), after: JSON.stringify(after) };
}

/** Where a job came beside a delete it is as if it had come after it: the model is read again. @throws NotFound, InvalidInput, Conflict */
async function insertPlanned(db: Executor, planned: JobToPlan, job: JobToInsert): Promise<JobRow> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const { target, batches, canary } = await planJob(db, planned);
    const made = await insertJob(db, {
      ...job,
      canary,
      cluster: target.cluster,
      ...scopeNames(job.scope, target.datacenter, target.node),
      nodes: batches.flatMap((nodes, batch) =>
        nodes.map((node) => ({ ...node, jobNodeId: uuidv7(), batch })),
      ),
    });
    if (made !== null) return made;
  }
  throw new Conflict(`Nodes of this ${job.scope} are being deleted: ask again once that is done`);
}

/**
 * Stores the job PENDING; whoever calls wakes it once that can be seen.
 * @returns the job, and its options with their secrets
 * @throws NotFound, InvalidInput, Conflict: then there is none
 */
export async function makeJob(
  db: Executor,
  box: SealBox,
  request: JobRequest,
): Promise<{ job: JobRow; jobData: Record<string, unknown> }> {
  const { type, options, retried, scheduleId, askedBy } = request;
  const id = uuidv7();
  const planned = jobToPlan(request, false);
  const { isLooking } = planned;
  const jobData = jobDataOf(type, options);
  const secrets = secretsOf(type, jobData);
  // Nor is kept what nobody is going to set.
  const isKept = isPasswordGiven(type, secrets) && !isLooking;
  const idle = options['idle-timeout'];
  // What a dry-run would do is more than what its looks find.
  const told = isLooking && type !== 'check' ? await tellPlan(db, jobToPlan(request, true)) : null;
  const asked: JobToInsert = {
    id,
    type,
    scope: planned.scope,
    description: (options['description'] as string | undefined) ?? null,
    jobData: { ...jobData, ...Object.fromEntries(Object.keys(secrets).map((name) => [name, MASK])) },
    sealedSecrets: isKept ? box.seal(JSON.stringify(secrets), jobSecretsPlace(id)) : null,
    isLooking,
    continueOnError: isLooking || options['continue-on-error'] === true,
    holdOnError: !isLooking && options['hold-on-error'] === true,
    askedBy,
    retryOf: retried?.jobId ?? null,
    scheduleId,
    idleAfterS: typeof idle === 'number' ? idle : null,
  };
  const job = await (told === null
    ? insertPlanned(db, planned, asked)
    : whole(db, async (trx) => {
        const made = await insertPlanned(trx, planned, asked);
        await insertEvents(trx, [planEvent(id, told)]);
        return made;
      }));
  return { job, jobData };
}
