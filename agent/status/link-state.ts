// Whether this agent is connected, to whom and since when: written by the link, read by `ringmaster-agent status`.
export type Link =
  | { connected: true; address: string; sinceMs: number }
  /** reason: why the last try or stream ended; null before the first has */
  | { connected: false; reason: string | null; sinceMs: number };

export class LinkState {
  #link: Link;

  constructor(nowMs: number) {
    this.#link = { connected: false, reason: null, sinceMs: nowMs };
  }

  get link(): Link {
    return this.#link;
  }

  attached(address: string, nowMs: number): void {
    this.#link = { connected: true, address, sinceMs: nowMs };
  }

  /** Of a try that failed as well: since when there is no connection stays as it is. */
  left(reason: string, nowMs: number): void {
    this.#link = { connected: false, reason, sinceMs: this.#link.connected ? nowMs : this.#link.sinceMs };
  }
}
