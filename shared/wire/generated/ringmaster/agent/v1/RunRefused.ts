// Original file: proto/ringmaster/agent/v1/agent.proto


/**
 * Agent: this run cannot be taken at all (unknown recipe, bad input, fenced before). The run has failed.
 */
export interface RunRefused {
  'runId'?: (string);
  'reason'?: (string);
}

/**
 * Agent: this run cannot be taken at all (unknown recipe, bad input, fenced before). The run has failed.
 */
export interface RunRefused__Output {
  'runId': (string);
  'reason': (string);
}
