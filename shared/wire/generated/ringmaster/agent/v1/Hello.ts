// Original file: proto/ringmaster/agent/v1/agent.proto


/**
 * Agent, first: what it is and the runs that its journal holds, finished ones whose finish is not acknowledged included.
 */
export interface Hello {
  'version'?: (string);
  'hostname'?: (string);
  'runIds'?: (string)[];
}

/**
 * Agent, first: what it is and the runs that its journal holds, finished ones whose finish is not acknowledged included.
 */
export interface Hello__Output {
  'version': (string);
  'hostname': (string);
  'runIds': (string)[];
}
