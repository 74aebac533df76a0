// Jobs and job nodes: lists and single records.
import { modelOf } from '../../shared/models.ts';
import { listJobNodes, listJobs, readJob, readJobNode } from '../store/job-reads.ts';
import { readModel } from '../store/models.ts';
import { idOf, pageOf } from './parameters.ts';
import type { RestParts, Routes } from './parts.ts';
import { jobNodeView, jobView, pageView } from './views.ts';

export function addJobRoutes(router: Routes, { db }: RestParts): void {
  router.get('/jobs', async (ctx) => {
    const query = pageOf(ctx.query);
    const { base } = ctx.state;
    const { rows, count } = await listJobs(db, {
      offset: (query.page - 1) * query.perPage,
      limit: query.perPage,
    });
    ctx.body = pageView(
      `${base.url}/jobs/`,
      query,
      count,
      rows.map((row) => jobView(row, base, 'list')),
    );
  });
  router.get('/jobs/:id', async (ctx) => {
    ctx.body = jobView(await readJob(db, idOf('job', ctx.params['id'])), ctx.state.base, 'detail');
  });
  router.get('/clusters/:id/jobs', async (ctx) => {
    const query = pageOf(ctx.query);
    const { base } = ctx.state;
    const id = idOf('cluster', ctx.params['id']);
    const { rows, count } = await listJobs(
      db,
      { offset: (query.page - 1) * query.perPage, limit: query.perPage },
      id,
    );
    // Jobs outlive their cluster; where there are none it has to be there itself.
    if (count === 0) await readModel(db, modelOf('clusters'), id);
    ctx.body = pageView(
      `${base.url}/clusters/${id}/jobs/`,
      query,
      count,
      rows.map((row) => jobView(row, base, 'list')),
    );
  });
  router.get(['/job_nodes', '/jobs/:id/job_nodes'], async (ctx) => {
    const query = pageOf(ctx.query);
    const { base } = ctx.state;
    const jobId =
      ctx.params['id'] === undefined ? null : (await readJob(db, idOf('job', ctx.params['id']))).id;
    const { rows, count } = await listJobNodes(
      db,
      { offset: (query.page - 1) * query.perPage, limit: query.perPage },
      jobId,
    );
    const at = jobId === null ? `${base.url}/job_nodes/` : `${base.url}/jobs/${jobId}/job_nodes/`;
    ctx.body = pageView(
      at,
      query,
      count,
      rows.map((row) => jobNodeView(row, base, 'list')),
    );
  });
  router.get('/job_nodes/:id', async (ctx) => {
    ctx.body = jobNodeView(
      await readJobNode(db, idOf('job-node', ctx.params['id'])),
      ctx.state.base,
      'detail',
    );
  });
}
