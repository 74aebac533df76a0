// Original file: proto/ringmaster/agent/v1/agent.proto

export const StopVerdict = {
  STOP_VERDICT_UNSPECIFIED: 'STOP_VERDICT_UNSPECIFIED',
  STOP_VERDICT_WAIT: 'STOP_VERDICT_WAIT',
  STOP_VERDICT_ALLOWED: 'STOP_VERDICT_ALLOWED',
  STOP_VERDICT_REFUSED: 'STOP_VERDICT_REFUSED',
} as const;

export type StopVerdict =
  | 'STOP_VERDICT_UNSPECIFIED'
  | 0
  | 'STOP_VERDICT_WAIT'
  | 1
  | 'STOP_VERDICT_ALLOWED'
  | 2
  | 'STOP_VERDICT_REFUSED'
  | 3

export type StopVerdict__Output = typeof StopVerdict[keyof typeof StopVerdict]
