// Original file: proto/ringmaster/agent/v1/agent.proto


/**
 * Agent: the run is in the journal on disk.
 */
export interface RunAccepted {
  'runId'?: (string);
}

/**
 * Agent: the run is in the journal on disk.
 */
export interface RunAccepted__Output {
  'runId': (string);
}
