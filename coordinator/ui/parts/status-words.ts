// How each status reads, and which are still going.
import type { JobType } from '../../../shared/actions.ts';
import type { Job } from '../../../shared/rest-types.ts';
import type { JobStatus } from '../../../shared/status.ts';

export const STATUS_WORDS: Readonly<Record<JobStatus, string>> = {
  PENDING: 'Pending',
  RUNNING: 'Running',
  FAILED: 'Failed',
  WILL_FAIL: 'Will fail',
  COMPLETE: 'Complete',
  IDLE: 'Idle',
  TERMINATED: 'Terminated',
  ORPHANED: 'Orphaned',
};

export const JOB_WORDS: Readonly<Record<JobType, string>> = {
  install: 'Install',
  configure: 'Configure',
  restart: 'Restart',
  upgrade: 'Upgrade',
  check: 'Check',
};

/** What a job does; a check only looks whatever it says. */
export const jobWord = (job: Pick<Job, 'job-type' | 'dry-run'>): string =>
  `${JOB_WORDS[job['job-type']]}${job['dry-run'] && job['job-type'] !== 'check' ? ' (dry-run)' : ''}`;

/** Where a nodes bar shows it, left to right. */
export const BAR_ORDER: readonly JobStatus[] = [
  'COMPLETE',
  'FAILED',
  'RUNNING',
  'IDLE',
  'WILL_FAIL',
  'ORPHANED',
  'TERMINATED',
  'PENDING',
];
