// The messages between agent and coordinator as unions tagged by `kind`: the only form the rest of the code knows.
import type { EventType, RunOutcome } from '../events.ts';
import type { StopAnswer } from '../ring-view.ts';

export interface WireEvent {
  /** UUIDv7 made by the agent */
  id: string;
  /** the agent's clock, milliseconds since 1970 */
  atMs: number;
  type: EventType;
  subtype: string;
  resource: string | null;
  message: string;
  changes: boolean;
  /** JSON text of an object, or null for none: it is stored as it came */
  beforeJson: string | null;
  afterJson: string | null;
  traceback: string | null;
}

export interface WireFinish {
  outcome: Extract<RunOutcome, 'succeeded' | 'failed' | 'stopped'>;
  /** null when succeeded */
  reason: string | null;
  atMs: number;
}

/** What the outbox keeps; `seq` is dense from 1 within a run. */
export type RecordBody =
  | { kind: 'event'; event: WireEvent }
  | { kind: 'finished'; finish: WireFinish }
  /** only ever received: of a later version. It is stored as an error event, so that the numbers stay dense. */
  | { kind: 'unsupported'; what: string };
export interface WireRecord {
  runId: string;
  seq: number;
  body: RecordBody;
}

export interface RunProgress {
  runId: string;
  /** from 1 */
  stepNumber: number;
  stepCount: number;
  step: string;
  /** grows whenever anything moved */
  ticks: number;
}

/** `blind`: no database node runs there; `not-told`: the agent there does not know where its database node is. */
export type PeerSight = 'normal' | 'not-normal' | 'blind' | 'not-told';

/** What an agent says. */
export type AgentMessage =
  | { kind: 'hello'; version: string; hostname: string; runIds: string[]; streamId: string }
  | { kind: 'run-accepted'; runId: string }
  | { kind: 'run-refused'; runId: string; reason: string }
  | { kind: 'record-batch'; records: WireRecord[] }
  | { kind: 'heartbeat'; runs: RunProgress[] }
  | { kind: 'let-go'; runId: string }
  | { kind: 'peer-question'; runId: string; questionId: string; address: string; withinMs: number }
  | { kind: 'peer-view'; questionId: string; sight: PeerSight; detail: string }
  | { kind: 'stop-question'; runId: string; questionId: string; address: string }
  /** `viewJson` is empty when it could not look: `problem` says why, `down` that no node runs there */
  | { kind: 'ring-view'; questionId: string; round: number; viewJson: string; problem: string; down: boolean }
  | { kind: 'unsupported'; what: string };

/** What a coordinator says. */
export type CoordinatorMessage =
  | {
      kind: 'welcome';
      heartbeatWithRunMs: number;
      heartbeatIdleMs: number;
      creditBatches: number;
      secrets: { runId: string; secretsJson: string }[];
    }
  | { kind: 'start-run'; runId: string; inputJson: string; secretsJson: string }
  | { kind: 'stop-run'; runId: string }
  | { kind: 'fence-run'; runId: string }
  | { kind: 'ack'; acks: { runId: string; seq: number }[]; batches: number }
  | { kind: 'superseded'; reason: string }
  | { kind: 'watch-peer'; questionId: string; address: string; withinMs: number }
  | ({ kind: 'peer-answer'; questionId: string } & PeerStanding)
  | { kind: 'look-at-ring'; questionId: string; address: string; round: number }
  | ({ kind: 'stop-answer'; questionId: string } & StopAnswer)
  | { kind: 'unsupported'; what: string };

/** How the peers of a node stand, by their names. */
export interface PeerStanding {
  normal: string[];
  waiting: string[];
  notNormal: string[];
  blind: string[];
  notTold: string[];
  away: string[];
  /** what those that do not see the node said, by their names */
  saw: Record<string, string>;
}
