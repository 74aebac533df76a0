// Original file: proto/ringmaster/agent/v1/agent.proto


/**
 * Coordinator, to the asking agent: how the peers stand; sent at once and again after each answer.
 */
export interface PeerAnswer {
  'questionId'?: (string);
  /**
   * names of nodes
   */
  'normal'?: (string)[];
  /**
   * asked, no answer yet
   */
  'waiting'?: (string)[];
  'notNormal'?: (string)[];
  'blind'?: (string)[];
  /**
   * their agents are not connected: nobody can ask them
   */
  'away'?: (string)[];
  /**
   * their agents do not know their database node; in no list for agents before this field
   */
  'notTold'?: (string)[];
  /**
   * what those that do not see it said, by their names
   */
  'saw'?: ({[key: string]: string});
}

/**
 * Coordinator, to the asking agent: how the peers stand; sent at once and again after each answer.
 */
export interface PeerAnswer__Output {
  'questionId': (string);
  /**
   * names of nodes
   */
  'normal': (string)[];
  /**
   * asked, no answer yet
   */
  'waiting': (string)[];
  'notNormal': (string)[];
  'blind': (string)[];
  /**
   * their agents are not connected: nobody can ask them
   */
  'away': (string)[];
  /**
   * their agents do not know their database node; in no list for agents before this field
   */
  'notTold': (string)[];
  /**
   * what those that do not see it said, by their names
   */
  'saw': ({[key: string]: string});
}
