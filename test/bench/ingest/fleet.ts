// The processes that hold the benchmark's agents, as one: what is asked goes to all, and what they tell is added up.
import { type ChildProcess, fork } from 'node:child_process';
import type { Ask, Told } from './agents.ts';

const PROCESSES = 2;

export class Fleet {
  readonly #children: ChildProcess[];
  readonly #answers = new Map<number, { resolve: (told: Told) => void; reject: (error: Error) => void }>();
  #next = 1;
  #leaving = false;

  constructor() {
    const program = new URL(import.meta.url.endsWith('.js') ? './agents.js' : './agents.ts', import.meta.url);
    this.#children = Array.from({ length: PROCESSES }, () => {
      const child = fork(program);
      child.on('message', (told: Told) => {
        this.#answers.get(told.id)?.resolve(told);
        this.#answers.delete(told.id);
      });
      child.on('exit', (code) => {
        if (this.#leaving) return;
        for (const { reject } of this.#answers.values()) reject(new Error(`agents ended with ${code}`));
      });
      return child;
    });
  }

  get pids(): number[] {
    return this.#children.map(({ pid }) => pid ?? 0);
  }

  /** Each agent enrols with one of the bundles; resolves when they dial. */
  async join(bundles: readonly string[]): Promise<void> {
    await Promise.all(
      this.#children.map((child, at) =>
        this.#ask(child, { do: 'join', bundles: bundles.filter((_, n) => n % PROCESSES === at) }),
      ),
    );
  }

  async ask(ask: Exclude<Ask, { do: 'join' }>): Promise<Omit<Told, 'id'>> {
    this.#leaving ||= ask.do === 'leave';
    const told = await Promise.all(this.#children.map((child) => this.#ask(child, ask)));
    return {
      acknowledged: told.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
      longestWaitMs: Math.max(...told.map(({ longestWaitMs }) => longestWaitMs)),
    };
  }

  #ask(child: ChildProcess, ask: Ask): Promise<Told> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      child.send({ id, ask });
    });
  }
}
