// Original file: proto/ringmaster/agent/v1/agent.proto


export interface EnrolReply {
  'certificatePem'?: (string);
  'authorityPem'?: (string);
  /**
   * host:port of the agents' listeners
   */
  'coordinatorAddresses'?: (string)[];
}

export interface EnrolReply__Output {
  'certificatePem': (string);
  'authorityPem': (string);
  /**
   * host:port of the agents' listeners
   */
  'coordinatorAddresses': (string)[];
}
