// Gathers record batches of all streams into transactions and acknowledges each stream's only after the commit.
import type { Logger } from '../../shared/log.ts';
import type { WireRecord } from '../../shared/wire/messages.ts';
import { type Database, isDatabaseAway } from '../store/database.ts';
import { type NodeRecord, storeRecords } from '../store/ingest.ts';
import type { Wakes } from '../store/wakes.ts';

/** Records a transaction takes at the most: past this, statements grow slower than they save. */
const MOST_RECORDS = 2_000;
const AWAY_RETRY_MS = 500;

/** One batch as it came, and what to do once it is committed. */
export interface Delivery {
  nodeId: string;
  records: readonly WireRecord[];
  stored: (foreign: ReadonlySet<string>) => void;
}

/** Memory is bounded by the credit window of each stream: an unacknowledged batch is not followed by a third one. */
export class Ingest {
  readonly #db: Database;
  readonly #wakes: Wakes;
  readonly #log: Logger;
  readonly #lanes: number;
  readonly #waiting: Delivery[] = [];
  #working = 0;
  #stopped = false;

  constructor(db: Database, wakes: Wakes, log: Logger, lanes = 2) {
    this.#db = db;
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
    this.#waiting.length = 0;
  }

  async #work(): Promise<void> {
    this.#working += 1;
    while (this.#waiting.length > 0) await this.#storeNext();
    this.#working -= 1;
  }

  async #storeNext(): Promise<void> {
    const taken: Delivery[] = [];
    let count = 0;
    for (
      let next = this.#waiting[0];
      next !== undefined && (count === 0 || count + next.records.length <= MOST_RECORDS);
      next = this.#waiting[0]
    ) {
      this.#waiting.shift();
      taken.push(next);
      count += next.records.length;
    }
    const records: NodeRecord[] = taken.flatMap(({ nodeId, records }) =>
      records.map((record) => ({ nodeId, record })),
    );
    for (;;) {
      try {
        const { jobs, foreign } = await storeRecords(this.#db, records);
        for (const delivery of taken) delivery.stored(foreign);
        for (const jobId of jobs) this.#wakes.wake('job', jobId);
        return;
      } catch (err) {
        if (this.#stopped) return;
        // Not acknowledged, so nothing is lost: a database that is away is waited for, a record it refuses is looked for.
        if (!isDatabaseAway(err)) {
          this.#log.error('records not stored', { err, count });
          if (taken.length > 1) return await this.#oneByOne(taken);
          taken[0]?.stored(new Set());
          return;
        }
        this.#log.warn('database away, records wait', { err, count });
        await new Promise((resolve) => setTimeout(resolve, AWAY_RETRY_MS));
      }
    }
  }

  /** One stream's bad record must not hold up the others. */
  async #oneByOne(deliveries: readonly Delivery[]): Promise<void> {
    for (const { nodeId, records, stored } of deliveries) {
      const { jobs, foreign } = await storeRecords(
        this.#db,
        records.map((record) => ({ nodeId, record })),
      ).catch((err) => {
        this.#log.error('batch refused', { nodeId, err, count: records.length });
        return { jobs: new Set<string>(), foreign: new Set<string>() };
      });
      stored(foreign);
      for (const jobId of jobs) this.#wakes.wake('job', jobId);
    }
  }
}
