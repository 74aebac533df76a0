// Job events: all, of a job, of a job node, and single records.
import { type EventsOf, listJobEvents, readJob, readJobEvent, readJobNode } from '../store/job-reads.ts';
import { idOf, pageOf } from './parameters.ts';
import type { Context, RestParts, Routes } from './parts.ts';
import { jobEventView, pageView } from './views.ts';

export function addJobEventRoutes(router: Routes, { db }: RestParts): void {
  const page = async (ctx: Context, of: EventsOf, path: string): Promise<void> => {
    const query = pageOf(ctx.query);
    const { base } = ctx.state;
    const { rows, count } = await listJobEvents(db, of, {
      offset: (query.page - 1) * query.perPage,
      limit: query.perPage,
    });
    ctx.body = pageView(
      `${base.url}/${path}`,
      query,
      count,
      rows.map((row) => jobEventView(row, base, 'list')),
    );
  };
  router.get('/jobs/:id/job_events', async (ctx) => {
    const { id } = await readJob(db, idOf('job', ctx.params['id']));
    await page(ctx, { job: id }, `jobs/${id}/job_events/`);
  });
  router.get('/job_nodes/:id/job_events', async (ctx) => {
    const { id, job_id } = await readJobNode(db, idOf('job-node', ctx.params['id']));
    await page(ctx, { jobNode: id, job: job_id }, `job_nodes/${id}/job_events/`);
  });
  router.get('/job_events', async (ctx) => {
    await page(ctx, 'all', 'job_events/');
  });
  router.get('/job_events/:id', async (ctx) => {
    ctx.body = jobEventView(
      await readJobEvent(db, idOf('job-event', ctx.params['id'])),
      ctx.state.base,
      'detail',
    );
  });
}
