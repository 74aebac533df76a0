// GET and POST of actions: each described by, and checked against, its parameter list; a POST becomes one job. Retries of jobs.
import {
  ACTIONS,
  type Action,
  type ActionName,
  isActionOf,
  isLookingJob,
  JOB_TYPES,
  type JobScope,
  type JobType,
} from '../../shared/actions.ts';
import { Conflict, NotFound } from '../../shared/errors.ts';
import { MASK } from '../../shared/mask.ts';
import { uuidv7 } from '../../shared/uuid.ts';
import { scopeNames } from '../core/new-job.ts';
import type { Executor } from '../store/database.ts';
import { jobSecretsPlace } from '../store/identities.ts';
import type { JobRow } from '../store/job-reads.ts';
import { insertJob, type NewJob, requestTermination } from '../store/jobs.ts';
import { readRetried } from '../store/retries.ts';
import { readBody } from './body.ts';
import { isPlanAsked, jobPlanView, refusePlan } from './job-plans.ts';
import { sendPage } from './list-pages.ts';
import { listQuery } from './list-queries.ts';
import { actionOptions, idOf } from './parameters.ts';
import type { Context, RestParts, Routes } from './parts.ts';
import { type JobToPlan, planJob } from './planned-jobs.ts';
import { prefersStrict } from './prefer.ts';
import { actionView, type Base, jobView } from './views.ts';

/** How often the model is read again because something of it was deleted in the same moment. */
const TRIES = 5;

const isJobType = (name: string): name is JobType => (JOB_TYPES as readonly string[]).includes(name);

const actionOf = (name: string | undefined, { version }: Base) => {
  const action = name !== undefined && Object.hasOwn(ACTIONS, name) ? ACTIONS[name as ActionName] : undefined;
  if (action === undefined || !isActionOf(action.name, version))
    throw new NotFound('action', String(name).slice(0, 64));
  return action;
};

/**
 * Who is told at once that a model lacks something. Clients of the second version of the LCM API make jobs on clusters that
 * have neither a repository nor a profile yet, and take nothing but a 201 for an answer: their jobs end FAILED, and say why.
 */
const isStrict = (ctx: Context): boolean => ctx.state.base.version === 'v1' || prefersStrict(ctx);

