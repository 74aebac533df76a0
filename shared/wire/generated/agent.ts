import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Ack as _ringmaster_agent_v1_Ack, Ack__Output as _ringmaster_agent_v1_Ack__Output } from './ringmaster/agent/v1/Ack.ts';
import type { AgentLinkClient as _ringmaster_agent_v1_AgentLinkClient, AgentLinkDefinition as _ringmaster_agent_v1_AgentLinkDefinition } from './ringmaster/agent/v1/AgentLink.ts';
import type { AgentMessage as _ringmaster_agent_v1_AgentMessage, AgentMessage__Output as _ringmaster_agent_v1_AgentMessage__Output } from './ringmaster/agent/v1/AgentMessage.ts';
import type { CoordinatorMessage as _ringmaster_agent_v1_CoordinatorMessage, CoordinatorMessage__Output as _ringmaster_agent_v1_CoordinatorMessage__Output } from './ringmaster/agent/v1/CoordinatorMessage.ts';
import type { EnrolReply as _ringmaster_agent_v1_EnrolReply, EnrolReply__Output as _ringmaster_agent_v1_EnrolReply__Output } from './ringmaster/agent/v1/EnrolReply.ts';
import type { EnrolRequest as _ringmaster_agent_v1_EnrolRequest, EnrolRequest__Output as _ringmaster_agent_v1_EnrolRequest__Output } from './ringmaster/agent/v1/EnrolRequest.ts';
import type { EnrolmentClient as _ringmaster_agent_v1_EnrolmentClient, EnrolmentDefinition as _ringmaster_agent_v1_EnrolmentDefinition } from './ringmaster/agent/v1/Enrolment.ts';
import type { FenceRun as _ringmaster_agent_v1_FenceRun, FenceRun__Output as _ringmaster_agent_v1_FenceRun__Output } from './ringmaster/agent/v1/FenceRun.ts';
import type { Heartbeat as _ringmaster_agent_v1_Heartbeat, Heartbeat__Output as _ringmaster_agent_v1_Heartbeat__Output } from './ringmaster/agent/v1/Heartbeat.ts';
import type { Hello as _ringmaster_agent_v1_Hello, Hello__Output as _ringmaster_agent_v1_Hello__Output } from './ringmaster/agent/v1/Hello.ts';
import type { LetGo as _ringmaster_agent_v1_LetGo, LetGo__Output as _ringmaster_agent_v1_LetGo__Output } from './ringmaster/agent/v1/LetGo.ts';
import type { LookAtRing as _ringmaster_agent_v1_LookAtRing, LookAtRing__Output as _ringmaster_agent_v1_LookAtRing__Output } from './ringmaster/agent/v1/LookAtRing.ts';
import type { PeerAnswer as _ringmaster_agent_v1_PeerAnswer, PeerAnswer__Output as _ringmaster_agent_v1_PeerAnswer__Output } from './ringmaster/agent/v1/PeerAnswer.ts';
import type { PeerQuestion as _ringmaster_agent_v1_PeerQuestion, PeerQuestion__Output as _ringmaster_agent_v1_PeerQuestion__Output } from './ringmaster/agent/v1/PeerQuestion.ts';
import type { PeerView as _ringmaster_agent_v1_PeerView, PeerView__Output as _ringmaster_agent_v1_PeerView__Output } from './ringmaster/agent/v1/PeerView.ts';
import type { Record as _ringmaster_agent_v1_Record, Record__Output as _ringmaster_agent_v1_Record__Output } from './ringmaster/agent/v1/Record.ts';
import type { RecordBatch as _ringmaster_agent_v1_RecordBatch, RecordBatch__Output as _ringmaster_agent_v1_RecordBatch__Output } from './ringmaster/agent/v1/RecordBatch.ts';
import type { RenewReply as _ringmaster_agent_v1_RenewReply, RenewReply__Output as _ringmaster_agent_v1_RenewReply__Output } from './ringmaster/agent/v1/RenewReply.ts';
import type { RenewRequest as _ringmaster_agent_v1_RenewRequest, RenewRequest__Output as _ringmaster_agent_v1_RenewRequest__Output } from './ringmaster/agent/v1/RenewRequest.ts';
import type { RingView as _ringmaster_agent_v1_RingView, RingView__Output as _ringmaster_agent_v1_RingView__Output } from './ringmaster/agent/v1/RingView.ts';
import type { RunAccepted as _ringmaster_agent_v1_RunAccepted, RunAccepted__Output as _ringmaster_agent_v1_RunAccepted__Output } from './ringmaster/agent/v1/RunAccepted.ts';
import type { RunAck as _ringmaster_agent_v1_RunAck, RunAck__Output as _ringmaster_agent_v1_RunAck__Output } from './ringmaster/agent/v1/RunAck.ts';
import type { RunEvent as _ringmaster_agent_v1_RunEvent, RunEvent__Output as _ringmaster_agent_v1_RunEvent__Output } from './ringmaster/agent/v1/RunEvent.ts';
import type { RunFinished as _ringmaster_agent_v1_RunFinished, RunFinished__Output as _ringmaster_agent_v1_RunFinished__Output } from './ringmaster/agent/v1/RunFinished.ts';
import type { RunProgress as _ringmaster_agent_v1_RunProgress, RunProgress__Output as _ringmaster_agent_v1_RunProgress__Output } from './ringmaster/agent/v1/RunProgress.ts';
import type { RunRefused as _ringmaster_agent_v1_RunRefused, RunRefused__Output as _ringmaster_agent_v1_RunRefused__Output } from './ringmaster/agent/v1/RunRefused.ts';
import type { RunSecrets as _ringmaster_agent_v1_RunSecrets, RunSecrets__Output as _ringmaster_agent_v1_RunSecrets__Output } from './ringmaster/agent/v1/RunSecrets.ts';
import type { StartRun as _ringmaster_agent_v1_StartRun, StartRun__Output as _ringmaster_agent_v1_StartRun__Output } from './ringmaster/agent/v1/StartRun.ts';
import type { StopAnswer as _ringmaster_agent_v1_StopAnswer, StopAnswer__Output as _ringmaster_agent_v1_StopAnswer__Output } from './ringmaster/agent/v1/StopAnswer.ts';
import type { StopNote as _ringmaster_agent_v1_StopNote, StopNote__Output as _ringmaster_agent_v1_StopNote__Output } from './ringmaster/agent/v1/StopNote.ts';
import type { StopQuestion as _ringmaster_agent_v1_StopQuestion, StopQuestion__Output as _ringmaster_agent_v1_StopQuestion__Output } from './ringmaster/agent/v1/StopQuestion.ts';
import type { StopRun as _ringmaster_agent_v1_StopRun, StopRun__Output as _ringmaster_agent_v1_StopRun__Output } from './ringmaster/agent/v1/StopRun.ts';
import type { Superseded as _ringmaster_agent_v1_Superseded, Superseded__Output as _ringmaster_agent_v1_Superseded__Output } from './ringmaster/agent/v1/Superseded.ts';
import type { Unsupported as _ringmaster_agent_v1_Unsupported, Unsupported__Output as _ringmaster_agent_v1_Unsupported__Output } from './ringmaster/agent/v1/Unsupported.ts';
import type { WatchPeer as _ringmaster_agent_v1_WatchPeer, WatchPeer__Output as _ringmaster_agent_v1_WatchPeer__Output } from './ringmaster/agent/v1/WatchPeer.ts';
import type { Welcome as _ringmaster_agent_v1_Welcome, Welcome__Output as _ringmaster_agent_v1_Welcome__Output } from './ringmaster/agent/v1/Welcome.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  ringmaster: {
    agent: {
      v1: {
        Ack: MessageTypeDefinition<_ringmaster_agent_v1_Ack, _ringmaster_agent_v1_Ack__Output>
        /**
         * Served on the agents' listener, mutual TLS only.
         */
        AgentLink: SubtypeConstructor<typeof grpc.Client, _ringmaster_agent_v1_AgentLinkClient> & { service: _ringmaster_agent_v1_AgentLinkDefinition }
        AgentMessage: MessageTypeDefinition<_ringmaster_agent_v1_AgentMessage, _ringmaster_agent_v1_AgentMessage__Output>
        CoordinatorMessage: MessageTypeDefinition<_ringmaster_agent_v1_CoordinatorMessage, _ringmaster_agent_v1_CoordinatorMessage__Output>
        EnrolReply: MessageTypeDefinition<_ringmaster_agent_v1_EnrolReply, _ringmaster_agent_v1_EnrolReply__Output>
        EnrolRequest: MessageTypeDefinition<_ringmaster_agent_v1_EnrolRequest, _ringmaster_agent_v1_EnrolRequest__Output>
        /**
         * Served on a listener of its own (TLS, no client certificate), and nothing else is served there.
         */
        Enrolment: SubtypeConstructor<typeof grpc.Client, _ringmaster_agent_v1_EnrolmentClient> & { service: _ringmaster_agent_v1_EnrolmentDefinition }
        EventType: EnumTypeDefinition
        FenceRun: MessageTypeDefinition<_ringmaster_agent_v1_FenceRun, _ringmaster_agent_v1_FenceRun__Output>
        Heartbeat: MessageTypeDefinition<_ringmaster_agent_v1_Heartbeat, _ringmaster_agent_v1_Heartbeat__Output>
        Hello: MessageTypeDefinition<_ringmaster_agent_v1_Hello, _ringmaster_agent_v1_Hello__Output>
        LetGo: MessageTypeDefinition<_ringmaster_agent_v1_LetGo, _ringmaster_agent_v1_LetGo__Output>
        LookAtRing: MessageTypeDefinition<_ringmaster_agent_v1_LookAtRing, _ringmaster_agent_v1_LookAtRing__Output>
        PeerAnswer: MessageTypeDefinition<_ringmaster_agent_v1_PeerAnswer, _ringmaster_agent_v1_PeerAnswer__Output>
        PeerQuestion: MessageTypeDefinition<_ringmaster_agent_v1_PeerQuestion, _ringmaster_agent_v1_PeerQuestion__Output>
        PeerSight: EnumTypeDefinition
        PeerView: MessageTypeDefinition<_ringmaster_agent_v1_PeerView, _ringmaster_agent_v1_PeerView__Output>
        Record: MessageTypeDefinition<_ringmaster_agent_v1_Record, _ringmaster_agent_v1_Record__Output>
        RecordBatch: MessageTypeDefinition<_ringmaster_agent_v1_RecordBatch, _ringmaster_agent_v1_RecordBatch__Output>
        RenewReply: MessageTypeDefinition<_ringmaster_agent_v1_RenewReply, _ringmaster_agent_v1_RenewReply__Output>
        RenewRequest: MessageTypeDefinition<_ringmaster_agent_v1_RenewRequest, _ringmaster_agent_v1_RenewRequest__Output>
        RingView: MessageTypeDefinition<_ringmaster_agent_v1_RingView, _ringmaster_agent_v1_RingView__Output>
        RunAccepted: MessageTypeDefinition<_ringmaster_agent_v1_RunAccepted, _ringmaster_agent_v1_RunAccepted__Output>
        RunAck: MessageTypeDefinition<_ringmaster_agent_v1_RunAck, _ringmaster_agent_v1_RunAck__Output>
        RunEvent: MessageTypeDefinition<_ringmaster_agent_v1_RunEvent, _ringmaster_agent_v1_RunEvent__Output>
        RunFinished: MessageTypeDefinition<_ringmaster_agent_v1_RunFinished, _ringmaster_agent_v1_RunFinished__Output>
        RunOutcome: EnumTypeDefinition
        RunProgress: MessageTypeDefinition<_ringmaster_agent_v1_RunProgress, _ringmaster_agent_v1_RunProgress__Output>
        RunRefused: MessageTypeDefinition<_ringmaster_agent_v1_RunRefused, _ringmaster_agent_v1_RunRefused__Output>
        RunSecrets: MessageTypeDefinition<_ringmaster_agent_v1_RunSecrets, _ringmaster_agent_v1_RunSecrets__Output>
        StartRun: MessageTypeDefinition<_ringmaster_agent_v1_StartRun, _ringmaster_agent_v1_StartRun__Output>
        StopAnswer: MessageTypeDefinition<_ringmaster_agent_v1_StopAnswer, _ringmaster_agent_v1_StopAnswer__Output>
        StopNote: MessageTypeDefinition<_ringmaster_agent_v1_StopNote, _ringmaster_agent_v1_StopNote__Output>
        StopQuestion: MessageTypeDefinition<_ringmaster_agent_v1_StopQuestion, _ringmaster_agent_v1_StopQuestion__Output>
        StopRun: MessageTypeDefinition<_ringmaster_agent_v1_StopRun, _ringmaster_agent_v1_StopRun__Output>
        StopVerdict: EnumTypeDefinition
        Superseded: MessageTypeDefinition<_ringmaster_agent_v1_Superseded, _ringmaster_agent_v1_Superseded__Output>
        Unsupported: MessageTypeDefinition<_ringmaster_agent_v1_Unsupported, _ringmaster_agent_v1_Unsupported__Output>
        WatchPeer: MessageTypeDefinition<_ringmaster_agent_v1_WatchPeer, _ringmaster_agent_v1_WatchPeer__Output>
        Welcome: MessageTypeDefinition<_ringmaster_agent_v1_Welcome, _ringmaster_agent_v1_Welcome__Output>
      }
    }
  }
}

