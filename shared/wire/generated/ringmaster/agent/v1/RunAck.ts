// Original file: proto/ringmaster/agent/v1/agent.proto


export interface RunAck {
  'runId'?: (string);
  'seq'?: (number);
}

export interface RunAck__Output {
  'runId': (string);
  'seq': (number);
}
