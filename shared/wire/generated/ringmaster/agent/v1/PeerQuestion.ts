// Original file: proto/ringmaster/agent/v1/agent.proto


/**
 * Agent with a run: do the cluster's other nodes see mine as normal?
 */
export interface PeerQuestion {
  'runId'?: (string);
  /**
   * UUID
   */
  'questionId'?: (string);
  /**
   * broadcast address of the node asked about
   */
  'address'?: (string);
  /**
   * peers stop watching after this long
   */
  'withinMs'?: (number);
}

/**
 * Agent with a run: do the cluster's other nodes see mine as normal?
 */
export interface PeerQuestion__Output {
  'runId': (string);
  /**
   * UUID
   */
  'questionId': (string);
  /**
   * broadcast address of the node asked about
   */
  'address': (string);
  /**
   * peers stop watching after this long
   */
  'withinMs': (number);
}
