// Original file: proto/ringmaster/agent/v1/agent.proto


/**
 * Agent with a run: may the database node here be stopped now? Asked anew on each stream until the answer is not WAIT.
 */
export interface StopQuestion {
  'runId'?: (string);
  /**
   * UUID
   */
  'questionId'?: (string);
  /**
   * broadcast address of the node to be stopped
   */
  'address'?: (string);
}

/**
 * Agent with a run: may the database node here be stopped now? Asked anew on each stream until the answer is not WAIT.
 */
export interface StopQuestion__Output {
  'runId': (string);
  /**
   * UUID
   */
  'questionId': (string);
  /**
   * broadcast address of the node to be stopped
   */
  'address': (string);
}
