// Original file: proto/ringmaster/agent/v1/agent.proto

import type { PeerSight as _ringmaster_agent_v1_PeerSight, PeerSight__Output as _ringmaster_agent_v1_PeerSight__Output } from '../../../ringmaster/agent/v1/PeerSight.ts';

/**
 * Peer's agent: what its own database node sees, after watching.
 */
export interface PeerView {
  'questionId'?: (string);
  'sight'?: (_ringmaster_agent_v1_PeerSight);
  'detail'?: (string);
  /**
   * With BLIND: a database node may run here, but this agent was never told where. Always false from agents before this field.
   */
  'notTold'?: (boolean);
}

/**
 * Peer's agent: what its own database node sees, after watching.
 */
export interface PeerView__Output {
  'questionId': (string);
  'sight': (_ringmaster_agent_v1_PeerSight__Output);
  'detail': (string);
  /**
   * With BLIND: a database node may run here, but this agent was never told where. Always false from agents before this field.
   */
  'notTold': (boolean);
}
