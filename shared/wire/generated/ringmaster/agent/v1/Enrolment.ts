// Original file: proto/ringmaster/agent/v1/agent.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { EnrolReply as _ringmaster_agent_v1_EnrolReply, EnrolReply__Output as _ringmaster_agent_v1_EnrolReply__Output } from '../../../ringmaster/agent/v1/EnrolReply.ts';
import type { EnrolRequest as _ringmaster_agent_v1_EnrolRequest, EnrolRequest__Output as _ringmaster_agent_v1_EnrolRequest__Output } from '../../../ringmaster/agent/v1/EnrolRequest.ts';

/**
 * Served on a listener of its own (TLS, no client certificate), and nothing else is served there.
 */
export interface EnrolmentClient extends grpc.Client {
  /**
   * Trades a single-use secret and a certificate request for a client certificate.
   */
  Enrol(argument: _ringmaster_agent_v1_EnrolRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringmaster_agent_v1_EnrolReply__Output>): grpc.ClientUnaryCall;
  Enrol(argument: _ringmaster_agent_v1_EnrolRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringmaster_agent_v1_EnrolReply__Output>): grpc.ClientUnaryCall;
  Enrol(argument: _ringmaster_agent_v1_EnrolRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringmaster_agent_v1_EnrolReply__Output>): grpc.ClientUnaryCall;
  Enrol(argument: _ringmaster_agent_v1_EnrolRequest, callback: grpc.requestCallback<_ringmaster_agent_v1_EnrolReply__Output>): grpc.ClientUnaryCall;
  /**
   * Trades a single-use secret and a certificate request for a client certificate.
   */
  enrol(argument: _ringmaster_agent_v1_EnrolRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_ringmaster_agent_v1_EnrolReply__Output>): grpc.ClientUnaryCall;
  enrol(argument: _ringmaster_agent_v1_EnrolRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_ringmaster_agent_v1_EnrolReply__Output>): grpc.ClientUnaryCall;
  enrol(argument: _ringmaster_agent_v1_EnrolRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_ringmaster_agent_v1_EnrolReply__Output>): grpc.ClientUnaryCall;
  enrol(argument: _ringmaster_agent_v1_EnrolRequest, callback: grpc.requestCallback<_ringmaster_agent_v1_EnrolReply__Output>): grpc.ClientUnaryCall;
  
}

/**
 * Served on a listener of its own (TLS, no client certificate), and nothing else is served there.
 */
export interface EnrolmentHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Trades a single-use secret and a certificate request for a client certificate.
   */
  Enrol: grpc.handleUnaryCall<_ringmaster_agent_v1_EnrolRequest__Output, _ringmaster_agent_v1_EnrolReply>;
  
}

export interface EnrolmentDefinition extends grpc.ServiceDefinition {
  Enrol: MethodDefinition<_ringmaster_agent_v1_EnrolRequest, _ringmaster_agent_v1_EnrolReply, _ringmaster_agent_v1_EnrolRequest__Output, _ringmaster_agent_v1_EnrolReply__Output>
}
