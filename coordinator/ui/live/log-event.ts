// One line of a job's log: what is kept in memory of a job event, made inert once.
import type { EventType } from '../../../shared/events.ts';
import { inert } from '../../../shared/inert-text.ts';
import type { JobEvent } from '../../../shared/rest-types.ts';

export interface LogEvent {
  /** dense per job from 1: the id of the stream */
  number: number;
  id: string;
  /** the clock of whoever made it, milliseconds since 1970 */
  atMs: number;
  nodeId: string | null;
  type: EventType;
  subtype: string;
  resource: string | null;
  message: string;
  changes: boolean;
  /** unified, '' when there is none */
  diff: string;
  diffTruncated: boolean;
  /** the rest of before and after, as JSON; '' when there is none */
  detail: string;
  traceback: string | null;
}

const DIFF_KEYS = ['diff', 'diff-truncated'];

function detailOf(event: JobEvent): string {
  const after = Object.fromEntries(Object.entries(event.after).filter(([key]) => !DIFF_KEYS.includes(key)));
  const parts = Object.entries({ before: event.before, after }).filter(
    ([, part]) => Object.keys(part).length > 0,
  );
  return parts.length === 0 ? '' : inert(JSON.stringify(Object.fromEntries(parts), null, 2));
}

export function logEvent(number: number, event: JobEvent): LogEvent {
  const diff = event.after['diff'];
  return {
    number,
    id: event.id,
    atMs: Date.parse(event['created-on']),
    nodeId: event['node-id'],
    type: event['event-type'],
    subtype: inert(event['event-subtype']),
    resource: event['event-resource'] === null ? null : inert(event['event-resource']),
    message: inert(event.message),
    changes: event.changes,
    diff: typeof diff === 'string' ? inert(diff) : '',
    diffTruncated: event.after['diff-truncated'] === true,
    detail: detailOf(event),
    traceback: event.traceback === null ? null : inert(event.traceback),
  };
}
