// Original file: proto/ringmaster/agent/v1/agent.proto


/**
 * Coordinator: this run is over whatever the agent thinks. Let go of it and answer LetGo.
 */
export interface FenceRun {
  'runId'?: (string);
}

/**
 * Coordinator: this run is over whatever the agent thinks. Let go of it and answer LetGo.
 */
export interface FenceRun__Output {
  'runId': (string);
}
