// Rows as the API shows them: the seed's field names, in detail, list and create form.
import type { Action } from '../../shared/actions.ts';
import type { Model } from '../../shared/models.ts';
import type { JobEventRow, JobNodeRow, JobRow } from '../store/job-reads.ts';
import { columnOf, type ModelRow } from '../store/models.ts';
import { shownTimes } from './maintenance-windows.ts';

/** `http://host:port/api/v1/lcm` of this request, and which version it speaks. */
export interface Base {
  url: string;
  version: 'v1' | 'v2';
}

/** Its parameters with types, defaults, allowed values and a description of each: what a POST to `href` may hold. */
export const actionView = (action: Action, base: Base): Record<string, unknown> => ({
  name: action.name,
  type: 'action',
  description: action.description,
  href: `${base.url}/actions/${action.name}`,
  parameters: action.parameters.map(({ original: _, ...shown }) => shown),
});

export type JobForm = 'create' | 'detail' | 'list';

/** Our additions to the seed's jobs: a closed list, beside the contract test. */
export function jobView(
  row: JobRow,
  base: Base,
  form: JobForm,
  jobData: Record<string, unknown> = row.job_data,
): Record<string, unknown> {
  const href = `${base.url}/jobs/${row.id}`;
  const common = {
    id: row.id,
    type: 'job',
    'job-type': row.job_type,
    status: row.status,
    'cluster-id': row.cluster_id,
    'cluster-name': row.cluster_name,
    'datacenter-id': row.datacenter_id,
    'datacenter-name': row.datacenter_name,
    'node-id': row.node_id,
    'node-name': row.node_name,
    description: row.description,
    'dry-run': row.dry_run,
    'created-on': row.created_on,
    'modified-on': row.modified_on,
  };
  if (form === 'create')
    return { ...common, 'job-data': jobData, 'created-by': 'system', 'modified-by': 'system' };
  const linked = {
    ...common,
    href,
    'related-resources': {
      'job-events': `${href}/job_events/`,
      'job-nodes': `${href}/job_nodes/`,
      cluster: `${base.url}/clusters/${row.cluster_id}`,
    },
    'waiting-for': row.waiting_for,
    'started-on': row.started_on,
    'ended-on': row.ended_on,
    'terminate-requested-on': row.terminate_requested_on,
    'paused-on': row.paused_on,
    'retry-of': row.retry_of,
    'schedule-id': row.schedule_id,
    'asked-by': row.asked_by,
    'node-counts': row.node_counts,
  };
  if (form === 'list') return linked;
  return {
    ...linked,
    'job-data': jobData,
    'created-by': 'system',
    'modified-by': 'system',
    'event-count': row.event_count,
    'events-complete': row.over && row.events_complete,
  };
}

/**
 * How far a node's run has come: the step it was last heard of at. A node that is COMPLETE is at no step any more; one that
 * ended otherwise keeps the step at which it did.
 */
const progressView = ({ status, progress }: JobNodeRow): Record<string, unknown> | null =>
  progress === null || status === 'COMPLETE'
    ? null
    : {
        step: progress['step'],
        'step-number': progress['stepNumber'],
        'step-count': progress['stepCount'],
      };

export function jobNodeView(row: JobNodeRow, base: Base, form: 'detail' | 'list'): Record<string, unknown> {
  const href = `${base.url}/job_nodes/${row.id}`;
  return {
    id: row.id,
    type: 'job-node',
    'job-id': row.job_id,
    'node-id': row.node_id,
    'node-name': row.node_name,
    'datacenter-name': row.datacenter_name,
    batch: row.batch,
    status: row.status,
    progress: progressView(row),
    'retried-on': row.retried_on,
    'created-on': row.created_on,
    'modified-on': row.modified_on,
    ...(form === 'detail' ? { 'created-by': 'system', 'modified-by': 'system' } : {}),
    href,
    'related-resources': {
      'job-events': `${href}/job_events/`,
      node: `${base.url}/nodes/${row.node_id}`,
      job: `${base.url}/jobs/${row.job_id}`,
    },
  };
}

export function jobEventView(row: JobEventRow, base: Base, form: 'detail' | 'list'): Record<string, unknown> {
  const job = `${base.url}/jobs/${row.job_id}`;
  const related =
    row.node_id === null || row.job_node_id === null
      ? { job }
      : {
          'job-node': `${base.url}/job_nodes/${row.job_node_id}`,
          node: `${base.url}/nodes/${row.node_id}`,
          job,
        };
  const common = {
    id: row.id,
    type: 'job-event',
    'job-id': row.job_id,
    'node-id': row.node_id,
    'event-type': row.event_type,
    'event-subtype': row.event_subtype,
    message: row.message,
    'created-on': row.created_on,
    href: `${base.url}/job_events/${row.id}`,
    'related-resources': related,
  };
  if (form === 'list') return common;
  return {
    ...common,
    'event-resource': row.event_resource,
    changes: row.changes,
    before: row.before ?? {},
    after: row.after ?? {},
    traceback: row.traceback,
    'created-by': 'system',
  };
}

const related = (model: Model, row: ModelRow, base: Base): Record<string, string> => {
  const self = `${base.url}/${model.path}/${row.id}`;
  const lists: Partial<Record<Model['table'], string[]>> = {
    config_profile: ['datacenters', 'nodes', 'clusters'],
    cluster: ['datacenters', 'nodes', 'jobs', 'maintenance_windows', 'job_schedules'],
    datacenter: ['nodes'],
  };
  const links: Record<string, string> = {};
  for (const list of lists[model.table] ?? []) links[list] = `${self}/${list}/`;
  const single: Record<string, string> = {
    'cluster-id': 'clusters',
    'datacenter-id': 'datacenters',
    'repository-id': 'repositories',
    'machine-credential-id': 'machine_credentials',
    'config-profile-id': 'config_profiles',
  };
  for (const field of model.fields) {
    const path = single[field.name];
    const id = row[columnOf(field)];
    if (path !== undefined && typeof id === 'string')
      links[field.name.slice(0, -3)] = `${base.url}/${path}/${id}`;
  }
  return links;
};

/** Real clients of v2 look there for what a cluster has, right after they made it too. */
const datacentersOf = (row: ModelRow, base: Base): Record<string, string>[] =>
  (row['datacenters'] as { id: string; name: string }[]).map(({ id, name }) => ({
    id,
    name,
    href: `${base.url}/datacenters/${id}`,
  }));

/** Secrets are never shown, so that what was read can be written back; only which of them there are. */
export function modelView(model: Model, row: ModelRow, base: Base): Record<string, unknown> {
  const view: Record<string, unknown> = { id: row.id, type: model.type };
  for (const field of model.fields) {
    if (field.secret || field.derived) continue;
    if (field.name === 'has-default-password' && base.version === 'v2') continue;
    view[base.version === 'v1' ? (field.v1 ?? field.name) : field.name] = row[columnOf(field)] ?? null;
  }
  return {
    ...view,
    ...(model.table === 'maintenance_window' ? shownTimes(row) : {}),
    ...(model.table === 'cluster' && base.version === 'v2' ? { datacenter: datacentersOf(row, base) } : {}),
    ...(row['secrets_set'] === undefined ? {} : { 'secrets-set': row['secrets_set'] }),
    ...(model.table === 'node' ? { effective: row['effective'], agent: row['agent'] } : {}),
    'created-on': row['created_on'],
    'created-by': row['created_by'] ?? 'system',
    'modified-on': row['modified_on'],
    'modified-by': row['modified_by'] ?? 'system',
    href: `${base.url}/${model.path}/${row.id}`,
    'related-resources': related(model, row, base),
  };
}
