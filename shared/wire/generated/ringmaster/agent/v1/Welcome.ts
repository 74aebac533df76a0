// Original file: proto/ringmaster/agent/v1/agent.proto

import type { RunSecrets as _ringmaster_agent_v1_RunSecrets, RunSecrets__Output as _ringmaster_agent_v1_RunSecrets__Output } from '../../../ringmaster/agent/v1/RunSecrets.ts';

/**
 * Coordinator, first: how to behave, and the secrets of the runs held (they are never on the agent's disk).
 */
export interface Welcome {
  'heartbeatWithRunMs'?: (number);
  'heartbeatIdleMs'?: (number);
  /**
   * how many record batches may be unacknowledged at once
   */
  'creditBatches'?: (number);
  'secrets'?: (_ringmaster_agent_v1_RunSecrets)[];
}

/**
 * Coordinator, first: how to behave, and the secrets of the runs held (they are never on the agent's disk).
 */
export interface Welcome__Output {
  'heartbeatWithRunMs': (number);
  'heartbeatIdleMs': (number);
  /**
   * how many record batches may be unacknowledged at once
   */
  'creditBatches': (number);
  'secrets': (_ringmaster_agent_v1_RunSecrets__Output)[];
}
