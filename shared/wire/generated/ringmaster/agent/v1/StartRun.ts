// Original file: proto/ringmaster/agent/v1/agent.proto


/**
 * Coordinator: do this. Sent again after a reconnect until RunAccepted or RunRefused has been stored.
 */
export interface StartRun {
  'runId'?: (string);
  /**
   * shared/run-input.ts
   */
  'inputJson'?: (string);
  /**
   * never journalled
   */
  'secretsJson'?: (string);
}

/**
 * Coordinator: do this. Sent again after a reconnect until RunAccepted or RunRefused has been stored.
 */
export interface StartRun__Output {
  'runId': (string);
  /**
   * shared/run-input.ts
   */
  'inputJson': (string);
  /**
   * never journalled
   */
  'secretsJson': (string);
}
