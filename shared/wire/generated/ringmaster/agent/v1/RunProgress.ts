// Original file: proto/ringmaster/agent/v1/agent.proto


export interface RunProgress {
  'runId'?: (string);
  /**
   * from 1
   */
  'stepNumber'?: (number);
  'stepCount'?: (number);
  'step'?: (string);
  /**
   * grows whenever anything moved: a step, bytes of output, a poll with a limit of its own
   */
  'ticks'?: (number | string);
}

export interface RunProgress__Output {
  'runId': (string);
  /**
   * from 1
   */
  'stepNumber': (number);
  'stepCount': (number);
  'step': (string);
  /**
   * grows whenever anything moved: a step, bytes of output, a poll with a limit of its own
   */
  'ticks': (number);
}
