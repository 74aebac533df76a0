// What a coordinator hears from an agent: any message, but a record batch stays closed until its turn to be stored has come.
import { InvalidInput } from '../errors.ts';
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
  return message.kind === 'record-batch'
    ? { kind: 'unsupported', what: 'a record batch in disguise' }
    : message;
}

function open(bytes: Buffer): WireRecord[] {
  const message = agentMessageFromWire(decodeAgentMessage(bytes));
  if (message.kind !== 'record-batch')
    throw new InvalidInput(`a record batch that turned out as ${message.kind}`);
  return message.records;
}
