// Original file: proto/ringmaster/agent/v1/agent.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AgentMessage as _ringmaster_agent_v1_AgentMessage, AgentMessage__Output as _ringmaster_agent_v1_AgentMessage__Output } from '../../../ringmaster/agent/v1/AgentMessage.ts';
import type { CoordinatorMessage as _ringmaster_agent_v1_CoordinatorMessage, CoordinatorMessage__Output as _ringmaster_agent_v1_CoordinatorMessage__Output } from '../../../ringmaster/agent/v1/CoordinatorMessage.ts';
import type { RenewReply as _ringmaster_agent_v1_RenewReply, RenewReply__Output as _ringmaster_agent_v1_RenewReply__Output } from '../../../ringmaster/agent/v1/RenewReply.ts';
import type { RenewRequest as _ringmaster_agent_v1_RenewRequest, RenewRequest__Output as _ringmaster_agent_v1_RenewRequest__Output } from '../../../ringmaster/agent/v1/RenewRequest.ts';

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
  
  /**
   * Another certificate for the node of the certificate that asks, with a key of its own. The one that asks stays good until the
   * new one was first seen.
   */
  Renew(argument: _ringmaster_agent_v1_RenewRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringmaster_agent_v1_RenewReply__Output>): grpc.ClientUnaryCall;
  Renew(argument: _ringmaster_agent_v1_RenewRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringmaster_agent_v1_RenewReply__Output>): grpc.ClientUnaryCall;
  Renew(argument: _ringmaster_agent_v1_RenewRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringmaster_agent_v1_RenewReply__Output>): grpc.ClientUnaryCall;
  Renew(argument: _ringmaster_agent_v1_RenewRequest, callback: grpc.requestCallback<_ringmaster_agent_v1_RenewReply__Output>): grpc.ClientUnaryCall;
  /**
   * Another certificate for the node of the certificate that asks, with a key of its own. The one that asks stays good until the
   * new one was first seen.
   */
  renew(argument: _ringmaster_agent_v1_RenewRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringmaster_agent_v1_RenewReply__Output>): grpc.ClientUnaryCall;
  renew(argument: _ringmaster_agent_v1_RenewRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringmaster_agent_v1_RenewReply__Output>): grpc.ClientUnaryCall;
  renew(argument: _ringmaster_agent_v1_RenewRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringmaster_agent_v1_RenewReply__Output>): grpc.ClientUnaryCall;
  renew(argument: _ringmaster_agent_v1_RenewRequest, callback: grpc.requestCallback<_ringmaster_agent_v1_RenewReply__Output>): grpc.ClientUnaryCall;
  
}

/**
 * Served on the agents' listener, mutual TLS only.
 */
export interface AgentLinkHandlers extends grpc.UntypedServiceImplementation {
  /**
   * One stream for as long as the agent lives. The agent's first message is Hello, the coordinator's first is Welcome.
   */
  Attach: grpc.handleBidiStreamingCall<_ringmaster_agent_v1_AgentMessage__Output, _ringmaster_agent_v1_CoordinatorMessage>;
  
  /**
   * Another certificate for the node of the certificate that asks, with a key of its own. The one that asks stays good until the
   * new one was first seen.
   */
  Renew: grpc.handleUnaryCall<_ringmaster_agent_v1_RenewRequest__Output, _ringmaster_agent_v1_RenewReply>;
  
}

export interface AgentLinkDefinition extends grpc.ServiceDefinition {
  Attach: MethodDefinition<_ringmaster_agent_v1_AgentMessage, _ringmaster_agent_v1_CoordinatorMessage, _ringmaster_agent_v1_AgentMessage__Output, _ringmaster_agent_v1_CoordinatorMessage__Output>
  Renew: MethodDefinition<_ringmaster_agent_v1_RenewRequest, _ringmaster_agent_v1_RenewReply, _ringmaster_agent_v1_RenewRequest__Output, _ringmaster_agent_v1_RenewReply__Output>
}
