// POST jobs/{id}/pause and /resume: what an operator says to a job between two of its nodes.
import { readJob } from '../store/job-reads.ts';
import { pauseJob, resumeJob } from '../store/pauses.ts';
import { idOf } from './parameters.ts';
import type { Routes } from './parts.ts';
import { jobView } from './views.ts';

export function addPauseRoutes(router: Routes): void {
  for (const [name, change] of [
    ['pause', pauseJob],
    ['resume', resumeJob],
  ] as const) {
    router.post(`/jobs/:id/${name}`, async (ctx) => {
      const id = idOf('job', ctx.params['id']);
      const { db, wake } = ctx.state.writes;
      if (await change(db, id, ctx.state.session?.account ?? null)) wake('job', id);
      ctx.body = jobView(await readJob(db, id), ctx.state.base, 'detail');
    });
  }
}
