// Jobs and job nodes: lists and single records.
import type { JobType } from '../../shared/actions.ts';
import { JOB_LIST, JOB_NODE_LIST, JOBS_OF_CLUSTER, NODES_OF_JOB } from '../../shared/lists.ts';
import { modelOf } from '../../shared/models.ts';
import type { JobStatus } from '../../shared/status.ts';
import { type JobFilters, type JobNodeFilters, listJobNodes, listJobs } from '../store/job-lists.ts';
import { readJob, readJobNode } from '../store/job-reads.ts';
import { readModel } from '../store/models.ts';
import { jobDetail } from './expected-end.ts';
import { sendPage } from './list-pages.ts';
import { type ListQuery, listQuery, timeRange } from './list-queries.ts';
import { idOf } from './parameters.ts';
import type { RestParts, Routes } from './parts.ts';
import { jobNodeView, jobView } from './views.ts';

// Words of a closed list were checked against it.
const statusOf = ({ filters }: ListQuery) => filters.get('status') as JobStatus | undefined;

export const jobFilters = (query: ListQuery): JobFilters => ({
  ...timeRange(query),
  status: statusOf(query),
  type: query.filters.get('job-type') as JobType | undefined,
  clusterId: query.filters.get('cluster-id'),
  datacenterId: query.filters.get('datacenter-id'),
  nodeId: query.filters.get('node-id'),
  scheduleId: query.filters.get('schedule-id'),
  text: query.filters.get('text'),
});

export const jobNodeFilters = (query: ListQuery): JobNodeFilters => ({
  ...timeRange(query),
  status: statusOf(query),
  nodeId: query.filters.get('node-id'),
  clusterId: query.filters.get('cluster-id'),
  datacenterId: query.filters.get('datacenter-id'),
});

export function addJobRoutes(router: Routes, { db }: RestParts): void {
  router.get('/jobs', async (ctx) => {
    const query = listQuery(ctx.query, JOB_LIST);
    const page = await listJobs(db, jobFilters(query), query.descending, query);
    sendPage(ctx, 'jobs/', query, page, (row) => jobView(row, ctx.state.base, 'list'));
  });
  router.get('/jobs/:id', async (ctx) => {
    ctx.body = await jobDetail(db, idOf('job', ctx.params['id']), ctx.state.base);
  });
  router.get('/clusters/:id/jobs', async (ctx) => {
    const query = listQuery(ctx.query, JOBS_OF_CLUSTER);
    const clusterId = idOf('cluster', ctx.params['id']);
    const page = await listJobs(db, { ...jobFilters(query), clusterId }, query.descending, query);
    // Jobs outlive their cluster; where there are none it has to be there itself.
    if (page.count === 0) await readModel(db, modelOf('clusters'), clusterId);
    sendPage(ctx, `clusters/${clusterId}/jobs/`, query, page, (row) => jobView(row, ctx.state.base, 'list'));
  });
  router.get(['/job_nodes', '/jobs/:id/job_nodes'], async (ctx) => {
    const { id } = ctx.params;
    const query = listQuery(ctx.query, id === undefined ? JOB_NODE_LIST : NODES_OF_JOB);
    const jobId = id === undefined ? null : (await readJob(db, idOf('job', id))).id;
    const page = await listJobNodes(db, jobId, jobNodeFilters(query), query.descending, query);
    const path = jobId === null ? 'job_nodes/' : `jobs/${jobId}/job_nodes/`;
    sendPage(ctx, path, query, page, (row) => jobNodeView(row, ctx.state.base, 'list'));
  });
  router.get('/job_nodes/:id', async (ctx) => {
    ctx.body = jobNodeView(
      await readJobNode(db, idOf('job-node', ctx.params['id'])),
      ctx.state.base,
      'detail',
    );
  });
}
