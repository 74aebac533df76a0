// The three kinds of events that steps tell, in few words.
import type { StepEvent } from '../../shared/events.ts';
import type { ProcessId } from '../host/host.ts';

type Rest = Partial<Pick<StepEvent, 'resource' | 'before' | 'after'>>;

/** Looked at something; nothing was changed. */
export const looked = (subtype: string, message: string, rest: Rest = {}): StepEvent => ({
  type: 'check',
  subtype,
  resource: null,
  message,
  changes: false,
  ...rest,
});

/** How long something took or may take, for people: to a tenth. */
export const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

/** A process in the API's words. */
export const processView = ({ pid, startTicks }: ProcessId) => ({ pid, 'start-ticks': startTicks });

/** Changed something. */
export const changed = (subtype: string, message: string, rest: Rest = {}): StepEvent => ({
  ...looked(subtype, message, rest),
  changes: true,
});

/** A phase is over; durations in `after` were measured on this host. */
export const milestone = (
  subtype: string,
  message: string,
  changes: boolean,
  rest: Rest = {},
): StepEvent => ({
  ...looked(subtype, message, rest),
  type: 'milestone',
  changes,
});
