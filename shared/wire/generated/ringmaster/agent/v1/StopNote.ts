// Original file: proto/ringmaster/agent/v1/agent.proto


export interface StopNote {
  'subtype'?: (string);
  'message'?: (string);
  /**
   * an error event: the gate was overruled
   */
  'loud'?: (boolean);
}

export interface StopNote__Output {
  'subtype': (string);
  'message': (string);
  /**
   * an error event: the gate was overruled
   */
  'loud': (boolean);
}
