// One stream's record batches: held to the credit it was given, handed to ingest, acknowledged once they are committed.
import type { WireBatch } from '../../shared/wire/heard.ts';
import type { CoordinatorMessage, WireRecord } from '../../shared/wire/messages.ts';
import type { Delivery, Ingest } from './ingest.ts';

/** Batches an agent may have unacknowledged: enough to keep the pipe full, few enough to bound our memory. */
export const CREDIT_BATCHES = 2;

/** What an intake does to its stream. */
export interface IntakeStream {
  send: (message: CoordinatorMessage) => void;
  end: (ending: 'protocol' | 'closed', message: string) => void;
}

export class Intake {
  readonly #nodeId: string;
  readonly #ingest: Pick<Ingest, 'deliver' | 'withdraw'>;
  readonly #stream: IntakeStream;
  readonly #unacknowledged = new Set<Delivery>();

  constructor(nodeId: string, ingest: Pick<Ingest, 'deliver' | 'withdraw'>, stream: IntakeStream) {
    this.#nodeId = nodeId;
    this.#ingest = ingest;
    this.#stream = stream;
  }

  /** An agent that goes on without credit would fill our memory: its stream ends. */
  take({ bytes, open }: WireBatch): void {
    if (this.#unacknowledged.size >= CREDIT_BATCHES) {
      this.#stream.end('protocol', `more than ${CREDIT_BATCHES} record batches unacknowledged`);
      return;
    }
    const reached = new Map<string, number>();
    const delivery: Delivery = {
      nodeId: this.#nodeId,
      bytes,
      open: () => {
        const records = this.#opened(open);
        for (const { runId, seq } of records) reached.set(runId, Math.max(reached.get(runId) ?? 0, seq));
        return records;
      },
      stored: () => {
        this.#unacknowledged.delete(delivery);
        const acks = [...reached].map(([runId, seq]) => ({ runId, seq }));
        this.#stream.send({ kind: 'ack', acks, batches: 1 });
      },
      refused: () => this.#stream.end('closed', 'records could not be stored; attach again'),
    };
    this.#unacknowledged.add(delivery);
    this.#ingest.deliver(delivery);
  }

  /** The stream is gone: what is not yet in a transaction comes again on the next one. */
  close(): void {
    this.#ingest.withdraw(this.#nodeId, this.#unacknowledged);
  }

  #opened(open: WireBatch['open']): readonly WireRecord[] {
    try {
      return open();
    } catch (error) {
      // Nothing more is acknowledged on a stream that has ended, this one included.
      this.#stream.end(
        'protocol',
        `a record batch cannot be read: ${error instanceof Error ? error.message : ''}`,
      );
      return [];
    }
  }
}
