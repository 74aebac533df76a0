// Original file: proto/ringmaster/agent/v1/agent.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AgentMessage as _ringmaster_agent_v1_AgentMessage, AgentMessage__Output as _ringmaster_agent_v1_AgentMessage__Output } from '../../../ringmaster/agent/v1/AgentMessage.ts';
import type { CoordinatorMessage as _ringmaster_agent_v1_CoordinatorMessage, CoordinatorMessage__Output as _ringmaster_agent_v1_CoordinatorMessage__Output } from '../../../ringmaster/agent/v1/CoordinatorMessage.ts';

/**
 * Served on the agents' listener, mutual TLS only.
 */
export interface AgentLinkClient extends grpc.Client {
  /**
   * One stream for as long as the agent lives. The agent's first message is Hello, the coordinator's first is Welcome.
   */
  Attach(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_ringmaster_agent_v1_AgentMessage, _ringmaster_agent_v1_CoordinatorMessage__Output>;
  Attach(options?: grpc.CallOptions): grpc.ClientDuplexStream<_ringmaster_agent_v1_AgentMessage, _ringmaster_agent_v1_CoordinatorMessage__Output>;
  /**
   * One stream for as long as the agent lives. The agent's first message is Hello, the coordinator's first is Welcome.
   */
  attach(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_ringmaster_agent_v1_AgentMessage, _ringmaster_agent_v1_CoordinatorMessage__Output>;
  attach(options?: grpc.CallOptions): grpc.ClientDuplexStream<_ringmaster_agent_v1_AgentMessage, _ringmaster_agent_v1_CoordinatorMessage__Output>;
  
}

/**
 * Served on the agents' listener, mutual TLS only.
 */
export interface AgentLinkHandlers extends grpc.UntypedServiceImplementation {
  /**
   * One stream for as long as the agent lives. The agent's first message is Hello, the coordinator's first is Welcome.
   */
  Attach: grpc.handleBidiStreamingCall<_ringmaster_agent_v1_AgentMessage__Output, _ringmaster_agent_v1_CoordinatorMessage>;
  
}

export interface AgentLinkDefinition extends grpc.ServiceDefinition {
  Attach: MethodDefinition<_ringmaster_agent_v1_AgentMessage, _ringmaster_agent_v1_CoordinatorMessage, _ringmaster_agent_v1_AgentMessage__Output, _ringmaster_agent_v1_CoordinatorMessage__Output>
}
