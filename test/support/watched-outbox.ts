// An agent's own outbox with somebody watching between it and the link, and a gate that may hold the link back.
import { EventEmitter, once } from 'node:events';
import type { Outbox } from '../../agent/disk/outbox.ts';

/** While it is closed nothing is sent; records go on being laid up. */
export class Gate {
  readonly #moved = new EventEmitter().setMaxListeners(0);
  isOpen: boolean;

  constructor(isOpen: boolean) {
    this.isOpen = isOpen;
  }

  open(): void {
    this.isOpen = true;
    this.#moved.emit('open');
  }

  close(): void {
    this.isOpen = false;
  }

  async opened(signal?: AbortSignal): Promise<void> {
    if (!this.isOpen) await once(this.#moved, 'open', signal === undefined ? {} : { signal });
  }
}

export interface Watch {
  outbox: Outbox;
  /** records handed to the link, those handed out again after a reconnect included */
  taken: number;
  /** records acknowledged */
  acknowledged: number;
}

/** Everything is passed on to the real outbox. */
export function watchOutbox(
  outbox: Outbox,
  { gate = new Gate(true), acknowledged = () => {} }: { gate?: Gate; acknowledged?: () => void } = {},
): Watch {
  const seqs = new Map<string, number>();
  const watch: Watch = {
    taken: 0,
    acknowledged: 0,
    outbox: {
      append: (runId, body, kind) => outbox.append(runId, body, kind),
      appendFailure: (runId, body) => outbox.appendFailure(runId, body),
      take: (most, mostBytes) => {
        const entries = outbox.take(most, mostBytes);
        watch.taken += entries.length;
        return entries;
      },
      ready: async (signal) => {
        do {
          await gate.opened(signal);
          await outbox.ready(signal);
        } while (!gate.isOpen);
      },
      acknowledge: (runId, seq) => {
        watch.acknowledged += Math.max(0, seq - (seqs.get(runId) ?? 0));
        seqs.set(runId, Math.max(seq, seqs.get(runId) ?? 0));
        outbox.acknowledge(runId, seq);
        acknowledged();
      },
      rewind: () => outbox.rewind(),
      lastSeq: (runId) => outbox.lastSeq(runId),
      isFinished: (runId) => outbox.isFinished(runId),
      forget: (runId) => outbox.forget(runId),
      pendingCount: () => outbox.pendingCount(),
      pendingBytes: () => outbox.pendingBytes(),
      close: () => outbox.close(),
    },
  };
  return watch;
}
