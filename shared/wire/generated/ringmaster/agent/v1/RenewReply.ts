// Original file: proto/ringmaster/agent/v1/agent.proto


export interface RenewReply {
  'certificatePem'?: (string);
}

export interface RenewReply__Output {
  'certificatePem': (string);
}
