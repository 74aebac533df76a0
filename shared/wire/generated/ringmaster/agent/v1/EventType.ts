// Original file: proto/ringmaster/agent/v1/agent.proto

export const EventType = {
  EVENT_TYPE_UNSPECIFIED: 'EVENT_TYPE_UNSPECIFIED',
  EVENT_TYPE_CHECK: 'EVENT_TYPE_CHECK',
  EVENT_TYPE_MILESTONE: 'EVENT_TYPE_MILESTONE',
  EVENT_TYPE_ERROR: 'EVENT_TYPE_ERROR',
} as const;

export type EventType =
  | 'EVENT_TYPE_UNSPECIFIED'
  | 0
  | 'EVENT_TYPE_CHECK'
  | 1
  | 'EVENT_TYPE_MILESTONE'
  | 2
  | 'EVENT_TYPE_ERROR'
  | 3

export type EventType__Output = typeof EventType[keyof typeof EventType]
