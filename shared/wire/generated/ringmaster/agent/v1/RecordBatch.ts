// Original file: proto/ringmaster/agent/v1/agent.proto

import type { Record as _ringmaster_agent_v1_Record, Record__Output as _ringmaster_agent_v1_Record__Output } from '../../../ringmaster/agent/v1/Record.ts';

/**
 * Agent: records of its outbox, oldest first; each run's seq is dense from 1.
 */
export interface RecordBatch {
  'records'?: (_ringmaster_agent_v1_Record)[];
}

/**
 * Agent: records of its outbox, oldest first; each run's seq is dense from 1.
 */
export interface RecordBatch__Output {
  'records': (_ringmaster_agent_v1_Record__Output)[];
}
