// What rolls of a ring do to a LOCAL_QUORUM client, for the benchmarks that compare them.
import type { Json } from '../../../coordinator/cli/rest-client.ts';
import { STRATEGIES } from '../../../shared/job-options.ts';
import { startQuorumClient } from '../../support/quorum-client.ts';
import { percentile } from '../report.ts';

/** Several nodes of a replica set at once, whatever the gate says: a client must notice. */
export const AT_ONCE = { 'concurrency-strategy': 'cluster-at-a-time', force: true };

export interface Seen {
  seconds: number;
  /** queries, of `done` and these */
  failed: number;
  done: number;
  p99Ms: number;
}

export class Watch {
  readonly #at: { nativePort: number; addresses: string[] };

  constructor(at: { nativePort: number; addresses: string[] }) {
    this.#at = at;
  }

  /** Says it at once, too: the whole takes long. @returns what a client saw of the work */
  async under(name: string, work: () => Promise<unknown>): Promise<Seen> {
    const client = await startQuorumClient(this.#at.nativePort, this.#at.addresses);
    const startedMs = performance.now();
    await work();
    const seconds = (performance.now() - startedMs) / 1_000;
    const { errors, done, tookMs } = await client.stop();
    const seen = { seconds, failed: errors.length, done, p99Ms: percentile(tookMs, 0.99) };
    process.stderr.write(`${JSON.stringify({ name, ...seen })}\n`);
    return seen;
  }

  /**
   * Restarts and configures at every strategy.
   * @param change so that a configure has something to write, and nodes to stop: given a number that is another each time
   */
  async everyStrategy(
    roll: (type: 'restart' | 'configure', options: Json) => Promise<unknown>,
    change: (number: number) => Promise<void>,
  ): Promise<Seen[]> {
    const seen: Seen[] = [];
    for (const [at, strategy] of STRATEGIES.entries()) {
      const options = { 'concurrency-strategy': strategy };
      seen.push(await this.under(`restart ${strategy}`, () => roll('restart', options)));
      await change(20 + at);
      seen.push(await this.under(`configure ${strategy}`, () => roll('configure', options)));
    }
    return seen;
  }
}

/** @throws Error where a client noticed what it should not have, or would not have noticed anything */
export function assertUnnoticed(rolls: readonly Seen[], control: Seen): void {
  if (rolls.some(({ failed }) => failed > 0)) throw new Error('queries failed while nodes were rolled');
  if (control.failed === 0)
    throw new Error('no query failed with several nodes down: the client would not notice');
}
