// Original file: proto/ringmaster/agent/v1/agent.proto


export interface EnrolRequest {
  /**
   * the node that the secret was made for
   */
  'nodeId'?: (string);
  'secret'?: (string);
  'certificateRequestPem'?: (string);
}

export interface EnrolRequest__Output {
  /**
   * the node that the secret was made for
   */
  'nodeId': (string);
  'secret': (string);
  'certificateRequestPem': (string);
}
