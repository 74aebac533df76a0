// Loads the protocol's two services for grpc-js; the only place that reads the .proto file.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { ProtoGrpcType } from './generated/agent.ts';
import type { AgentMessage, AgentMessage__Output } from './generated/ringmaster/agent/v1/AgentMessage.ts';
import type {
  CoordinatorMessage,
  CoordinatorMessage__Output,
} from './generated/ringmaster/agent/v1/CoordinatorMessage.ts';
import type { EnrolReply } from './generated/ringmaster/agent/v1/EnrolReply.ts';
import type { EnrolRequest__Output } from './generated/ringmaster/agent/v1/EnrolRequest.ts';
import type { RenewReply } from './generated/ringmaster/agent/v1/RenewReply.ts';
import type { RenewRequest__Output } from './generated/ringmaster/agent/v1/RenewRequest.ts';

// Beside the sources and, in a build, beside dist: the first that is there.
const protoFile = ['../../proto', '../../../proto']
  .map((up) => fileURLToPath(new URL(`${up}/ringmaster/agent/v1/agent.proto`, import.meta.url)))
  .find(existsSync);
if (protoFile === undefined) throw new Error('proto/ringmaster/agent/v1/agent.proto is missing');

const loaded = grpc.loadPackageDefinition(
  loadSync(protoFile, { longs: Number, enums: String, defaults: true, oneofs: true }),
) as unknown as ProtoGrpcType;

export const AgentLinkClient = loaded.ringmaster.agent.v1.AgentLink;
export const EnrolmentClient = loaded.ringmaster.agent.v1.Enrolment;

/** A record batch as it came: its bytes take a third of the memory of its objects, and it may have to wait for its turn. */
export class UnopenedBatch {
  readonly bytes: Buffer;
  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

export type AgentMessageAsCame = AgentMessage__Output | UnopenedBatch;

export const decodeAgentMessage = AgentLinkClient.service.Attach.requestDeserialize;
/** Field 4 of AgentMessage, length-delimited: how a message that is a record batch begins. */
const BATCH_BEGINS_WITH = (4 << 3) | 2;

/** AgentLink as a coordinator serves it: record batches arrive unopened. */
export const GATEWAY_SERVICE = {
  Renew: AgentLinkClient.service.Renew,
  Attach: {
    ...AgentLinkClient.service.Attach,
    requestDeserialize: (bytes: Buffer): AgentMessageAsCame =>
      bytes[0] === BATCH_BEGINS_WITH ? new UnopenedBatch(bytes) : decodeAgentMessage(bytes),
  },
};

/** The server's side of the calls. */
export type AttachCall = grpc.ServerDuplexStream<AgentMessageAsCame, CoordinatorMessage>;
/** The agent's side of Attach. */
export type AgentStream = grpc.ClientDuplexStream<AgentMessage, CoordinatorMessage__Output>;
export type EnrolCall = grpc.ServerUnaryCall<EnrolRequest__Output, EnrolReply>;
export type EnrolCallback = grpc.sendUnaryData<EnrolReply>;
export type RenewCall = grpc.ServerUnaryCall<RenewRequest__Output, RenewReply>;
export type RenewCallback = grpc.sendUnaryData<RenewReply>;

/** Every coordinator's certificate carries this name, so that agents may dial any address. */
export const COORDINATOR_NAME = 'coordinator.ringmaster';

/** No message may be larger than this, either way: the input of a run holds a whole profile. */
export const MOST_MESSAGE_BYTES = 4 * 1024 * 1024;

/** A coordinator takes no larger ones from agents: it holds up to two batches of each. A sound agent's are far smaller. */
export const MOST_AGENT_MESSAGE_BYTES = 1024 * 1024;

/** HTTP/2 keepalive, both ends: a ping this often, and the connection is given up when its answer takes longer than that. */
export interface Keepalive {
  pingEveryMs: number;
  answerWithinMs: number;
  /** a connection without a call for so long is ended by the coordinator: pings alone would keep it for ever */
  unusedAfterMs: number;
}

export const KEEPALIVE: Keepalive = { pingEveryMs: 30_000, answerWithinMs: 15_000, unusedAfterMs: 30_000 };

/** What both ends of a link agree on. */
export const linkOptions = ({ pingEveryMs, answerWithinMs }: Keepalive) => ({
  'grpc.keepalive_time_ms': pingEveryMs,
  'grpc.keepalive_timeout_ms': answerWithinMs,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.max_receive_message_length': MOST_MESSAGE_BYTES,
  'grpc.max_send_message_length': MOST_MESSAGE_BYTES,
  // Nobody asks for its books, and it keeps some of every connection.
  'grpc.enable_channelz': 0,
});
