// Looks a cell of the status tables up: the one way a status is decided.
import type { JobStatus } from '../../shared/status.ts';
import {
  type Cell,
  JOB_TABLE,
  type JobRow,
  type JobSignal,
  NODE_TABLE,
  type NodeRow,
  type NodeSignal,
} from './status-table.ts';

/** What a signal does to a thing: nothing, a bug to log, or a move. */
export type Verdict = { kind: 'stay' } | { kind: 'bug' } | { kind: 'move'; to: JobStatus; over: boolean };

// An end by its word alone; ORPHANED is one only where the table says so, or for a node that never started.
const FINAL: ReadonlySet<JobStatus> = new Set(['COMPLETE', 'FAILED', 'TERMINATED']);

const verdictOf = (cell: Cell): Verdict => {
  if (cell === 'stay' || cell === 'bug') return { kind: cell };
  if (cell === 'ORPHANED, over') return { kind: 'move', to: 'ORPHANED', over: true };
  return { kind: 'move', to: cell, over: FINAL.has(cell) };
};

const jobRow = (status: JobStatus, over: boolean): JobRow | null => {
  if (over) return 'over';
  return status in JOB_TABLE ? (status as JobRow) : null;
};

const nodeRow = (status: JobStatus, over: boolean): NodeRow | null => {
  if (over) return 'over';
  return status in NODE_TABLE ? (status as NodeRow) : null;
};

/** @param over whether `ended_on` is set; a final word without it is itself a bug */
export function jobVerdict(status: JobStatus, over: boolean, signal: JobSignal): Verdict {
  const row = jobRow(status, over);
  return row === null ? { kind: 'bug' } : verdictOf(JOB_TABLE[row][signal]);
}

export function nodeVerdict(status: JobStatus, over: boolean, signal: NodeSignal): Verdict {
  const row = nodeRow(status, over);
  if (row === null) return { kind: 'bug' };
  const verdict = verdictOf(NODE_TABLE[row][signal]);
  // A node that never started has nothing that could still be heard: expiry ends it at once.
  if (row === 'PENDING' && signal === 'expired' && verdict.kind === 'move') return { ...verdict, over: true };
  return verdict;
}
