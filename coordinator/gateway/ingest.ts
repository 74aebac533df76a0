// Gathers record batches of all streams into transactions and acknowledges each stream's only after the commit.
import type { Logger } from '../../shared/log.ts';
import type { WireRecord } from '../../shared/wire/messages.ts';
import { isRetryable } from '../store/database.ts';
import type { NodeRecord } from '../store/ingest.ts';
import type { Wakes } from '../store/wakes.ts';

/** Records a transaction takes at the most: past this, statements grow slower than they save. */
const MOST_RECORDS = 2_000;
const RETRY_MS = 500;

/** One batch as it came, and what to do once it is committed. */
export interface Delivery {
  nodeId: string;
  records: readonly WireRecord[];
  stored: () => void;
}

/** Stores records in one transaction, or none of them. */
export type StoreRecords = (
  records: readonly NodeRecord[],
) => Promise<{ jobs: ReadonlySet<string>; foreign: ReadonlySet<string> }>;

/**
 * Memory is bounded by the credit window of each stream: an unacknowledged batch is not followed by a third one.
 * A node's batches are stored one after the other, since an acknowledgement stands for all that came before it too.
 */
export class Ingest {
  readonly #storeRecords: StoreRecords;
  readonly #wakes: Pick<Wakes, 'wake'>;
  readonly #log: Logger;
  readonly #lanes: number;
  #waiting: Delivery[] = [];
  /** nodes with a batch in a transaction under way */
  readonly #busy = new Set<string>();
  #working = 0;
  #stopped = false;

  constructor(store: StoreRecords, wakes: Pick<Wakes, 'wake'>, log: Logger, lanes = 2) {
    this.#storeRecords = store;
    this.#wakes = wakes;
    this.#log = log.child({ component: 'ingest' });
    this.#lanes = lanes;
  }

  deliver(delivery: Delivery): void {
    this.#waiting.push(delivery);
    if (this.#working < this.#lanes) void this.#work();
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting = [];
  }

  async #work(): Promise<void> {
    this.#working += 1;
    for (let taken = this.#take(); taken.length > 0; taken = this.#take()) {
      const nodes = new Set(taken.map(({ nodeId }) => nodeId));
      for (const nodeId of nodes) this.#busy.add(nodeId);
      const records = taken.flatMap(({ nodeId, records }) => records.map((record) => ({ nodeId, record })));
      if (await this.#store(records)) for (const { stored } of taken) stored();
      for (const nodeId of nodes) this.#busy.delete(nodeId);
    }
    this.#working -= 1;
  }

  /** What waits, oldest first, up to a transaction's worth; nodes that are busy keep waiting, in their order. */
  #take(): Delivery[] {
    const taken: Delivery[] = [];
    const left: Delivery[] = [];
    const passedOver = new Set(this.#busy);
    let count = 0;
    for (const delivery of this.#waiting) {
      const fits = count === 0 || count + delivery.records.length <= MOST_RECORDS;
      if (fits && !passedOver.has(delivery.nodeId)) {
        taken.push(delivery);
        count += delivery.records.length;
      } else {
        left.push(delivery);
        passedOver.add(delivery.nodeId);
      }
    }
    this.#waiting = left;
    return taken;
  }

  /**
   * A database that is away is waited for. What it refuses is halved until the record at fault stands alone; that one is
   * replaced by an event that says so: nothing is acknowledged that is not stored in one form or the other.
   * @returns false when stopped before all was committed
   */
  async #store(records: readonly NodeRecord[]): Promise<boolean> {
    while (!this.#stopped) {
      try {
        const { jobs, foreign } = await this.#storeRecords(records);
        if (foreign.size > 0)
          this.#log.warn("records of runs that are not their sender's left out", { count: foreign.size });
        for (const jobId of jobs) this.#wakes.wake('job', jobId);
        return true;
      } catch (err) {
        if (!isRetryable(err)) return await this.#storeParts(records, err);
        this.#log.warn('records not stored yet, they wait', { err, count: records.length });
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    return false;
  }

  async #storeParts(records: readonly NodeRecord[], err: unknown): Promise<boolean> {
    const [only] = records;
    if (records.length > 1) {
      const half = Math.ceil(records.length / 2);
      return (await this.#store(records.slice(0, half))) && (await this.#store(records.slice(half)));
    }
    if (only === undefined) return true;
    const { runId, seq } = only.record;
    this.#log.error('record refused by the database', { nodeId: only.nodeId, runId, seq, err });
    if (only.record.body.kind === 'unsupported') return false; // a replacement itself: leave it unacknowledged
    return await this.#store([{ nodeId: only.nodeId, record: replacementOf(only.record) }]);
  }
}

const LARGEST_SEQ = 2 ** 31 - 1;

/** The end of a run stays its end, whatever its reason held; an event becomes one that tells of its loss. */
function replacementOf({ runId, seq, body }: WireRecord): WireRecord {
  const at = { runId, seq: Math.min(seq, LARGEST_SEQ) };
  if (body.kind === 'finished') {
    const reason = 'The reason that the agent gave could not be stored';
    return { ...at, body: { kind: 'finished', finish: { ...body.finish, reason } } };
  }
  return { ...at, body: { kind: 'unsupported', what: 'what the agent sent could not be stored' } };
}
