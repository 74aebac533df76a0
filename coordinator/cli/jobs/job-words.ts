// Jobs in words: what one works on, how old it is, the rows of a list.
import { cell } from '../output.ts';
import type { Json } from '../rest-client.ts';
import type { Column } from '../terminal/table.ts';
import { spoken } from '../values.ts';

/** When it ended; null while something may still come, which the status alone does not say of ORPHANED. */
export const endedMs = (record: Json): number | null =>
  typeof record['ended-on'] === 'string' ? Date.parse(record['ended-on']) : null;

/** Of each node that which counts: the others failed, and it was tried again. */
export const lastTries = (jobNodes: readonly Json[]): Json[] =>
  jobNodes.filter((node) => (node['retried-on'] ?? null) === null);

/** Nothing comes after these (ORPHANED may be one, or not). */
export const ENDED: readonly string[] = ['COMPLETE', 'FAILED', 'TERMINATED'];

/** prod, prod/dc1 or prod/dc1/node1 */
export const targetOf = (job: Json): string =>
  [job['cluster-name'], job['datacenter-name'], job['node-name']]
    .filter((name) => name !== null && name !== undefined)
    .join('/');

/** `restart`; a check is none of anything, and only looks whatever it says. */
const typeOf = (job: Json): string =>
  `${String(job['job-type'])}${job['dry-run'] === true && job['job-type'] !== 'check' ? ' (dry-run)' : ''}`;

/** `restart of prod`, `restart (dry-run) of prod` */
export const titleOf = (job: Json): string => `${typeOf(job)} of ${targetOf(job)}`;

export const waitingOf = (job: Json): string | null => {
  const waiting = job['waiting-for'] as Json | null | undefined;
  return waiting ? String(waiting['what']) : null;
};

/** As a sheet has it, with how long it has been so. */
export const waitingSinceOf = (job: Json, nowMs: number): string => {
  const since = (job['waiting-for'] as Json)['since'];
  return `${waitingOf(job) ?? ''}  (since ${String(since)}, ${spoken(Math.max(0, sinceMs(since, nowMs)))})`;
};

/** When it is expected to be over; null while nobody can say. */
export const endsOf = (job: Json, nowMs: number): string | null => {
  const ends = job['expected-end-on'];
  return typeof ends === 'string' ? `${ends}  (in ${spoken(Math.max(0, -sinceMs(ends, nowMs)))})` : null;
};

export const sinceMs = (iso: unknown, nowMs: number): number => nowMs - Date.parse(String(iso));

/** How long it has been at work, as the desk has it; one that has not begun: how long it waits. */
export const atWorkMs = (job: Json, nowMs: number): number =>
  sinceMs(job['started-on'] ?? job['created-on'], nowMs);

/** 12s, 9m, 2h, 3d: the target needs the room. */
const ageOf = (ms: number): string => spoken(ms).replace(/ .*/, '');

export const jobColumns = (status: Column, wide: boolean): Column[] => [
  { head: 'ID' },
  { head: 'JOB' },
  { head: 'ON', yields: 'name' },
  status,
  { head: 'AGE' },
  ...(wide
    ? [
        { head: 'CREATED' },
        { head: 'DESCRIPTION', yields: 'text' as const },
        { head: 'WAITING-FOR', yields: 'text' as const },
      ]
    : []),
];

export const jobRow = (job: Json, wide: boolean, nowMs: number): string[] => [
  String(job['id']),
  typeOf(job),
  targetOf(job),
  String(job['status']),
  ageOf(sinceMs(job['created-on'], nowMs)),
  ...(wide ? [cell(job['created-on']), cell(job['description']), waitingOf(job) ?? '-'] : []),
];

/** `3/7 drain-node`; empty while nothing is under way */
export function stepOf(progress: unknown): string {
  if (typeof progress !== 'object' || progress === null) return '';
  const { 'step-number': number, 'step-count': count, step } = progress as Json;
  return number === undefined ? '' : `${String(number)}/${String(count)} ${String(step)}`;
}
