// Original file: proto/ringmaster/agent/v1/agent.proto

import type { RunProgress as _ringmaster_agent_v1_RunProgress, RunProgress__Output as _ringmaster_agent_v1_RunProgress__Output } from '../../../ringmaster/agent/v1/RunProgress.ts';

/**
 * Agent: alive, and how far each run held has come.
 */
export interface Heartbeat {
  'runs'?: (_ringmaster_agent_v1_RunProgress)[];
}

/**
 * Agent: alive, and how far each run held has come.
 */
export interface Heartbeat__Output {
  'runs': (_ringmaster_agent_v1_RunProgress__Output)[];
}
