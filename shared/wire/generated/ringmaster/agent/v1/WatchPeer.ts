// Original file: proto/ringmaster/agent/v1/agent.proto


/**
 * Coordinator, to each peer's agent: answer PeerView as soon as your own database node sees `address` normal.
 */
export interface WatchPeer {
  'questionId'?: (string);
  'address'?: (string);
  'withinMs'?: (number);
}

/**
 * Coordinator, to each peer's agent: answer PeerView as soon as your own database node sees `address` normal.
 */
export interface WatchPeer__Output {
  'questionId': (string);
  'address': (string);
  'withinMs': (number);
}
