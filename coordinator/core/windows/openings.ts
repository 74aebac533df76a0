// The open times of a cluster one after the other, for whoever works his way through them.
import { looksAhead } from './standing.ts';
import type { MaintenanceWindow } from './times.ts';

/** A quarter of nights: what takes longer nobody can tell the end of. */
const MOST_OPENINGS = 100;
const NEVER = { beginsMs: null, shutsMs: null };

/** Asked about moments in their order. All times are milliseconds since 1970; Infinity: never, or not for as long as is looked ahead. */
export class Openings {
  readonly #opensAndShuts: ReturnType<typeof looksAhead>;
  #left = MOST_OPENINGS;
  #beginsMs = Number.NEGATIVE_INFINITY;
  #shutsMs = Number.NEGATIVE_INFINITY;

  constructor(windows: readonly MaintenanceWindow[]) {
    this.#opensAndShuts = looksAhead(windows);
  }

  /** The first moment at this one or after it that is open. */
  opensMs(ms: number): number {
    if (ms >= this.#shutsMs && this.#shutsMs !== Number.POSITIVE_INFINITY) this.#goOn(ms);
    return Math.max(ms, this.#beginsMs);
  }

  #goOn(ms: number): void {
    this.#left -= 1;
    const { beginsMs, shutsMs } = this.#left < 0 ? NEVER : this.#opensAndShuts(ms);
    this.#beginsMs = beginsMs ?? Number.POSITIVE_INFINITY;
    this.#shutsMs = shutsMs ?? Number.POSITIVE_INFINITY;
  }

  /** When so much open time has passed since this moment. */
  passedMs(ms: number, lengthMs: number): number {
    let fromMs = this.opensMs(ms);
    let leftMs = lengthMs;
    while (fromMs + leftMs > this.#shutsMs) {
      leftMs -= this.#shutsMs - fromMs;
      fromMs = this.opensMs(this.#shutsMs);
    }
    return fromMs + leftMs;
  }
}
