// What a coordinator hears from an agent: any message, but a record batch stays closed until its turn to be stored has come.
import { InvalidInput } from '../errors.ts';
import { isUuid } from '../uuid.ts';
import { agentMessageFromWire } from './codec.ts';
import type { AgentMessage, WireRecord } from './messages.ts';
import { type AgentMessageAsCame, decodeAgentMessage, UnopenedBatch } from './service.ts';

export interface WireBatch {
  /** of memory, while it waits */
  bytes: number;
  /** @throws when it is not what it seemed */
  open: () => WireRecord[];
}

export type HeardMessage =
  | Exclude<AgentMessage, { kind: 'record-batch' }>
  | { kind: 'record-batch'; batch: WireBatch };

/** Never throws, whatever came. */
export function heardFromWire(came: AgentMessageAsCame): HeardMessage {
  if (came instanceof UnopenedBatch) {
    const { bytes } = came;
    return { kind: 'record-batch', batch: { bytes: bytes.length, open: () => open(bytes) } };
  }
  const message = agentMessageFromWire(came);
  if (message.kind === 'record-batch') return { kind: 'unsupported', what: 'a record batch in disguise' };
  const foreign = idsIn(message).find((id) => !isUuid(id));
  if (foreign !== undefined)
    return { kind: 'unsupported', what: `${message.kind} with an id that is no UUID: ${quoted(foreign)}` };
  return storable(message);
}

type Sound = Exclude<AgentMessage, { kind: 'record-batch' }>;

/** The runs and questions that a message is about. A hello may name runs that nobody knows. */
const idsIn = (message: Sound): string[] => [
  ...('runId' in message ? [message.runId] : []),
  ...('questionId' in message ? [message.questionId] : []),
];

const quoted = (id: string): string => JSON.stringify(id.length > 40 ? `${id.slice(0, 40)}…` : id);

/** PostgreSQL takes no NUL in a text, and a message that cannot be stored would end its stream. */
const storable = (message: Sound): Sound =>
  Object.fromEntries(
    Object.entries(message).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value,
    ]),
  ) as Sound;

function open(bytes: Buffer): WireRecord[] {
  const message = agentMessageFromWire(decodeAgentMessage(bytes));
  if (message.kind !== 'record-batch')
    throw new InvalidInput(`a record batch that turned out as ${message.kind}`);
  return message.records;
}
