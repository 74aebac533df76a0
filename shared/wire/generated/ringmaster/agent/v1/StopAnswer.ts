// Original file: proto/ringmaster/agent/v1/agent.proto

import type { StopVerdict as _ringmaster_agent_v1_StopVerdict, StopVerdict__Output as _ringmaster_agent_v1_StopVerdict__Output } from '../../../ringmaster/agent/v1/StopVerdict.ts';
import type { StopNote as _ringmaster_agent_v1_StopNote, StopNote__Output as _ringmaster_agent_v1_StopNote__Output } from '../../../ringmaster/agent/v1/StopNote.ts';

/**
 * Coordinator: whether the node may be stopped. WAIT is followed by another answer.
 */
export interface StopAnswer {
  'questionId'?: (string);
  'verdict'?: (_ringmaster_agent_v1_StopVerdict);
  'message'?: (string);
  /**
   * told as events by the agent
   */
  'notes'?: (_ringmaster_agent_v1_StopNote)[];
}

/**
 * Coordinator: whether the node may be stopped. WAIT is followed by another answer.
 */
export interface StopAnswer__Output {
  'questionId': (string);
  'verdict': (_ringmaster_agent_v1_StopVerdict__Output);
  'message': (string);
  /**
   * told as events by the agent
   */
  'notes': (_ringmaster_agent_v1_StopNote__Output)[];
}
