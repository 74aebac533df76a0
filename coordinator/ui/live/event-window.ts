// The part of a job's log that is held in memory: its newest events up to a limit, which grows when earlier ones are asked for.
import type { LogEvent } from './log-event.ts';

/** Loaded at first, and with each request for earlier ones. */
export const CHUNK = 10_000;
/** What a browser holds without effort; past it the API is the better reader. */
export const MOST_HELD = 50_000;

export class EventWindow {
  #events: readonly LogEvent[] = [];
  #limit = CHUNK;
  readonly #lastAtMs = new Map<string, number>();

  /** In order; a new array whenever something changed. */
  get events(): readonly LogEvent[] {
    return this.#events;
  }

  /** How many before the first held one. */
  get earlier(): number {
    return (this.#events[0]?.number ?? 1) - 1;
  }

  get lastNumber(): number {
    return this.#events.at(-1)?.number ?? 0;
  }

  get canGrow(): boolean {
    return this.#limit < MOST_HELD;
  }

  /** When the newest event of a node was made; of those that were held at any time. */
  lastAtMs(nodeId: string): number | undefined {
    return this.#lastAtMs.get(nodeId);
  }

  /** Repeats are left out, and the oldest give way. */
  append(batch: readonly LogEvent[]): void {
    const last = this.lastNumber;
    const fresh = batch.filter(({ number }) => number > last);
    if (fresh.length === 0) return;
    for (const { nodeId, atMs } of fresh) if (nodeId !== null) this.#lastAtMs.set(nodeId, atMs);
    this.#events = [...this.#events, ...fresh].slice(-this.#limit);
  }

  /** Events before the first held one, in order. */
  prepend(batch: readonly LogEvent[]): void {
    const first = this.#events[0]?.number ?? Number.POSITIVE_INFINITY;
    this.#limit = Math.min(MOST_HELD, this.#limit + CHUNK);
    this.#events = [...batch.filter(({ number }) => number < first), ...this.#events].slice(-this.#limit);
  }
}
