// The processes of the emulated agents, as one.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Identity } from '../../../agent/identity/identity.ts';
import { eventually } from '../../support/eventually.ts';
import type { Ask, Told } from './emulated.ts';

const PROCESSES = 2;

export class Fleet {
  readonly #children: ChildProcess[] = [];
  #size = 0;

  constructor() {
    const built = import.meta.url.endsWith('.js');
    const program = fileURLToPath(new URL(built ? './emulated.js' : './emulated.ts', import.meta.url));
    for (let at = 0; at < PROCESSES; at += 1) this.#children.push(fork(program));
  }

  /** Lets agents dial one after the other, and waits until all are attached. */
  async join(identities: readonly Identity[], aSecond: number): Promise<void> {
    this.#size += identities.length;
    const everyMs = (1_000 * PROCESSES) / aSecond;
    await Promise.all(
      this.#children.map((child, at) =>
        this.#ask(child, {
          do: 'join',
          identities: identities.filter((_, n) => n % PROCESSES === at),
          everyMs,
        }),
      ),
    );
    await this.allAttached();
  }

  async tell(): Promise<Told> {
    const all = await Promise.all(this.#children.map((child) => this.#ask(child, { do: 'tell' })));
    const sum: Told = { attached: 0, runsHeld: 0, ends: {} };
    for (const { attached, runsHeld, ends } of all) {
      sum.attached += attached;
      sum.runsHeld += runsHeld;
      for (const [why, count] of Object.entries(ends)) sum.ends[why] = (sum.ends[why] ?? 0) + count;
    }
    return sum;
  }

  async allAttached(): Promise<void> {
    await this.#until(({ attached }) => attached === this.#size);
  }

  async allHoldRuns(): Promise<void> {
    await this.#until(({ runsHeld }) => runsHeld === this.#size);
  }

  async #until(isSo: (told: Told) => boolean): Promise<void> {
    await eventually(
      async () => {
        const told = await this.tell();
        if (!isSo(told)) throw new Error(`not all ${this.#size} agents: ${JSON.stringify(told)}`);
      },
      { withinMs: 180_000, everyMs: 50 },
    );
  }

  async #ask(child: ChildProcess, ask: Ask): Promise<Told> {
    const answer = once(child, 'message');
    child.send(ask);
    return (await answer)[0] as Told;
  }

  /** As if their hosts were switched off. */
  async end(): Promise<void> {
    await Promise.all(
      this.#children.splice(0).map(async (child) => {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      }),
    );
  }
}
