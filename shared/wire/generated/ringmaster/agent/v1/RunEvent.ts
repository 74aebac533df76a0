// Original file: proto/ringmaster/agent/v1/agent.proto

import type { EventType as _ringmaster_agent_v1_EventType, EventType__Output as _ringmaster_agent_v1_EventType__Output } from '../../../ringmaster/agent/v1/EventType.ts';

export interface RunEvent {
  /**
   * UUIDv7, made by the agent
   */
  'id'?: (string);
  /**
   * the agent's clock
   */
  'atUnixMs'?: (number | string);
  'type'?: (_ringmaster_agent_v1_EventType);
  'subtype'?: (string);
  /**
   * empty: none
   */
  'resource'?: (string);
  'message'?: (string);
  'changes'?: (boolean);
  /**
   * empty: {}
   */
  'beforeJson'?: (string);
  /**
   * empty: {}
   */
  'afterJson'?: (string);
  /**
   * empty: none
   */
  'traceback'?: (string);
}

export interface RunEvent__Output {
  /**
   * UUIDv7, made by the agent
   */
  'id': (string);
  /**
   * the agent's clock
   */
  'atUnixMs': (number);
  'type': (_ringmaster_agent_v1_EventType__Output);
  'subtype': (string);
  /**
   * empty: none
   */
  'resource': (string);
  'message': (string);
  'changes': (boolean);
  /**
   * empty: {}
   */
  'beforeJson': (string);
  /**
   * empty: {}
   */
  'afterJson': (string);
  /**
   * empty: none
   */
  'traceback': (string);
}
