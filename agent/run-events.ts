// What the runner itself puts into the outbox: a step's event as a record, a failure as an error event, and what stands for lost events.
import { errorChain, StepFailed } from '../shared/errors.ts';
import type { StepEvent } from '../shared/events.ts';
import { maskSecrets } from '../shared/mask.ts';
import { uuidv7 } from '../shared/uuid.ts';
import type { RecordBody } from '../shared/wire/messages.ts';
import type { DescribeDropped } from './disk/outbox-mend.ts';

// Bounds far above what steps tell. All of an event is at most 640 kB so, even if every character takes three bytes: one
// that a coordinator would not take could never be sent, and would hold up whatever comes after it.
const MOST_NAME = 4_000;
const MOST_TEXT = 64_000;

function cut(whole: string, most: number): string {
  const text = maskSecrets(whole);
  return text.length <= most
    ? text
    : `${text.slice(0, most)} [cut after ${most} of ${text.length} characters]`;
}

function json(value: Readonly<Record<string, unknown>> | undefined): string | null {
  if (value === undefined) return null;
  const text = JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'string' ? maskSecrets(item) : item,
  );
  return text.length <= MOST_TEXT ? text : JSON.stringify({ omitted: `${text.length} characters` });
}

/** Why a run ended, in a length that can be sent. */
export const finishReason = (error: unknown): string =>
  cut(error instanceof Error ? error.message : String(error), MOST_NAME);

/** @param atMs this agent's clock, milliseconds since 1970 */
export const eventRecord = (event: StepEvent, atMs: number): RecordBody => ({
  kind: 'event',
  event: {
    id: uuidv7(atMs),
    atMs,
    type: event.type,
    subtype: event.subtype,
    resource: event.resource === null ? null : cut(event.resource, MOST_NAME),
    message: cut(event.message, MOST_NAME),
    changes: event.changes,
    beforeJson: json(event.before),
    afterJson: json(event.after),
    traceback: event.traceback == null ? null : cut(event.traceback, MOST_TEXT),
  },
});

/** Where a failure is expected its message says it, and where in our code it came up helps nobody: its causes do, or what the database node said. */
function tracebackOf(error: unknown): string | null {
  if (error instanceof StepFailed)
    return error.traceback ?? (error.cause === undefined ? null : errorChain(error.cause));
  return error instanceof Error ? `${error.stack ?? error.message}\n${errorChain(error)}` : String(error);
}

/**
 * @param step its name; '' when no step had been reached
 * @param left how the database node is left: words to add, and the same for programs
 */
export function failureEvent(
  error: unknown,
  step: string,
  left: { words: string | null; view: Readonly<Record<string, unknown>> } | null = null,
): StepEvent {
  const expected = error instanceof StepFailed ? error : null;
  const message = expected?.message ?? `The step ${step} failed: ${errorChain(error)}`;
  const words = left?.words ?? null;
  return {
    type: 'error',
    subtype: expected?.subtype ?? 'internal-error',
    resource: expected?.resource ?? null,
    message: words === null ? message : `${message}. ${words}`,
    changes: false,
    after: { step, ...expected?.detail, ...(words === null ? {} : left?.view) },
    traceback: tracebackOf(error),
  };
}

/** Whether this is a step's answer to a signal, however deep it is wrapped, and not a failure of its own. */
export function isAbort(error: unknown): boolean {
  for (
    let link: unknown = error, depth = 0;
    link instanceof Error && depth < 8;
    depth += 1, link = link.cause
  ) {
    if (link.name === 'AbortError') return true;
  }
  return false;
}

/** What stands for events which the outbox had to drop, or for a finish that was lost with a damaged record. */
export const describeDropped: DescribeDropped = (_runId, count, _firstSeq, _lastSeq, what): RecordBody =>
  what === 'finish'
    ? {
        kind: 'finished',
        finish: {
          outcome: 'failed',
          reason: 'The run ended, but how was lost with a damaged record on this host',
          atMs: Date.now(),
        },
      }
    : eventRecord(
        {
          type: 'error',
          subtype: 'events-dropped',
          resource: null,
          message: `${count} events could not be kept on this host and are lost`,
          changes: false,
          after: { count },
        },
        Date.now(),
      );
