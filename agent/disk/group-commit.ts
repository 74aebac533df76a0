// One commit at a time: what is asked for while a commit is under way shares the next one.

/**
 * The first request on an idle log goes out at once (in the same turn of the event loop, with its neighbours);
 * under load the groups grow by themselves to what the disk can take.
 */
export class GroupCommit<T> {
  readonly #commit: (group: readonly T[]) => Promise<void>;
  readonly #weigh: (item: T) => number;
  readonly #mostWeight: number;
  #queue: T[] = [];
  #poked = false;
  #running: Promise<void> | null = null;

  /**
   * @param commit settles its own items; when it throws nevertheless, that is a bug and surfaces in idle()
   * @param mostWeight a group ends before it grows heavier, but holds at least one item
   */
  constructor(
    commit: (group: readonly T[]) => Promise<void>,
    weigh: (item: T) => number,
    mostWeight: number,
  ) {
    this.#commit = commit;
    this.#weigh = weigh;
    this.#mostWeight = mostWeight;
  }

  add(item: T): void {
    this.#queue.push(item);
    this.#start();
  }

  /** Asks for a commit even if nothing is queued. */
  poke(): void {
    this.#poked = true;
    this.#start();
  }

  /** Resolves when nothing is queued or under way. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  #start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      if (this.#queue.length > 0 || this.#poked) this.#start();
    });
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // lets the rest of the caller's burst join the first group
    while (this.#queue.length > 0 || this.#poked) {
      this.#poked = false;
      let weight = 0;
      let count = 0;
      for (const item of this.#queue) {
        weight += this.#weigh(item);
        if (count > 0 && weight > this.#mostWeight) break;
        count++;
      }
      const group = count === this.#queue.length ? this.#queue : this.#queue.slice(0, count);
      this.#queue = count === this.#queue.length ? [] : this.#queue.slice(count);
      await this.#commit(group);
    }
  }
}
