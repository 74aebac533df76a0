// Original file: proto/ringmaster/agent/v1/agent.proto


/**
 * Either: a message that this version does not know.
 */
export interface Unsupported {
  'what'?: (string);
}

/**
 * Either: a message that this version does not know.
 */
export interface Unsupported__Output {
  'what': (string);
}
