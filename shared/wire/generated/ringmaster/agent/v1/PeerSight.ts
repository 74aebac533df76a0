// Original file: proto/ringmaster/agent/v1/agent.proto

export const PeerSight = {
  PEER_SIGHT_UNSPECIFIED: 'PEER_SIGHT_UNSPECIFIED',
  /**
   * up and normal
   */
  PEER_SIGHT_NORMAL: 'PEER_SIGHT_NORMAL',
  /**
   * still not, when the time was over
   */
  PEER_SIGHT_NOT_NORMAL: 'PEER_SIGHT_NOT_NORMAL',
  /**
   * my own database node is not running (it is no live peer), or not_told says why I cannot look
   */
  PEER_SIGHT_BLIND: 'PEER_SIGHT_BLIND',
} as const;

export type PeerSight =
  | 'PEER_SIGHT_UNSPECIFIED'
  | 0
  /**
   * up and normal
   */
  | 'PEER_SIGHT_NORMAL'
  | 1
  /**
   * still not, when the time was over
   */
  | 'PEER_SIGHT_NOT_NORMAL'
  | 2
  /**
   * my own database node is not running (it is no live peer), or not_told says why I cannot look
   */
  | 'PEER_SIGHT_BLIND'
  | 3

export type PeerSight__Output = typeof PeerSight[keyof typeof PeerSight]
