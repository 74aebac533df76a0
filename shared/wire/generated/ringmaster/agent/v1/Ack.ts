// Original file: proto/ringmaster/agent/v1/agent.proto

import type { RunAck as _ringmaster_agent_v1_RunAck, RunAck__Output as _ringmaster_agent_v1_RunAck__Output } from '../../../ringmaster/agent/v1/RunAck.ts';

/**
 * Coordinator: everything of these runs up to and including seq is committed; one Ack a batch, so it is the credit too.
 */
export interface Ack {
  'acks'?: (_ringmaster_agent_v1_RunAck)[];
  /**
   * how many record batches this settles
   */
  'batches'?: (number);
}

/**
 * Coordinator: everything of these runs up to and including seq is committed; one Ack a batch, so it is the credit too.
 */
export interface Ack__Output {
  'acks': (_ringmaster_agent_v1_RunAck__Output)[];
  /**
   * how many record batches this settles
   */
  'batches': (number);
}
