// How steps tell what they saw and did.
import type { StepEvent } from '../../shared/events.ts';

type More = Partial<Pick<StepEvent, 'resource' | 'before' | 'after'>>;

/** Looked, and changed nothing. */
export const checked = (subtype: string, message: string, more: More = {}): StepEvent => ({
  type: 'check',
  subtype,
  resource: null,
  message,
  changes: false,
  ...more,
});

/** Changed something on the machine. */
export const changed = (subtype: string, message: string, more: More = {}): StepEvent => ({
  ...checked(subtype, message, more),
  changes: true,
});

/** Reached something an operator waits for. */
export const reached = (subtype: string, message: string, more: More = {}): StepEvent => ({
  ...checked(subtype, message, more),
  type: 'milestone',
});
