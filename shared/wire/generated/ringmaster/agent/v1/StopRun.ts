// Original file: proto/ringmaster/agent/v1/agent.proto


/**
 * Coordinator: stop at the next safe point of the step under way; do not leave the database node down.
 */
export interface StopRun {
  'runId'?: (string);
}

/**
 * Coordinator: stop at the next safe point of the step under way; do not leave the database node down.
 */
export interface StopRun__Output {
  'runId': (string);
}
