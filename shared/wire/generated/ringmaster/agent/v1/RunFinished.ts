// Original file: proto/ringmaster/agent/v1/agent.proto

import type { RunOutcome as _ringmaster_agent_v1_RunOutcome, RunOutcome__Output as _ringmaster_agent_v1_RunOutcome__Output } from '../../../ringmaster/agent/v1/RunOutcome.ts';

/**
 * The last record of a run. A fact, not a status.
 */
export interface RunFinished {
  'outcome'?: (_ringmaster_agent_v1_RunOutcome);
  /**
   * one sentence; empty when succeeded
   */
  'reason'?: (string);
  'atUnixMs'?: (number | string);
}

/**
 * The last record of a run. A fact, not a status.
 */
export interface RunFinished__Output {
  'outcome': (_ringmaster_agent_v1_RunOutcome__Output);
  /**
   * one sentence; empty when succeeded
   */
  'reason': (string);
  'atUnixMs': (number);
}
