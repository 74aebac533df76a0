// POST jobs/{id}/pause and /resume: what an operator says to a job between two of its nodes.
import { pauseJob, resumeJob } from '../store/pauses.ts';
import { readBody } from './body.ts';
import { jobDetail } from './expected-end.ts';
import { idOf, refuseInQuery } from './parameters.ts';
import type { Context, Routes } from './parts.ts';
import { flagSchema, onlyFlag } from './schemas.ts';

/** What a resume takes, for whoever wants to know before he asks. */
export const resumeSchema = flagSchema('retry', 'Try the nodes again first for which the job holds.');

async function answer(ctx: Context, id: string, isChanged: boolean): Promise<void> {
  if (isChanged) ctx.state.writes.wake('job', id);
  ctx.body = await jobDetail(ctx.state.writes.db, id, ctx.state.base);
}

export function addPauseRoutes(router: Routes): void {
  const by = (ctx: Context): string | null => ctx.state.session?.account ?? null;
  router.post('/jobs/:id/pause', async (ctx) => {
    const id = idOf('job', ctx.params['id']);
    onlyFlag('a pause', null, await readBody(ctx.req, 'may be empty'));
    await answer(ctx, id, await pauseJob(ctx.state.writes.db, id, by(ctx)));
  });
  router.post('/jobs/:id/resume', async (ctx) => {
    const id = idOf('job', ctx.params['id']);
    refuseInQuery(ctx.query, ['retry']);
    const retry = onlyFlag('a resume', 'retry', await readBody(ctx.req, 'may be empty'));
    await answer(ctx, id, await resumeJob(ctx.state.writes.db, id, by(ctx), { retry }));
  });
}
