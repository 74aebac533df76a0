// Original file: proto/ringmaster/agent/v1/agent.proto


export interface RunSecrets {
  'runId'?: (string);
  'secretsJson'?: (string);
}

export interface RunSecrets__Output {
  'runId': (string);
  'secretsJson': (string);
}
