// An agent's end of the link without an agent behind it: says what the test has it say, with the papers that the test gives it.
import * as grpc from '@grpc/grpc-js';
import { tlsCredentials } from '../../agent/link/connection.ts';
import { agentMessageToWire, coordinatorMessageFromWire } from '../../shared/wire/codec.ts';
import type { AgentMessage, CoordinatorMessage } from '../../shared/wire/messages.ts';
import { AgentLinkClient, COORDINATOR_NAME } from '../../shared/wire/service.ts';

export interface Papers {
  caPem: string;
  privateKeyPem: string;
  certificatePem: string;
}

export interface RawStream {
  heard: CoordinatorMessage[];
  say(message: AgentMessage): void;
  /** reads nothing more, and leaves what comes to the wire, until it is told otherwise */
  deaf(isDeaf: boolean): void;
  /** how the stream ended */
  ended: Promise<{ code: grpc.status; details: string }>;
  close(): void;
}

/** @param papers only the authority's certificate: a client that shows none */
export function openRawStream(port: number, papers: Papers | Pick<Papers, 'caPem'>): RawStream {
  const credentials =
    'privateKeyPem' in papers
      ? tlsCredentials(papers)
      : grpc.credentials.createSsl(Buffer.from(papers.caPem));
  const client = new AgentLinkClient(`127.0.0.1:${port}`, credentials, {
    'grpc.ssl_target_name_override': COORDINATOR_NAME,
    'grpc.default_authority': COORDINATOR_NAME,
    'grpc.enable_retries': 0,
  });
  const stream = client.Attach();
  const heard: CoordinatorMessage[] = [];
  stream.on('data', (raw) => heard.push(coordinatorMessageFromWire(raw)));
  stream.on('error', () => {});
  const ended = new Promise<{ code: grpc.status; details: string }>((resolve) => {
    stream.on('status', ({ code, details }) => resolve({ code, details }));
  });
  return {
    heard,
    say: (message) => void stream.write(agentMessageToWire(message)),
    deaf: (isDeaf) => void (isDeaf ? stream.pause() : stream.resume()),
    ended,
    close: () => {
      stream.cancel();
      client.close();
    },
  };
}

export const helloOf = (streamId: string, runIds: string[] = []): AgentMessage => ({
  kind: 'hello',
  version: '0',
  hostname: 'raw',
  runIds,
  streamId,
});
