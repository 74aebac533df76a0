// When a job is expected to be over: a field of its record that no row holds, since every look makes it anew.
import { expectedEndMs } from '../core/planning/expected-end.ts';
import type { Executor } from '../store/database.ts';
import { type JobRow, readJob } from '../store/job-reads.ts';
import { readJobToEnd } from '../store/jobs-to-end.ts';
import { readSeconds } from '../store/ring-sharing.ts';
import { type Base, jobView } from './views.ts';

/** @returns null: it is over, or waits for what has no time of its own */
async function expectedEnd(db: Executor, row: JobRow): Promise<string | null> {
  const job = row.over ? null : await readJobToEnd(db, row.id);
  if (job === null) return null;
  const seconds = await readSeconds(
    db,
    job.type,
    job.nodes.map(({ id }) => id),
  );
  const endMs = expectedEndMs(job, (id) => seconds.get(id));
  return endMs === null ? null : new Date(endMs).toISOString();
}

/** A single job, whole. @throws NotFound */
export async function jobDetail(db: Executor, id: string, base: Base): Promise<Record<string, unknown>> {
  const row = await readJob(db, id);
  return { ...jobView(row, base, 'detail'), 'expected-end-on': await expectedEnd(db, row) };
}
