// A clock that jumps from one happening to the next; those of one moment come in the order in which they were asked for.
import { NOW } from '../../../support/worlds.ts';

export class Clock {
  nowMs = NOW;
  readonly #coming: { atMs: number; happens: () => void }[] = [];

  after(ms: number, happens: () => void): void {
    const atMs = this.nowMs + ms;
    const place = this.#coming.findLastIndex((one) => one.atMs <= atMs) + 1;
    this.#coming.splice(place, 0, { atMs, happens });
  }

  /** Infinity: nothing happens any more */
  get nextMs(): number {
    return this.#coming[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  goTo(ms: number): void {
    this.nowMs = ms;
    while (this.nextMs <= ms) this.#coming.shift()?.happens();
  }
}
