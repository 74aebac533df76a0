// Original file: proto/ringmaster/agent/v1/agent.proto


export interface RingView {
  'questionId'?: (string);
  'round'?: (number);
  /**
   * what its database node sees, shared/ring-view-form.ts; empty: it could not look
   */
  'viewJson'?: (string);
  /**
   * why it could not look
   */
  'problem'?: (string);
  /**
   * since no database node runs there
   */
  'down'?: (boolean);
}

export interface RingView__Output {
  'questionId': (string);
  'round': (number);
  /**
   * what its database node sees, shared/ring-view-form.ts; empty: it could not look
   */
  'viewJson': (string);
  /**
   * why it could not look
   */
  'problem': (string);
  /**
   * since no database node runs there
   */
  'down': (boolean);
}
