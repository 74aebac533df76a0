// Who this agent is at this moment: what it dials with, and when that was replaced.
import type { Identity } from './identity.ts';

export class CurrentIdentity {
  #identity: Identity;
  #replaced = new AbortController();

  constructor(identity: Identity) {
    this.#identity = identity;
  }

  get identity(): Identity {
    return this.#identity;
  }

  /** Fires once the present identity is not the present one any more. */
  get replaced(): AbortSignal {
    return this.#replaced.signal;
  }

  replace(identity: Identity): void {
    const before = this.#replaced;
    this.#identity = identity;
    this.#replaced = new AbortController();
    before.abort();
  }
}