/** Where a job came beside a delete it is as if it had come after it: the model is read again. @throws NotFound, InvalidInput, Conflict */
async function createJob(
  db: Executor,
  planned: JobToPlan,
  job: Omit<NewJob, 'cluster' | 'canary' | 'nodes' | keyof ReturnType<typeof scopeNames>>,
): Promise<JobRow> {
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

/** The options as the job shows them: what was submitted, less what names the target (seed, job-data). */
function jobDataOf(type: JobType, options: Record<string, unknown>): Record<string, unknown> {
  const { 'job-scope': _scope, 'resource-id': _id, description: _description, ...rest } = options;
  const shown: Record<string, unknown> = { 'job-type': type, ...rest };
  if (type === 'install' && !('auto-bootstrap' in shown)) shown['auto-bootstrap'] = null;
  return shown;
}

const tooSoon = (jobId: string, byMs: number): Conflict =>
  new Conflict(
    `Job ${jobId} is being terminated already, and stops at its next safe point: a second request, which gives up what is under way, counts in ${Math.ceil(byMs / 1_000)} s`,
  );

export function addActionRoutes(router: Routes, parts: RestParts): void {
  const { box } = parts;

  /** @param retried the job that it is a retry of, and those of its nodes that it works on */
  const answerWithJob = async (
    ctx: Context,
    type: JobType,
    action: Action,
    options: Record<string, unknown>,
    retried: { jobId: string; nodeIds: ReadonlySet<string> } | null,
  ): Promise<void> => {
    if (type === 'check') refusePlan(ctx.query, 'a check stops nothing');
    const isPlan = isPlanAsked(ctx.query);
    const { db, wake } = ctx.state.writes;
    const id = uuidv7();
    const jobData = jobDataOf(type, options);
    const secretNames = action.parameters.filter(({ secret }) => secret).map(({ name }) => name);
    const secrets = Object.fromEntries(
      secretNames.filter((name) => name in jobData).map((name) => [name, jobData[name]]),
    );
    const isLooking = isLookingJob(type, jobData);
    // Configure accepts the password and ignores it, so it is not kept either; nor is what nobody is going to set.
    const isPasswordGiven = type === 'install' && Object.keys(secrets).length > 0;
    const sealed =
      isPasswordGiven && !isLooking ? box.seal(JSON.stringify(secrets), jobSecretsPlace(id)) : null;
    const masked = { ...jobData, ...Object.fromEntries(Object.keys(secrets).map((name) => [name, MASK])) };
    const toPlan: JobToPlan = {
      type,
      scope: options['job-scope'] as JobScope,
      resourceId: String(options['resource-id']).toLowerCase(),
      only: retried?.nodeIds ?? null,
      jobData,
      isPasswordGiven,
      strict: isStrict(ctx),
      isLooking: isLooking && !isPlan, // a plan is of the job that is not a dry-run
      toTell: isPlan,
    };
    if (isPlan) {
      ctx.body = await jobPlanView(db, toPlan);
      return;
    }
    const idle = options['idle-timeout'];
    const newJob = {
      id,
      type,
      scope: toPlan.scope,
      description: (options['description'] as string | undefined) ?? null,
      jobData: masked,
      sealedSecrets: sealed,
      isLooking,
      continueOnError: isLooking || options['continue-on-error'] === true,
      holdOnError: !isLooking && options['hold-on-error'] === true,
      windowsIgnoredBy: options['ignore-windows'] === true ? (ctx.state.session?.account ?? null) : null,
      retryOf: retried?.jobId ?? null,
      idleAfterS: typeof idle === 'number' ? idle : null,
    };
    const job = await createJob(db, toPlan, newJob);
    wake('job', id);
    ctx.status = 201;
    ctx.set('location', `${ctx.state.base.url}/jobs/${id}`);
    ctx.body = jobView(job, ctx.state.base, 'create', jobData);
  };

  // A list like every other, so that whoever can read one can read this one.
  router.get('/actions', (ctx) => {
    const query = listQuery(ctx.query, { filters: [], sorts: [] });
    const all = Object.values(ACTIONS).filter(({ name }) => isActionOf(name, ctx.state.base.version));
    const from = (query.page - 1) * query.perPage;
    const rows = all.slice(from, from + query.perPage);
    const page = { rows, count: all.length, isCapped: false, following: null };
    sendPage(ctx, 'actions/', query, page, (action) => actionView(action, ctx.state.base));
  });
  router.get('/actions/:name', (ctx) => {
    ctx.body = actionView(actionOf(ctx.params['name'], ctx.state.base), ctx.state.base);
  });

  router.post('/actions/:name', async (ctx) => {
    const action = actionOf(ctx.params['name'], ctx.state.base);
    const { db, wake } = ctx.state.writes;
    const options = actionOptions(action, await readBody(ctx.req));
    if (!isJobType(action.name)) {
      refusePlan(ctx.query, 'nothing was terminated');
      const jobId = String(options['job-id']).toLowerCase();
      const by = ctx.state.session?.account ?? null;
      const request = { againAfterMs: parts.terminateAgainMs, by };
      const tooSoonByMs = await requestTermination(db, jobId, request);
      if (tooSoonByMs === 0) wake('job', jobId);
      // Clients of the original take nothing but a 200 for a repeat.
      else if (prefersStrict(ctx)) throw tooSoon(jobId, tooSoonByMs);
      ctx.status = 200;
      ctx.type = 'application/json';
      ctx.body = JSON.stringify('Termination in progress');
      return;
    }
    await answerWithJob(ctx, action.name, action, options, null);
  });

  router.post('/jobs/:id/retry', async (ctx) => {
    const jobId = idOf('job', ctx.params['id']);
    const { type, scope, resourceId, description, jobData, nodeIds } = await readRetried(
      ctx.state.writes.db,
      jobId,
    );
    const action = ACTIONS[type];
    const secrets = action.parameters.filter(({ name, secret }) => secret && name in jobData);
    if (secrets.length > 0)
      throw new Conflict(
        `Job ${jobId} was given ${secrets.map(({ name }) => name).join(', ')}, which is not kept: ask for a new ${type}`,
      );
    const given = { ...jobData, description, 'job-scope': scope, 'resource-id': resourceId };
    await answerWithJob(ctx, type, action, actionOptions(action, given), { jobId, nodeIds });
  });
}
