// Original file: proto/ringmaster/agent/v1/agent.proto


/**
 * Coordinator: another stream of the same node is newer. Stop dialling.
 */
export interface Superseded {
  'reason'?: (string);
}

/**
 * Coordinator: another stream of the same node is newer. Stop dialling.
 */
export interface Superseded__Output {
  'reason': (string);
}
