// Original file: proto/ringmaster/agent/v1/agent.proto


export interface RenewRequest {
  'certificateRequestPem'?: (string);
}

export interface RenewRequest__Output {
  'certificateRequestPem': (string);
}
