// The seed's eight status words, shared by jobs and job nodes (seed, "Job Status").
export const JOB_STATUSES = [
  'PENDING',
  'RUNNING',
  'FAILED',
  'WILL_FAIL',
  'COMPLETE',
  'IDLE',
  'TERMINATED',
  'ORPHANED',
] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];
