// Whether the coordinator and its database answer, and to us: told by every request, shown by one banner that clears itself.

export type ConnectionState = 'fine' | 'coordinator-away' | 'database-away' | 'database-full' | 'signed-out';

export class Connection {
  #state: ConnectionState = 'fine';
  readonly #listeners = new Set<() => void>();

  readonly state = (): ConnectionState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  report(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
