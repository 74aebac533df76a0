// POST jobs/{id}/pause and /resume: what an operator says to a job between two of its nodes.
import { type FieldProblem, InvalidInput, pointerTo } from '../../shared/errors.ts';
import { BOOKKEEPING } from '../../shared/models.ts';
import { pauseJob, resumeJob } from '../store/pauses.ts';
import { type Body, noOptions, readBody } from './body.ts';
import { jobDetail } from './expected-end.ts';
import { idOf } from './parameters.ts';
import type { Context, Routes } from './parts.ts';
import { bodyOf, boolean, take } from './schemas.ts';

const retry = boolean.nullable().optional();
/** What a resume takes, for whoever wants to know before he asks. */
export const resumeSchema = bodyOf({
  retry: retry.meta({ description: 'Try the nodes again first for which the job holds.', default: false }),
});

/** @throws InvalidInput naming every field at fault */
function resumeOptions(body: Body): { retry: boolean } {
  const problems: FieldProblem[] = [];
  let isRetry = false;
  for (const [name, value] of Object.entries(body)) {
    if (name === 'retry') isRetry = take(retry, name, value, problems) === true;
    else if (value !== null && !(BOOKKEEPING as readonly string[]).includes(name))
      problems.push({ pointer: pointerTo(name), message: 'is not known here; a resume takes retry' });
  }
  if (problems.length > 0) throw new InvalidInput('The options of resume are not valid', problems);
  return { retry: isRetry };
}

async function answer(ctx: Context, id: string, isChanged: boolean): Promise<void> {
  if (isChanged) ctx.state.writes.wake('job', id);
  ctx.body = await jobDetail(ctx.state.writes.db, id, ctx.state.base);
}

export function addPauseRoutes(router: Routes): void {
  const by = (ctx: Context): string | null => ctx.state.session?.account ?? null;
  router.post('/jobs/:id/pause', async (ctx) => {
    const id = idOf('job', ctx.params['id']);
    noOptions('a pause', await readBody(ctx.req, 'may be empty'));
    await answer(ctx, id, await pauseJob(ctx.state.writes.db, id, by(ctx)));
  });
  router.post('/jobs/:id/resume', async (ctx) => {
    const id = idOf('job', ctx.params['id']);
    const options = resumeOptions(await readBody(ctx.req, 'may be empty'));
    await answer(ctx, id, await resumeJob(ctx.state.writes.db, id, by(ctx), options));
  });
}
