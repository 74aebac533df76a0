// What lists can be asked for: filters and orders of each, read by validation and the command line.
import { JOB_TYPES } from './actions.ts';
import { EVENT_TYPES } from './events.ts';
import { type Model, modelOf } from './models.ts';
import { JOB_STATUSES } from './status.ts';

export type FilterType = 'string' | 'uuid' | 'boolean' | 'timestamp';

/** One filter of a list; all that are given have to hold. */
export interface ListFilter {
  name: string;
  type: FilterType;
  'allowed-values': readonly string[] | null;
  description: string;
}

export interface ListKind {
  filters: readonly ListFilter[];
  /** what `sort` may be; the first one holds when it is absent */
  sorts: readonly string[];
}

const filter = (
  name: string,
  type: FilterType,
  description: string,
  allowed: readonly string[] | null = null,
): ListFilter => ({ name, type, 'allowed-values': allowed, description });

const status = filter('status', 'string', 'Only those of this status.', JOB_STATUSES);
const nodeId = filter('node-id', 'uuid', 'Only those of this node.');
const range = (what: string): ListFilter[] => [
  filter('since', 'timestamp', `Only ${what} created at this time or later.`),
  filter('until', 'timestamp', `Only ${what} created before this time.`),
];
const OLDEST_FIRST = ['created-on', '-created-on'];
const NEWEST_FIRST = ['-created-on', 'created-on'];

/** Ids are those that a job shows itself: of the datacenter and the node that it was asked for. */
export const JOB_LIST: ListKind = {
  filters: [
    status,
    filter('job-type', 'string', 'Only jobs of this type.', JOB_TYPES),
    filter('cluster-id', 'uuid', 'Only jobs of this cluster.'),
    filter('datacenter-id', 'uuid', 'Only jobs that were asked for this datacenter or a node of it.'),
    filter('node-id', 'uuid', 'Only jobs that were asked for this node alone.'),
    filter('schedule-id', 'uuid', 'Only jobs that this schedule made.'),
    ...range('jobs'),
    filter(
      'text',
      'string',
      'Only jobs that have this text in their description or in the name of their cluster, datacenter or node, in capitals or not.',
    ),
  ],
  sorts: NEWEST_FIRST,
};
export const JOBS_OF_CLUSTER: ListKind = {
  ...JOB_LIST,
  filters: JOB_LIST.filters.filter(({ name }) => name !== 'cluster-id'),
};

/** @param rest what else is to be said of records that come by the cluster alone */
const ofJobs = (what: string, rest = ''): ListFilter[] => [
  filter('cluster-id', 'uuid', `Only ${what} of jobs of this cluster${rest}.`),
  filter('datacenter-id', 'uuid', `Only ${what} of nodes that are in this datacenter${rest}.`),
];

export const JOB_NODE_LIST: ListKind = {
  filters: [status, nodeId, ...ofJobs('those'), ...range('job nodes')],
  sorts: NEWEST_FIRST,
};
/** In the order in which the job comes to them. */
export const NODES_OF_JOB: ListKind = { filters: [status, nodeId], sorts: ['position', '-position'] };

const eventFilters = [
  filter('event-type', 'string', 'Only events of this type.', EVENT_TYPES),
  filter('event-subtype', 'string', 'Only events of this subtype.'),
  filter(
    'changes',
    'boolean',
    'Only events that changed something on the machine, or only those that did not.',
  ),
  ...range('events'),
  filter(
    'text',
    'string',
    'Only events whose message or resource has this text in it, in capitals or not; within a job or a time range.',
  ),
];
export const EVENT_LIST: ListKind = {
  filters: [
    nodeId,
    ...ofJobs('events', '; without node and time range job after job, in each as they were stored'),
    ...eventFilters,
  ],
  sorts: OLDEST_FIRST,
};
export const EVENTS_OF_JOB: ListKind = { filters: [nodeId, ...eventFilters], sorts: OLDEST_FIRST };
export const EVENTS_OF_JOB_NODE: ListKind = { filters: eventFilters, sorts: OLDEST_FIRST };

/** By name, and by every record that one of these refers to. */
export function modelList(model: Model, above: string | null = null): ListKind {
  const references = model.fields.filter(({ type, readOnly }) => type === 'uuid' && readOnly !== true);
  const names = references.map(({ name }) => name);
  if (model === modelOf('nodes')) names.push('cluster-id');
  return {
    filters: [
      filter('name', 'string', 'Only the one of this name.'),
      ...names
        .filter((name) => name !== above)
        .map((name) => filter(name, 'uuid', `Only those of this ${name.slice(0, -3).replaceAll('-', ' ')}.`)),
    ],
    sorts: [...OLDEST_FIRST, 'name', '-name'],
  };
}
