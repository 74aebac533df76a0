// GET and POST of actions: each described by, and checked against, its parameter list; a POST becomes one job. Retries of jobs.
import { ACTIONS, type ActionName, isActionOf, JOB_TYPES, type JobType } from '../../shared/actions.ts';
import { Conflict, NotFound } from '../../shared/errors.ts';
import { type JobRequest, jobToPlan, makeJob } from '../jobs/make-job.ts';
import { requestTermination } from '../store/jobs.ts';
import { readRetried } from '../store/retries.ts';
import { readBody } from './body.ts';
import { isPlanAsked, jobPlanView, refusePlan, withPlan } from './job-plans.ts';
import { sendPage } from './list-pages.ts';
import { listQuery } from './list-queries.ts';
import { actionOptions, idOf, optionNames, refuseInQuery } from './parameters.ts';
import type { Context, RestParts, Routes } from './parts.ts';
import { prefersStrict } from './prefer.ts';
import { onlyFlag } from './schemas.ts';
import { actionView, type Base, jobView } from './views.ts';

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
    { plan, ...options }: Record<string, unknown>,
    retried: JobRequest['retried'],
  ): Promise<void> => {
    if (type === 'check') refusePlan(plan === true ? { plan: 'true' } : ctx.query, 'a check stops nothing');
    const isPlan = isPlanAsked(ctx.query) || plan === true;
    const { db, wake } = ctx.state.writes;
    const askedBy = ctx.state.session?.account ?? null;
    const asked = { retried, scheduleId: null, strict: isStrict(ctx), askedBy };
    const request: JobRequest = { type, options, ...asked };
    if (isPlan) {
      ctx.body = await jobPlanView(db, jobToPlan(request, true));
      return;
    }
    const { job, jobData } = await makeJob(db, box, request);
    wake('job', job.id);
    ctx.status = 201;
    ctx.set('location', `${ctx.state.base.url}/jobs/${job.id}`);
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
    refuseInQuery(ctx.query, optionNames(action));
    const { db, wake } = ctx.state.writes;
    const options = actionOptions(withPlan(action), await readBody(ctx.req));
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
    await answerWithJob(ctx, action.name, options, null);
  });

  router.post('/jobs/:id/retry', async (ctx) => {
    const jobId = idOf('job', ctx.params['id']);
    const { type, scope, resourceId, description, jobData, nodeIds } = await readRetried(
      ctx.state.writes.db,
      jobId,
    );
    const plan = onlyFlag('a retry', 'plan', await readBody(ctx.req, 'may be empty'));
    const action = ACTIONS[type];
    refuseInQuery(ctx.query, optionNames(action), 'is not known here; a retry has the options of its job');
    const secrets = action.parameters.filter(({ name, secret }) => secret && name in jobData);
    if (secrets.length > 0)
      throw new Conflict(
        `Job ${jobId} was given ${secrets.map(({ name }) => name).join(', ')}, which is not kept: ask for a new ${type}`,
      );
    const given = { ...jobData, description, 'job-scope': scope, 'resource-id': resourceId };
    await answerWithJob(ctx, type, { ...actionOptions(action, given), plan }, { jobId, nodeIds });
  });
}
