// Original file: proto/ringmaster/agent/v1/agent.proto

import type { Hello as _ringmaster_agent_v1_Hello, Hello__Output as _ringmaster_agent_v1_Hello__Output } from '../../../ringmaster/agent/v1/Hello.ts';
import type { RunAccepted as _ringmaster_agent_v1_RunAccepted, RunAccepted__Output as _ringmaster_agent_v1_RunAccepted__Output } from '../../../ringmaster/agent/v1/RunAccepted.ts';
import type { RunRefused as _ringmaster_agent_v1_RunRefused, RunRefused__Output as _ringmaster_agent_v1_RunRefused__Output } from '../../../ringmaster/agent/v1/RunRefused.ts';
import type { RecordBatch as _ringmaster_agent_v1_RecordBatch, RecordBatch__Output as _ringmaster_agent_v1_RecordBatch__Output } from '../../../ringmaster/agent/v1/RecordBatch.ts';
import type { Heartbeat as _ringmaster_agent_v1_Heartbeat, Heartbeat__Output as _ringmaster_agent_v1_Heartbeat__Output } from '../../../ringmaster/agent/v1/Heartbeat.ts';
import type { LetGo as _ringmaster_agent_v1_LetGo, LetGo__Output as _ringmaster_agent_v1_LetGo__Output } from '../../../ringmaster/agent/v1/LetGo.ts';
import type { PeerQuestion as _ringmaster_agent_v1_PeerQuestion, PeerQuestion__Output as _ringmaster_agent_v1_PeerQuestion__Output } from '../../../ringmaster/agent/v1/PeerQuestion.ts';
import type { PeerView as _ringmaster_agent_v1_PeerView, PeerView__Output as _ringmaster_agent_v1_PeerView__Output } from '../../../ringmaster/agent/v1/PeerView.ts';
import type { StopQuestion as _ringmaster_agent_v1_StopQuestion, StopQuestion__Output as _ringmaster_agent_v1_StopQuestion__Output } from '../../../ringmaster/agent/v1/StopQuestion.ts';
import type { RingView as _ringmaster_agent_v1_RingView, RingView__Output as _ringmaster_agent_v1_RingView__Output } from '../../../ringmaster/agent/v1/RingView.ts';
import type { Unsupported as _ringmaster_agent_v1_Unsupported, Unsupported__Output as _ringmaster_agent_v1_Unsupported__Output } from '../../../ringmaster/agent/v1/Unsupported.ts';

export interface AgentMessage {
  'hello'?: (_ringmaster_agent_v1_Hello | null);
  'runAccepted'?: (_ringmaster_agent_v1_RunAccepted | null);
  'runRefused'?: (_ringmaster_agent_v1_RunRefused | null);
  'recordBatch'?: (_ringmaster_agent_v1_RecordBatch | null);
  'heartbeat'?: (_ringmaster_agent_v1_Heartbeat | null);
  'letGo'?: (_ringmaster_agent_v1_LetGo | null);
  'peerQuestion'?: (_ringmaster_agent_v1_PeerQuestion | null);
  'peerView'?: (_ringmaster_agent_v1_PeerView | null);
  'stopQuestion'?: (_ringmaster_agent_v1_StopQuestion | null);
  'ringView'?: (_ringmaster_agent_v1_RingView | null);
  'unsupported'?: (_ringmaster_agent_v1_Unsupported | null);
  'kind'?: "hello"|"runAccepted"|"runRefused"|"recordBatch"|"heartbeat"|"letGo"|"peerQuestion"|"peerView"|"stopQuestion"|"ringView"|"unsupported";
}

export interface AgentMessage__Output {
  'hello'?: (_ringmaster_agent_v1_Hello__Output | null);
  'runAccepted'?: (_ringmaster_agent_v1_RunAccepted__Output | null);
  'runRefused'?: (_ringmaster_agent_v1_RunRefused__Output | null);
  'recordBatch'?: (_ringmaster_agent_v1_RecordBatch__Output | null);
  'heartbeat'?: (_ringmaster_agent_v1_Heartbeat__Output | null);
  'letGo'?: (_ringmaster_agent_v1_LetGo__Output | null);
  'peerQuestion'?: (_ringmaster_agent_v1_PeerQuestion__Output | null);
  'peerView'?: (_ringmaster_agent_v1_PeerView__Output | null);
  'stopQuestion'?: (_ringmaster_agent_v1_StopQuestion__Output | null);
  'ringView'?: (_ringmaster_agent_v1_RingView__Output | null);
  'unsupported'?: (_ringmaster_agent_v1_Unsupported__Output | null);
  'kind'?: "hello"|"runAccepted"|"runRefused"|"recordBatch"|"heartbeat"|"letGo"|"peerQuestion"|"peerView"|"stopQuestion"|"ringView"|"unsupported";
}
