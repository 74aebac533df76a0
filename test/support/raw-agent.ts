// A stream to a coordinator with a certificate of its own and no manners: it says what the test has it say, credit or not.
import type * as grpc from '@grpc/grpc-js';
import { enrol } from '../../agent/enrol.ts';
import type { Identity } from '../../agent/identity/identity.ts';
import { tlsCredentials } from '../../agent/link/connection.ts';
import { agentMessageToWire, coordinatorMessageFromWire } from '../../shared/wire/codec.ts';
import type { AgentMessage, CoordinatorMessage } from '../../shared/wire/messages.ts';
import { AgentLinkClient, COORDINATOR_NAME } from '../../shared/wire/service.ts';
import { eventually } from './eventually.ts';

export interface RawStream {
  heard: CoordinatorMessage[];
  say: (message: AgentMessage) => void;
  /** all messages of a kind, once there are at least `count` */
  hear: <K extends CoordinatorMessage['kind']>(
    kind: K,
    count?: number,
  ) => Promise<Extract<CoordinatorMessage, { kind: K }>[]>;
  /** resolves with how the coordinator ended the stream */
  ended: Promise<{ code: grpc.status; details: string }>;
  close: () => void;
}

/** @param bundle from POST nodes/{id}/enrolment. @returns how to open streams, one after the other or side by side */
export const enrolRawAgent = async (bundle: string): Promise<() => RawStream> =>
  rawAgent(await enrol(bundle));

/** The same for one that has its identity. */
export function rawAgent(identity: Identity): () => RawStream {
  const [address = ''] = identity.coordinatorAddresses;
  return () => {
    const client = new AgentLinkClient(address, tlsCredentials(identity), {
      'grpc.ssl_target_name_override': COORDINATOR_NAME,
      'grpc.default_authority': COORDINATOR_NAME,
      'grpc.max_send_message_length': -1,
    });
    const call = client.Attach();
    const heard: CoordinatorMessage[] = [];
    call.on('data', (raw: Parameters<typeof coordinatorMessageFromWire>[0]) => {
      heard.push(coordinatorMessageFromWire(raw));
    });
    call.on('error', () => {});
    const ended = new Promise<grpc.StatusObject>((resolve) => call.once('status', resolve));
    const hear: RawStream['hear'] = (kind, count = 1) =>
      eventually(() => {
        type Wanted = Extract<CoordinatorMessage, { kind: typeof kind }>;
        const found = heard.filter((message): message is Wanted => message.kind === kind);
        if (found.length < count) throw new Error(`${found.length} of ${count} ${kind} heard`);
        return found;
      });
    return {
      heard,
      say: (message) => void call.write(agentMessageToWire(message) as never),
      hear,
      ended,
      close: () => {
        call.cancel();
        client.close();
      },
    };
  };
}
