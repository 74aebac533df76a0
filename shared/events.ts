// What a job event may be (seed, "Job Event"): three types, and the subtypes that this product writes.
export const EVENT_TYPES = ['check', 'milestone', 'error'] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** How a run ended: a fact told by the agent; `lost` and `refused` are said by the coordinator. */
export const RUN_OUTCOMES = ['succeeded', 'failed', 'stopped', 'lost', 'refused'] as const;
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

/** What a step tells about what it saw or did. `before`/`after` are digests and bounded, redacted text: never secrets. */
export interface StepEvent {
  type: EventType;
  subtype: string;
  resource: string | null;
  message: string;
  /** true when something on the machine was changed */
  changes: boolean;
  before?: Readonly<Record<string, unknown>>;
  after?: Readonly<Record<string, unknown>>;
  /** only on errors */
  traceback?: string | null;
}
