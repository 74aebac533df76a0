// Life signs of all agents' runs, gathered and written together, at most once a second.
import type { Logger } from '../../shared/log.ts';
import type { RunProgress } from '../../shared/wire/messages.ts';
import type { LifeSign, Touched } from '../store/runs.ts';
import type { Wakes } from '../store/wakes.ts';

const EVERY_MS = 1_000;

export class LifeSigns {
  readonly #touch: (signs: readonly LifeSign[]) => Promise<Touched>;
  readonly #wakes: Pick<Wakes, 'wake'>;
  readonly #log: Logger;
  /** the newest of each node and run: what a node says of another's run takes nobody's place */
  readonly #signs = new Map<string, LifeSign>();
  /** null when none waits and none is being stored */
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(
    touch: (signs: readonly LifeSign[]) => Promise<Touched>,
    wakes: Pick<Wakes, 'wake'>,
    log: Logger,
  ) {
    this.#touch = touch;
    this.#wakes = wakes;
    this.#log = log;
  }

  heard(nodeId: string, progress: RunProgress): void {
    this.#signs.set(keyOf(nodeId, progress.runId), { nodeId, progress });
    this.#storeSoon();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #storeSoon(): void {
    if (!this.#stopped) this.#timer ??= setTimeout(() => void this.#store(), EVERY_MS);
  }

  /** One statement at a time, however slow the database is: what comes meanwhile replaces what is older. */
  async #store(): Promise<void> {
    const signs = [...this.#signs.values()];
    this.#signs.clear();
    try {
      const { jobIds, busy } = await this.#touch(signs);
      for (const jobId of jobIds) this.#wakes.wake('job', jobId);
      for (const sign of busy) {
        const key = keyOf(sign.nodeId, sign.progress.runId);
        if (!this.#signs.has(key)) this.#signs.set(key, sign);
      }
    } catch (err) {
      this.#log.warn('life signs not stored', { err, count: signs.length });
    }
    this.#timer = null;
    if (this.#signs.size > 0) this.#storeSoon();
  }
}

const keyOf = (nodeId: string, runId: string): string => `${nodeId} ${runId}`;
