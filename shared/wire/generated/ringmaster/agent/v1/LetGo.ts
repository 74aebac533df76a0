// Original file: proto/ringmaster/agent/v1/agent.proto


/**
 * Agent: nothing of that run is being done any more, nor ever will be.
 */
export interface LetGo {
  'runId'?: (string);
}

/**
 * Agent: nothing of that run is being done any more, nor ever will be.
 */
export interface LetGo__Output {
  'runId': (string);
}
