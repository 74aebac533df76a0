// What is known when a run asks for leave to stop its node.
import type { ConsistencyLevel, RingView, StopAnswer } from '../../../shared/ring-view.ts';

/** What the job says about the gate. */
export interface GateOptions {
  level: ConsistencyLevel;
  /** keyspaces with a level of their own */
  levels: Readonly<Record<string, ConsistencyLevel>>;
  relaxed: readonly string[];
  timeoutMs: number;
  atLimit: 'hold' | 'fail';
  /** that hints for other nodes may hold up a stop */
  hintsMs: number;
  force: boolean;
  /** with force too none is stopped while another has leave with which it shares a replica set */
  keepsApart: boolean;
}

/** What is kept of an answer. */
export interface GateAnswer extends StopAnswer {
  /** of a wait for hints alone: since when */
  hintsSinceMs?: number;
  /** for how long it was one before, with waits for something else in between */
  hintsWaitedMs?: number;
  /** since when the node itself does not tell what it sees */
  ownUnheardSinceMs?: number;
  /** what its job is paused for, or its window is shut, it waits for without an end */
  isHeld?: true;
  /** since when its limit does not count, while others of its job are at work */
  heldSinceMs?: number;
  /** its limit counts from then on, and not from when it asked */
  countsFromMs?: number;
}

/** Leave that counts for a while after its run. */
export interface EndedLeave {
  address: string;
  jobId: string;
  jobType: string;
  outcome: 'failed' | 'stopped' | 'lost' | 'refused' | 'given up';
  endedMs: number;
  untilMs: number;
}

/** All times are milliseconds since 1970 by PostgreSQL's clock. */
export interface StopQuestion {
  jobNodeId: string;
  nodeId: string;
  name: string;
  questionId: string;
  /** of the node, as the ring knows it */
  address: string;
  /** since when this run asks, whatever came in between */
  askedMs: number;
  /** when the views were last asked for */
  roundMs: number;
  /** what the agent was told last; null: nothing */
  answer: GateAnswer | null;
  /** of the latest round */
  views: readonly AskedView[];
  /** the other nodes of the cluster, as the model has them */
  peers: readonly { nodeId: string; name: string; address: string; connected: boolean }[];
  /** addresses of nodes that have leave to be stopped and are not back */
  onLeave: readonly string[];
  /** of these, where the run was given up and its agent has not said that it has let go of it */
  notLetGo: readonly string[];
  /** of the others, those whose run is over without having brought its node back */
  ended: readonly EndedLeave[];
  options: GateOptions;
  /** the account, or the schedule by its name, that asked for the job; null while authentication is off */
  askedBy: string | null;
}

export interface AskedView {
  nodeId: string;
  name: string;
  /** null until it has answered */
  seenMs: number | null;
  /** why it could not look */
  problem: string | null;
  view: RingView | null;
  /** no database node runs there, as its own agent says: others may not have noticed */
  down: boolean;
}
