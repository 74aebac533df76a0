// A coordinator's end of the link for tests: a real gRPC server on a free port that says only what the test has it say.
import * as grpc from '@grpc/grpc-js';
import { nodeIdFromSubjectAltName } from '../../../shared/pki/node-identity.ts';
import { agentMessageFromWire, coordinatorMessageToWire } from '../../../shared/wire/codec.ts';
import type { AgentMessage, CoordinatorMessage } from '../../../shared/wire/messages.ts';
import { AgentLinkClient, type AttachCall } from '../../../shared/wire/service.ts';
import { eventually } from '../../support/eventually.ts';

export const WELCOME = {
  kind: 'welcome',
  heartbeatWithRunMs: 10_000,
  heartbeatIdleMs: 60_000,
  creditBatches: 2,
  secrets: [],
} as const satisfies CoordinatorMessage;

/** One stream that an agent opened. */
export interface Stream {
  heard: AgentMessage[];
  /** what the agent's certificate says; null without TLS */
  nodeId: string | null;
  say: (message: CoordinatorMessage) => void;
  /** what another version might send: wire form, unchecked */
  sayRaw: (raw: object) => void;
  cut: () => void;
  /** what becomes of an agent that is not known any more */
  refuse: () => void;
}

type Kind = AgentMessage['kind'];

/** All messages of a kind heard so far. */
export const heardOf = <K extends Kind>({ heard }: Stream, kind: K): Extract<AgentMessage, { kind: K }>[] =>
  heard.filter((message): message is Extract<AgentMessage, { kind: K }> => message.kind === kind);

/** Waits until at least `count` of that kind were heard. */
export const hear = <K extends Kind>(stream: Stream, kind: K, count = 1) =>
  eventually(() => {
    const found = heardOf(stream, kind);
    if (found.length < count) throw new Error(`${found.length} of ${count} ${kind} heard`);
    return found;
  });

/** @param credentials insecure unless given */
export async function startStubCoordinator(credentials = grpc.ServerCredentials.createInsecure()) {
  const server = new grpc.Server();
  const streams: Stream[] = [];
  server.addService(AgentLinkClient.service, {
    Attach: (call: AttachCall) => {
      const heard: AgentMessage[] = [];
      call.on('data', (raw) => heard.push(agentMessageFromWire(raw)));
      call.on('error', () => {});
      const certificate = call.getAuthContext().sslPeerCertificate;
      streams.push({
        heard,
        nodeId: nodeIdFromSubjectAltName(certificate?.subjectaltname),
        say: (message) => void call.write(coordinatorMessageToWire(message)),
        sayRaw: (raw) => void call.write(raw),
        refuse: () =>
          void call.emit(
            'error',
            Object.assign(new Error('refused'), { code: grpc.status.PERMISSION_DENIED, details: 'refused' }),
          ),
        cut: () =>
          void call.emit('error', Object.assign(new Error('cut'), { code: grpc.status.UNAVAILABLE })),
      });
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    streams,
    /** The n-th stream, from 0, once it is there and its hello was heard. */
    stream: async (index: number): Promise<Stream> => {
      const stream = await eventually(() => {
        const found = streams[index];
        if (found === undefined) throw new Error(`no stream ${index} yet`);
        return found;
      });
      await hear(stream, 'hello');
      return stream;
    },
    stop: async (): Promise<void> => server.forceShutdown(),
  };
}
