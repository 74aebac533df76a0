// The records of the REST API as clients read them (version 2), by the words of the wire.
import type { JobScope, JobType } from './actions.ts';
import type { FieldProblem } from './errors.ts';
import type { EventType } from './events.ts';
import type { JobStatus } from './status.ts';

/** Times are ISO 8601 in UTC. */
export type Timestamp = string;

export interface Page<Item> {
  count: number;
  current: number;
  last: number;
  'per-page': number;
  results: Item[];
}

/** The body of every refusal and failure. */
export interface ErrorBody {
  code: number;
  type: string;
  message: string;
  errors: readonly FieldProblem[];
}

export interface Job {
  id: string;
  'job-type': JobType;
  status: JobStatus;
  'cluster-id': string;
  'cluster-name': string;
  'datacenter-id': string | null;
  'datacenter-name': string | null;
  'node-id': string | null;
  'node-name': string | null;
  description: string | null;
  /** its runs touch nothing */
  'dry-run': boolean;
  'created-on': Timestamp;
  'started-on': Timestamp | null;
  'ended-on': Timestamp | null;
  /** the first request that counted; its event names who asked */
  'terminate-requested-on': Timestamp | null;
  /** null while it is not paused */
  'paused-on': Timestamp | null;
  /** the account, or the schedule; null while authentication is off; absent from coordinators of earlier versions */
  'asked-by'?: string | null;
  'waiting-for': { kind: string; ids: string[]; since: Timestamp; what: string } | null;
  'node-counts': Partial<Record<JobStatus, number>>;
}

/** What GET jobs/{id} has beyond the lists. */
export interface JobDetail extends Job {
  'job-data': Record<string, unknown>;
  'event-count': number;
  'events-complete': boolean;
  /** at the pace of its nodes so far; null once it is over, and while nobody can say; absent from coordinators of earlier versions */
  'expected-end-on'?: Timestamp | null;
}

export interface JobNode {
  id: string;
  'node-id': string;
  'node-name': string;
  'datacenter-name': string;
  status: JobStatus;
  progress: { step: string; 'step-number': number; 'step-count': number } | null;
  /** it failed, and another job node of the same node was put behind it; null: none was */
  'retried-on': Timestamp | null;
  'modified-on': Timestamp;
}

/** What a job would do, as far as it is shown. */
export interface JobPlan {
  /** one sentence */
  summary: string;
  notes: string[];
  /** worked off one after the other */
  batches: { number: number; nodes: { id: string; name: string }[] }[];
}

export interface JobEvent {
  id: string;
  'node-id': string | null;
  'event-type': EventType;
  'event-subtype': string;
  'event-resource': string | null;
  message: string;
  changes: boolean;
  before: Record<string, unknown>;
  after: Record<string, unknown>;
  traceback: string | null;
  'created-on': Timestamp;
}

interface RolledUp {
  'job-status': JobStatus | null;
  'last-job-id': string | null;
}

export interface Cluster extends RolledUp {
  id: string;
  name: string;
  comment: string | null;
  'created-on': Timestamp;
}

/** Of a window whether it is open, of a freeze whether it is in force. */
export interface MaintenanceWindow {
  id: string;
  name: string;
  kind: 'window' | 'freeze';
  /** null of a freeze that comes once, by `from` and `until` */
  cron: string | null;
  /** minutes */
  duration: number | null;
  'time-zone': string;
  open: boolean;
  'next-open-on': Timestamp | null;
  'next-close-on': Timestamp | null;
  comment: string | null;
}

export interface JobSchedule {
  id: string;
  name: string;
  'job-type': JobType;
  'job-scope': JobScope;
  'resource-id': string | null;
  options: Record<string, unknown>;
  /** null of one that makes a job once */
  cron: string | null;
  'time-zone': string;
  enabled: boolean;
  'next-on': Timestamp | null;
  'last-job-id': string | null;
  'last-problem': string | null;
  comment: string | null;
}

export interface Datacenter extends RolledUp {
  id: string;
  name: string;
  'cluster-id': string;
  'converged-on': Timestamp | null;
}

export interface Node extends RolledUp {
  id: string;
  name: string;
  'datacenter-id': string;
  rack: string;
  seed: boolean;
  'ssh-management-address': string;
  'listen-address': string | null;
  'native-transport-address': string | null;
  'converged-on': Timestamp | null;
  comment: string | null;
  /** what it is by its datacenter and cluster too */
  effective: { seed: boolean };
  agent: {
    connected: boolean;
    version: string | null;
    'last-seen': Timestamp | null;
    /** two hosts, as `name (address)` */
    'contested-by': string[] | null;
  };
}
