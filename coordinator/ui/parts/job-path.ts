// What a job is about: its cluster, and the datacenter and node when it is narrower.
import type { Job } from '../../../shared/rest-types.ts';

export const jobPath = (job: Job): string[] =>
  [job['cluster-name'], job['datacenter-name'], job['node-name']].filter((name) => name !== null);
