// Original file: proto/ringmaster/agent/v1/agent.proto


/**
 * Agent, first: what it is and the runs that its journal holds, finished ones whose finish is not acknowledged included.
 */
export interface Hello {
  'version'?: (string);
  'hostname'?: (string);
  'runIds'?: (string)[];
  /**
   * UUIDv7 made when the agent dialled, larger each time: of two streams of a node the larger is the newer, whichever hello is
   * heard first (a coordinator that stood still may hear one late). Empty from agents before this field.
   */
  'streamId'?: (string);
}

/**
 * Agent, first: what it is and the runs that its journal holds, finished ones whose finish is not acknowledged included.
 */
export interface Hello__Output {
  'version': (string);
  'hostname': (string);
  'runIds': (string)[];
  /**
   * UUIDv7 made when the agent dialled, larger each time: of two streams of a node the larger is the newer, whichever hello is
   * heard first (a coordinator that stood still may hear one late). Empty from agents before this field.
   */
  'streamId': (string);
}
