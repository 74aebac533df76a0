// Original file: proto/ringmaster/agent/v1/agent.proto


/**
 * Coordinator, to a node's agent: answer RingView with what your database node sees of the ring.
 */
export interface LookAtRing {
  'questionId'?: (string);
  /**
   * only ranges with a replica there are of interest
   */
  'address'?: (string);
  /**
   * to be sent back: a later look has a larger one
   */
  'round'?: (number);
}

/**
 * Coordinator, to a node's agent: answer RingView with what your database node sees of the ring.
 */
export interface LookAtRing__Output {
  'questionId': (string);
  /**
   * only ranges with a replica there are of interest
   */
  'address': (string);
  /**
   * to be sent back: a later look has a larger one
   */
  'round': (number);
}
