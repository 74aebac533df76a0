// Original file: proto/ringmaster/agent/v1/agent.proto

import type { Welcome as _ringmaster_agent_v1_Welcome, Welcome__Output as _ringmaster_agent_v1_Welcome__Output } from '../../../ringmaster/agent/v1/Welcome.ts';
import type { StartRun as _ringmaster_agent_v1_StartRun, StartRun__Output as _ringmaster_agent_v1_StartRun__Output } from '../../../ringmaster/agent/v1/StartRun.ts';
import type { StopRun as _ringmaster_agent_v1_StopRun, StopRun__Output as _ringmaster_agent_v1_StopRun__Output } from '../../../ringmaster/agent/v1/StopRun.ts';
import type { FenceRun as _ringmaster_agent_v1_FenceRun, FenceRun__Output as _ringmaster_agent_v1_FenceRun__Output } from '../../../ringmaster/agent/v1/FenceRun.ts';
import type { Ack as _ringmaster_agent_v1_Ack, Ack__Output as _ringmaster_agent_v1_Ack__Output } from '../../../ringmaster/agent/v1/Ack.ts';
import type { Superseded as _ringmaster_agent_v1_Superseded, Superseded__Output as _ringmaster_agent_v1_Superseded__Output } from '../../../ringmaster/agent/v1/Superseded.ts';
import type { WatchPeer as _ringmaster_agent_v1_WatchPeer, WatchPeer__Output as _ringmaster_agent_v1_WatchPeer__Output } from '../../../ringmaster/agent/v1/WatchPeer.ts';
import type { PeerAnswer as _ringmaster_agent_v1_PeerAnswer, PeerAnswer__Output as _ringmaster_agent_v1_PeerAnswer__Output } from '../../../ringmaster/agent/v1/PeerAnswer.ts';
import type { LookAtRing as _ringmaster_agent_v1_LookAtRing, LookAtRing__Output as _ringmaster_agent_v1_LookAtRing__Output } from '../../../ringmaster/agent/v1/LookAtRing.ts';
import type { StopAnswer as _ringmaster_agent_v1_StopAnswer, StopAnswer__Output as _ringmaster_agent_v1_StopAnswer__Output } from '../../../ringmaster/agent/v1/StopAnswer.ts';
import type { Unsupported as _ringmaster_agent_v1_Unsupported, Unsupported__Output as _ringmaster_agent_v1_Unsupported__Output } from '../../../ringmaster/agent/v1/Unsupported.ts';

export interface CoordinatorMessage {
  'welcome'?: (_ringmaster_agent_v1_Welcome | null);
  'startRun'?: (_ringmaster_agent_v1_StartRun | null);
  'stopRun'?: (_ringmaster_agent_v1_StopRun | null);
  'fenceRun'?: (_ringmaster_agent_v1_FenceRun | null);
  'ack'?: (_ringmaster_agent_v1_Ack | null);
  'superseded'?: (_ringmaster_agent_v1_Superseded | null);
  'watchPeer'?: (_ringmaster_agent_v1_WatchPeer | null);
  'peerAnswer'?: (_ringmaster_agent_v1_PeerAnswer | null);
  'lookAtRing'?: (_ringmaster_agent_v1_LookAtRing | null);
  'stopAnswer'?: (_ringmaster_agent_v1_StopAnswer | null);
  'unsupported'?: (_ringmaster_agent_v1_Unsupported | null);
  'kind'?: "welcome"|"startRun"|"stopRun"|"fenceRun"|"ack"|"superseded"|"watchPeer"|"peerAnswer"|"lookAtRing"|"stopAnswer"|"unsupported";
}

export interface CoordinatorMessage__Output {
  'welcome'?: (_ringmaster_agent_v1_Welcome__Output | null);
  'startRun'?: (_ringmaster_agent_v1_StartRun__Output | null);
  'stopRun'?: (_ringmaster_agent_v1_StopRun__Output | null);
  'fenceRun'?: (_ringmaster_agent_v1_FenceRun__Output | null);
  'ack'?: (_ringmaster_agent_v1_Ack__Output | null);
  'superseded'?: (_ringmaster_agent_v1_Superseded__Output | null);
  'watchPeer'?: (_ringmaster_agent_v1_WatchPeer__Output | null);
  'peerAnswer'?: (_ringmaster_agent_v1_PeerAnswer__Output | null);
  'lookAtRing'?: (_ringmaster_agent_v1_LookAtRing__Output | null);
  'stopAnswer'?: (_ringmaster_agent_v1_StopAnswer__Output | null);
  'unsupported'?: (_ringmaster_agent_v1_Unsupported__Output | null);
  'kind'?: "welcome"|"startRun"|"stopRun"|"fenceRun"|"ack"|"superseded"|"watchPeer"|"peerAnswer"|"lookAtRing"|"stopAnswer"|"unsupported";
}
