// Work that is asked for one by one and done together: what comes while a batch is under way is the next batch.
import { isDatabaseAway } from './database.ts';

/** Past this, a statement grows slower than it saves. */
const MOST_ITEMS = 500;

/** Does the work of one batch, in which no node comes twice. @returns the answers by node; none is an answer too */
export type Work<In, Out> = (items: readonly In[]) => Promise<ReadonlyMap<string, Out>>;

interface Asked<In, Out> {
  item: In;
  resolve: (answer: Out | undefined) => void;
  reject: (error: unknown) => void;
}

/** Thousands of agents that come at once cost a handful of statements, and one connection of the pool. */
export class Together<In extends { nodeId: string }, Out> {
  readonly #work: Work<In, Out>;
  #waiting: Asked<In, Out>[] = [];
  #atWork = false;

  constructor(work: Work<In, Out>) {
    this.#work = work;
  }

  /** @throws what the work throws */
  ask(item: In): Promise<Out | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#atWork) void this.#takeTurns();
    });
  }

  async #takeTurns(): Promise<void> {
    this.#atWork = true;
    await new Promise((resolve) => setImmediate(resolve)); // what came in one turn of the loop goes together
    while (this.#waiting.length > 0) await this.#do(this.#take());
    this.#atWork = false;
  }

  #take(): Asked<In, Out>[] {
    const taken = new Map<string, Asked<In, Out>>();
    const left: Asked<In, Out>[] = [];
    for (const asked of this.#waiting) {
      if (taken.size < MOST_ITEMS && !taken.has(asked.item.nodeId)) taken.set(asked.item.nodeId, asked);
      else left.push(asked);
    }
    this.#waiting = left;
    return [...taken.values()];
  }

  async #do(batch: readonly Asked<In, Out>[]): Promise<void> {
    try {
      const answers = await this.#work(batch.map(({ item }) => item));
      for (const { item, resolve } of batch) resolve(answers.get(item.nodeId));
    } catch (error) {
      if (batch.length === 1 || isDatabaseAway(error)) {
        for (const { reject } of batch) reject(error);
        return;
      }
      // One of them may be at fault, or two batches met: the others must not pay for it.
      for (const asked of batch) await this.#do([asked]);
    }
  }
}
