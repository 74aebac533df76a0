// Original file: proto/ringmaster/agent/v1/agent.proto

import type { RunEvent as _ringmaster_agent_v1_RunEvent, RunEvent__Output as _ringmaster_agent_v1_RunEvent__Output } from '../../../ringmaster/agent/v1/RunEvent.ts';
import type { RunFinished as _ringmaster_agent_v1_RunFinished, RunFinished__Output as _ringmaster_agent_v1_RunFinished__Output } from '../../../ringmaster/agent/v1/RunFinished.ts';

export interface Record {
  'runId'?: (string);
  'seq'?: (number);
  'event'?: (_ringmaster_agent_v1_RunEvent | null);
  'finished'?: (_ringmaster_agent_v1_RunFinished | null);
  'body'?: "event"|"finished";
}

export interface Record__Output {
  'runId': (string);
  'seq': (number);
  'event'?: (_ringmaster_agent_v1_RunEvent__Output | null);
  'finished'?: (_ringmaster_agent_v1_RunFinished__Output | null);
  'body'?: "event"|"finished";
}
