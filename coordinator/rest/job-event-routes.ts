// Job events: all, of a job, of a job node, and single records.
import { InvalidInput } from '../../shared/errors.ts';
import type { EventType } from '../../shared/events.ts';
import { EVENT_LIST, EVENTS_OF_JOB, EVENTS_OF_JOB_NODE } from '../../shared/lists.ts';
import { type EventFilters, type EventsOf, listJobEvents } from '../store/event-lists.ts';
import { readJob, readJobEvent, readJobNode } from '../store/job-reads.ts';
import { sendPage } from './list-pages.ts';
import { type ListQuery, listQuery, timeRange } from './list-queries.ts';
import { idOf } from './parameters.ts';
import type { Context, RestParts, Routes } from './parts.ts';
import { jobEventView } from './views.ts';

export const eventFilters = (query: ListQuery): EventFilters => {
  const { filters } = query;
  const changes = filters.get('changes');
  return {
    ...timeRange(query),
    nodeId: filters.get('node-id'),
    clusterId: filters.get('cluster-id'),
    datacenterId: filters.get('datacenter-id'),
    type: filters.get('event-type') as EventType | undefined,
    subtype: filters.get('event-subtype'),
    changes: changes === undefined ? undefined : changes === 'true',
    text: filters.get('text'),
  };
};

/** Among all events a text is like a needle: somebody who looks for it has to say where, or when. */
function checkSearch({ text, sinceMs }: EventFilters): void {
  if (text === undefined || sinceMs !== undefined) return;
  const message =
    'is searched for within a job or a time range: add since (and until), or ask jobs/{id}/job_events/';
  throw new InvalidInput('The query is not valid', [{ pointer: '/text', message }]);
}

export function addJobEventRoutes(router: Routes, { db }: RestParts): void {
  const send = async (ctx: Context, of: EventsOf, path: string, query: ListQuery): Promise<void> => {
    const page = await listJobEvents(db, of, eventFilters(query), query.descending, query);
    sendPage(ctx, path, query, page, (row) => jobEventView(row, ctx.state.base, 'list'));
  };
  router.get('/jobs/:id/job_events', async (ctx) => {
    const query = listQuery(ctx.query, EVENTS_OF_JOB);
    const { id } = await readJob(db, idOf('job', ctx.params['id']));
    await send(ctx, { job: id }, `jobs/${id}/job_events/`, query);
  });
  router.get('/job_nodes/:id/job_events', async (ctx) => {
    const query = listQuery(ctx.query, EVENTS_OF_JOB_NODE);
    const { id, job_id } = await readJobNode(db, idOf('job-node', ctx.params['id']));
    await send(ctx, { jobNode: id, job: job_id }, `job_nodes/${id}/job_events/`, query);
  });
  router.get('/job_events', async (ctx) => {
    const query = listQuery(ctx.query, EVENT_LIST);
    checkSearch(eventFilters(query));
    await send(ctx, 'all', 'job_events/', query);
  });
  router.get('/job_events/:id', async (ctx) => {
    ctx.body = jobEventView(
      await readJobEvent(db, idOf('job-event', ctx.params['id'])),
      ctx.state.base,
      'detail',
    );
  });
}
