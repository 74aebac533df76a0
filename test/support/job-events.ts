// The events of a job as its live stream tells them: the list leaves out what an event is about.
import type { Json, RestClient } from '../../coordinator/cli/rest-client.ts';

export interface JobEvent {
  type: string;
  subtype: string;
  message: string;
  changes: boolean;
  nodeId: string | null;
  resource: string | null;
  before: Json;
  after: Json;
}

/** All of them; the job must be over. */
export async function jobEvents(rest: RestClient, id: string): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  await rest.follow(
    id,
    (kind, data) => {
      if (kind !== 'job-event') return;
      events.push({
        type: String(data['event-type']),
        subtype: String(data['event-subtype']),
        message: String(data['message']),
        changes: data['changes'] === true,
        nodeId: data['node-id'] === null ? null : String(data['node-id']),
        resource: data['event-resource'] === null ? null : String(data['event-resource']),
        before: data['before'] as Json,
        after: data['after'] as Json,
      });
    },
    AbortSignal.timeout(10_000),
  );
  return events;
}

/** The first that tells of an error. */
export const firstError = (events: readonly JobEvent[]): JobEvent | undefined =>
  events.find(({ type }) => type === 'error');
