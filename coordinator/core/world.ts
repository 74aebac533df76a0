// What a pass reads before it decides: one job, its nodes, their runs and agents, at one moment.
import type { RunOutcome } from '../../shared/events.ts';
import type { JobStatus } from '../../shared/status.ts';
import type { StopQuestion } from './gate/facts.ts';
import type { MaintenanceWindow } from './windows/times.ts';

/** All times are milliseconds since 1970 by PostgreSQL's clock. */
export interface World {
  nowMs: number;
  /** since when at least one coordinator could hear agents without a gap */
  listeningSinceMs: number;
  job: WorldJob;
  /** The older job of the same cluster that has to end first, or null. */
  ahead: { jobId: string; jobType: string; status: JobStatus } | null;
  /** in the stored order */
  nodes: readonly WorldNode[];
  limits: WorldLimits;
  /** what its runs under way ask before they stop their nodes */
  gate: readonly StopQuestion[];
  /** the maintenance windows and freezes of its cluster */
  windows: readonly MaintenanceWindow[];
}

export interface WorldLimits {
  /** ORPHANED is shown this long after a cold start; 0 is the seed */
  orphanGraceMs: number;
  adoptOrphans: boolean;
  /** whether agents are brought to hosts that have none */
  bringAgents: boolean;
  adoptionWindowMs: number;
  /** an agent away this long after a terminate request no longer holds its node up */
  terminateAwayMs: number;
  /** a second request to terminate counts as one only this long after the first */
  terminateAgainMs: number;
}

export interface WorldJob {
  id: string;
  type: string;
  status: JobStatus;
  startedMs: number | null;
  endedMs: number | null;
  orphanedMs: number | null;
  terminateRequestedMs: number | null;
  terminateRequests: number;
  continueOnError: boolean;
  /** after a failure it goes on only when it is told to */
  holdOnError: boolean;
  /** its runs touch nothing */
  isLooking: boolean;
  /** the account, or the schedule by its name, that asked for it; null while authentication is off */
  askedBy: string | null;
  pausedMs: number | null;
  /** the account that paused it; null while authentication is off */
  pausedBy: string | null;
  /** when it was last told to go on */
  resumedMs: number | null;
  /** it stops and starts nodes whatever the windows of its cluster say */
  ignoreWindows: boolean;
  /** when it first did so outside of one */
  windowsIgnoredMs: number | null;
  /** null: none of its nodes is worked on before the others */
  canary: WorldCanary | null;
  idleAfterMs: number;
  waitingFor: WaitingFor | null;
}

/** Nodes of the first batches are worked on alone, and the job waits once they are over. */
export interface WorldCanary {
  /** how many batches, from the first */
  batches: number;
  /** 0: until the job is told to go on */
  waitMs: number;
  /** how much of the wait had passed at `sinceMs` */
  waitedMs: number;
  /** since when its clock runs; null: it has not begun, or stands still */
  sinceMs: number | null;
  /** when the job was told to wait no longer */
  passedMs: number | null;
}

export interface WorldNode {
  jobNodeId: string;
  nodeId: string;
  name: string;
  /** those of one batch may be worked on at once; never falls in the stored order */
  batch: number;
  status: JobStatus;
  endedMs: number | null;
  /** it failed, and another of the same node stands behind it: what became of this one counts no more */
  isRetried: boolean;
  agent: { connected: boolean; enrolled: boolean; awaySinceMs: number | null };
  /** the model says enough of it for this job; what is missing its run will say */
  isModelled: boolean;
  /** it has no agent, and a machine credential is its own, its datacenter's or its cluster's: one can be brought over SSH */
  hasCredential: boolean;
  /** an agent is brought to it in this job; null unless it had none at its turn */
  bootstrap: WorldBootstrap | null;
  /** an older fenced run that the agent has not let go of */
  heldByFencedRun: boolean;
  run: WorldRun | null;
}

/** What has come of bringing an agent to a node. It says by events of its own what it does, and why it failed. */
export interface WorldBootstrap {
  createdMs: number;
  failedTries: number;
  /** why the latest try failed */
  reason: string | null;
  /** a try has begun at all: coordinators have only so many under way */
  hasBegun: boolean;
  /** the host has let somebody in, or it failed: from then on the node is at work */
  hasEntered: boolean;
  /** the way in is missing or refused: it is tried again in a while, or once the model says something else */
  waits: 'while' | 'change' | null;
  outcome: 'succeeded' | 'failed' | null;
}

export interface WorldRun {
  id: string;
  createdMs: number;
  /** null until the agent has said that it took the run on */
  acceptedMs: number | null;
  stopRequestedMs: number | null;
  outcome: RunOutcome | null;
  reason: string | null;
  /** the one at which it was heard of last: a short one may have begun since; null before the first */
  step: string | null;
  lastActiveMs: number | null;
}

/** Why nothing moves: shown as `waiting-for`, so that no state stands unexplained. */
export interface WaitingFor {
  kind:
    | 'job'
    | 'agent'
    | 'agent-not-enrolled'
    | 'bootstrap'
    | 'fenced-run'
    | 'silent-run'
    | 'terminate'
    | 'adoption'
    | 'look'
    | 'gate'
    | 'hints'
    | 'paused'
    | 'failure'
    | 'canary'
    | 'window';
  /** the job, the nodes, or the windows or freezes that are waited for */
  ids: readonly string[];
  /** ISO 8601 */
  since: string;
  /** one sentence: what is waited for and what would end it */
  what: string;
}
