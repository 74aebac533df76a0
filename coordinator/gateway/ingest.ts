// Gathers record batches of all streams into transactions and acknowledges each stream's only after the commit.
import { reasonOf } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import type { WireRecord } from '../../shared/wire/messages.ts';
import { isDataAtFault, isDatabaseAway, isMomentAtFault } from '../store/database.ts';
import type { NodeRecord, Stored } from '../store/ingest.ts';
import type { Wakes } from '../store/wakes.ts';

/** Bytes of batches in a transaction, about 2,000 records: past this, statements grow slower than they save. */
const MOST_BYTES = 800_000;
const RETRY_MS = 500;
/** A failure that comes this often in a row, from a database that is there, may be the fault of what was to be stored. */
const MOST_ALIKE = 3;

/** One batch as it came. */
export interface Delivery {
  nodeId: string;
  bytes: number;
  /** its records; asked for once, when its transaction begins */
  open: () => readonly WireRecord[];
  /** all of it is committed, in one form or another */
  stored: () => void;
  /** it cannot be: no later batch of the stream may be acknowledged, since that would stand for this one too */
  refused: () => void;
}

/** Stores records in one transaction, or none of them. */
export type StoreRecords = (records: readonly NodeRecord[]) => Promise<Stored>;

/**
 * Memory is bounded by the credit window of each stream, which its session enforces and takes back with withdraw().
 * A node's batches are stored one after the other, since an acknowledgement stands for all that came before it too;
 * nodes take turns, so that none waits for longer than one batch of each of the others.
 */
export class Ingest {
  readonly #storeRecords: StoreRecords;
  readonly #wakes: Pick<Wakes, 'wake'>;
  readonly #log: Logger;
  readonly #lanes: number;
  /** what waits of each node, oldest first */
  readonly #waiting = new Map<string, Delivery[]>();
  /** nodes with something waiting and nothing in a transaction, in the order of their turns */
  readonly #turns = new Set<string>();
  /** nodes with something in a transaction */
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
    const { nodeId } = delivery;
    const waiting = this.#waiting.get(nodeId);
    if (waiting === undefined) this.#waiting.set(nodeId, [delivery]);
    else waiting.push(delivery);
    if (!this.#busy.has(nodeId)) this.#turns.add(nodeId);
    if (this.#working < this.#lanes) void this.#work();
  }

  /** Forgets those of these deliveries that still wait: their stream is gone, and its agent will send them again. */
  withdraw(nodeId: string, gone: ReadonlySet<Delivery>): void {
    this.#keep(
      nodeId,
      (this.#waiting.get(nodeId) ?? []).filter((delivery) => !gone.has(delivery)),
    );
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting.clear();
    this.#turns.clear();
  }

  async #work(): Promise<void> {
    this.#working += 1;
    for (let taken = this.#take(); taken.length > 0; taken = this.#take()) {
      const records = taken.flatMap(({ nodeId, open }) => open().map((record) => ({ nodeId, record })));
      const failed = await this.#store(records);
      if (this.#stopped && failed.size > 0) break;
      for (const { nodeId, stored, refused } of taken) (failed.has(nodeId) ? refused : stored)();
      for (const { nodeId } of taken) {
        this.#busy.delete(nodeId);
        if (this.#waiting.has(nodeId)) this.#turns.add(nodeId);
      }
    }
    this.#working -= 1;
  }

  /** Up to a transaction's worth of what waits, node by node in their turns. */
  #take(): Delivery[] {
    const taken: Delivery[] = [];
    let bytes = 0;
    for (const nodeId of this.#turns) {
      const waiting = this.#waiting.get(nodeId) ?? [];
      const before = taken.length;
      for (const delivery of waiting) {
        if (taken.length > 0 && bytes + delivery.bytes > MOST_BYTES) break;
        taken.push(delivery);
        bytes += delivery.bytes;
      }
      if (taken.length === before) break; // full: this node is the first of the next
      this.#keep(nodeId, waiting.slice(taken.length - before));
      this.#turns.delete(nodeId);
      this.#busy.add(nodeId);
    }
    return taken;
  }

  #keep(nodeId: string, waiting: Delivery[]): void {
    if (waiting.length > 0) {
      this.#waiting.set(nodeId, waiting);
      return;
    }
    this.#waiting.delete(nodeId);
    this.#turns.delete(nodeId);
  }

  /**
   * A database that is away or too busy is waited for. What it refuses for what it holds, or again and again for whatever reason,
   * is halved until the record at fault stands alone; that one is replaced by an event that says so: nothing is acknowledged
   * that is not stored in one form or the other, and no record holds up those of others for ever.
   * @returns nodes of which not all was committed: stopped before, or the database takes not even the replacement, or not now
   */
  async #store(records: readonly NodeRecord[]): Promise<ReadonlySet<string>> {
    if (records.length === 0) return NONE;
    let alike = { reason: '', count: 0 };
    while (!this.#stopped) {
      try {
        const { jobs, toLookAt, foreign } = await this.#storeRecords(records);
        if (foreign.size > 0)
          this.#log.warn("records of runs that are not their sender's left out", { count: foreign.size });
        for (const jobId of jobs) this.#wakes.wake('events', jobId);
        for (const jobId of toLookAt) this.#wakes.wake('job', jobId);
        return NONE;
      } catch (err) {
        const reason = reasonOf(err);
        if (isDatabaseAway(err)) alike = { reason: '', count: 0 };
        else alike = { reason, count: alike.reason === reason ? alike.count + 1 : 1 };
        if (isDataAtFault(err) || alike.count >= MOST_ALIKE) return await this.#storeParts(records, err);
        this.#log.warn('records not stored yet, they wait', { err, count: records.length });
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    return new Set(records.map(({ nodeId }) => nodeId));
  }

  async #storeParts(records: readonly NodeRecord[], err: unknown): Promise<ReadonlySet<string>> {
    const [only] = records;
    if (only === undefined || records.length > 1) {
      const half = Math.ceil(records.length / 2);
      const failed = await this.#store(records.slice(0, half));
      // Behind what is missing of a node, nothing more of it is stored: it comes again as a whole.
      const rest = records.slice(half).filter(({ nodeId }) => !failed.has(nodeId));
      return new Set([...failed, ...(await this.#store(rest))]);
    }
    const { runId, seq } = only.record;
    this.#log.error('record refused by the database', { nodeId: only.nodeId, runId, seq, err });
    // Of what only came at a bad moment nothing is replaced: it comes again.
    if (isReplacement(only.record) || isMomentAtFault(err)) return new Set([only.nodeId]);
    return await this.#store([{ nodeId: only.nodeId, record: replacementOf(only.record) }]);
  }
}

const NONE: ReadonlySet<string> = new Set();
const LARGEST_SEQ = 2 ** 31 - 1;
const NO_REASON = 'The reason that the agent gave could not be stored';

const isReplacement = ({ body }: WireRecord): boolean =>
  body.kind === 'unsupported' || (body.kind === 'finished' && body.finish.reason === NO_REASON);

/** The end of a run stays its end, whatever its reason held; an event becomes one that tells of its loss. */
function replacementOf({ runId, seq, body }: WireRecord): WireRecord {
  const at = { runId, seq: Math.min(seq, LARGEST_SEQ) };
  if (body.kind === 'finished') {
    return { ...at, body: { kind: 'finished', finish: { ...body.finish, reason: NO_REASON } } };
  }
  return { ...at, body: { kind: 'unsupported', what: 'what the agent sent could not be stored' } };
}
