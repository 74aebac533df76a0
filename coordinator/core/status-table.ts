// The two status tables: what a job or a node becomes when a signal holds. The README's copy is compared with this one.
import type { JobStatus } from '../../shared/status.ts';

/** Rows: the eight words while something is under way, and `over` once `ended_on` is set, whatever the word. */
export type JobRow = 'PENDING' | 'RUNNING' | 'WILL_FAIL' | 'IDLE' | 'ORPHANED' | 'over';
export type NodeRow = 'PENDING' | 'RUNNING' | 'IDLE' | 'ORPHANED' | 'over';

export const JOB_SIGNALS = [
  'started',
  'woke',
  'quieted',
  'doomed',
  'succeeded',
  'failed',
  'terminated',
  'orphaned',
  'expired',
] as const;
export type JobSignal = (typeof JOB_SIGNALS)[number];

export const NODE_SIGNALS = [
  'dispatched',
  'entered',
  'woke',
  'quieted',
  'succeeded',
  'failed',
  'terminated',
  'orphaned',
  'expired',
] as const;
export type NodeSignal = (typeof NODE_SIGNALS)[number];

/** `stay`: true and changes nothing. `bug`: cannot be true here. `X, over`: becomes X and is over although X is no final word. */
export type Cell = JobStatus | 'stay' | 'bug' | 'ORPHANED, over';

// biome-ignore format: a table should look like one
export const JOB_TABLE = {
  PENDING:   { started: 'RUNNING', woke: 'bug',     quieted: 'bug',  doomed: 'bug',       succeeded: 'bug',      failed: 'bug',    terminated: 'TERMINATED', orphaned: 'stay',     expired: 'bug' },
  RUNNING:   { started: 'bug',     woke: 'stay',    quieted: 'IDLE', doomed: 'WILL_FAIL', succeeded: 'COMPLETE', failed: 'FAILED', terminated: 'TERMINATED', orphaned: 'ORPHANED', expired: 'bug' },
  WILL_FAIL: { started: 'bug',     woke: 'RUNNING', quieted: 'IDLE', doomed: 'stay',      succeeded: 'COMPLETE', failed: 'FAILED', terminated: 'TERMINATED', orphaned: 'ORPHANED', expired: 'bug' },
  IDLE:      { started: 'bug',     woke: 'RUNNING', quieted: 'stay', doomed: 'WILL_FAIL', succeeded: 'COMPLETE', failed: 'FAILED', terminated: 'TERMINATED', orphaned: 'ORPHANED', expired: 'bug' },
  ORPHANED:  { started: 'bug',     woke: 'RUNNING', quieted: 'stay', doomed: 'WILL_FAIL', succeeded: 'COMPLETE', failed: 'FAILED', terminated: 'TERMINATED', orphaned: 'stay',     expired: 'ORPHANED, over' },
  over:      { started: 'bug',     woke: 'stay',    quieted: 'stay', doomed: 'stay',      succeeded: 'stay',     failed: 'stay',   terminated: 'stay',       orphaned: 'stay',     expired: 'stay' },
} as const satisfies Record<JobRow, Record<JobSignal, Cell>>;

// biome-ignore format: a table should look like one
export const NODE_TABLE = {
  PENDING:  { dispatched: 'RUNNING', entered: 'RUNNING', woke: 'stay',    quieted: 'stay', succeeded: 'bug',      failed: 'FAILED', terminated: 'TERMINATED', orphaned: 'stay',     expired: 'ORPHANED' },
  RUNNING:  { dispatched: 'stay',    entered: 'stay',    woke: 'stay',    quieted: 'IDLE', succeeded: 'COMPLETE', failed: 'FAILED', terminated: 'TERMINATED', orphaned: 'ORPHANED', expired: 'bug' },
  IDLE:     { dispatched: 'stay',    entered: 'RUNNING', woke: 'RUNNING', quieted: 'stay', succeeded: 'COMPLETE', failed: 'FAILED', terminated: 'TERMINATED', orphaned: 'ORPHANED', expired: 'bug' },
  ORPHANED: { dispatched: 'stay',    entered: 'RUNNING', woke: 'RUNNING', quieted: 'stay', succeeded: 'COMPLETE', failed: 'FAILED', terminated: 'TERMINATED', orphaned: 'stay',     expired: 'ORPHANED, over' },
  over:     { dispatched: 'bug',     entered: 'stay',    woke: 'stay',    quieted: 'stay', succeeded: 'stay',     failed: 'stay',   terminated: 'stay',       orphaned: 'stay',     expired: 'stay' },
} as const satisfies Record<NodeRow, Record<NodeSignal, Cell>>;
