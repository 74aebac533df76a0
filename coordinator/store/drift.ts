// How a node's configuration files stand to what jobs wrote and the model wants, as the last run that looked has told it.
import { sql } from 'kysely';
import { z } from 'zod';
import type { Executor } from './database.ts';

/** As agents tell it; one of before tells nothing of the kind. */
const toldSchema = z.object({
  'checked-on': z.iso.datetime(),
  states: z.array(
    z.object({
      path: z.string(),
      state: z.enum(['as-pushed', 'edited', 'missing', 'never-pushed']),
      'pushed-on': z.iso.datetime().nullable(),
      stale: z.boolean().nullable(),
    }),
  ),
});

export interface Drift {
  jobId: string;
  jobNodeId: string;
  /** by the host's clock, as all its times */
  checkedOn: string;
  files: readonly z.infer<typeof toldSchema>['states'][number][];
  /** by path: the events that hold a diff of it, oldest first */
  eventIds: ReadonlyMap<string, readonly string[]>;
}

/** Of an upgrade that failed the files are of a version that may not run. @returns null when no run has told it of this node */
export async function readDrift(db: Executor, nodeId: string): Promise<Drift | null> {
  const runs = await sql<{ jobId: string; jobNodeId: string; told: unknown }>`
    select job_id as "jobId", job_node_id as "jobNodeId", file_states as told from run
    where node_id = ${nodeId} and file_states is not null and (outcome = 'succeeded'
      or not exists (select from job j where j.id = run.job_id and j.job_type = 'upgrade' and not j.dry_run))
    order by created_on desc limit 1`.execute(db);
  const [run] = runs.rows;
  const told = toldSchema.safeParse(run?.told);
  if (run === undefined || !told.success) return null;
  const events = await sql<{
    id: string;
    path: string;
  }>`select e.id, e.event_resource as path from job_event e
    where e.job_id = ${run.jobId} and e.job_node_id = ${run.jobNodeId} and e.event_subtype = 'file-contents' and e.after is not null
    order by e.number`.execute(db);
  const eventIds = new Map<string, string[]>();
  for (const { id, path } of events.rows) eventIds.set(path, [...(eventIds.get(path) ?? []), id]);
  const { jobId, jobNodeId } = run;
  return { jobId, jobNodeId, checkedOn: told.data['checked-on'], files: told.data.states, eventIds };
}
