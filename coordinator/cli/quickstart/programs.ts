// The coordinator and the agents of one quickstart: started, watched, waited for, started again, and ended in the end.
import { readFileSync } from 'node:fs';
import { type Running, startProgram, stopCassandras } from './processes.ts';

const lastLine = (path: string): string => readFileSync(path, 'utf8').trimEnd().split('\n').at(-1) ?? '';

export class Programs {
  readonly #directory: string;
  readonly #signal: AbortSignal;
  readonly #running = new Set<Running>();
  #startsAgain: { names: readonly string[]; say: (line: string) => void } | null = null;
  #fail: (error: Error) => void = () => {};
  /** Rejects when a program ends that nobody ended: nothing waits for what cannot come any more. */
  readonly broken = new Promise<never>((_, reject) => {
    this.#fail = reject;
  });

  /** @param directory below which its database nodes are @param signal when the quickstart is over */
  constructor(directory: string, signal: AbortSignal) {
    this.#directory = directory;
    this.#signal = signal;
    this.broken.catch(() => {}); // whoever waits for something hears of it
  }

  start(...args: Parameters<typeof startProgram>): void {
    const program = startProgram(...args);
    this.#running.add(program);
    program.child.once('exit', (code, signal) => {
      if (this.#signal.aborted) return;
      this.#running.delete(program);
      try {
        const how = signal === null ? `: ${lastLine(program.logPath)}` : ` by ${signal}`;
        const ended = `the ${program.name} ended${how} (its log is ${program.logPath})`;
        // An agent that was asked to end does so with 0; by any other code it says that it cannot go on.
        const wasEnded = signal !== null || code === 0;
        if (!wasEnded || !this.#startsAgain?.names.includes(program.name)) throw new Error(ended);
        this.#startsAgain.say(`${ended}: it is started again`);
        this.start(...args);
      } catch (error) {
        this.#fail(error as Error);
      }
    });
  }

  /** From now on these are, where somebody ended one to see what happens. */
  startAgain(names: readonly string[], say: (line: string) => void): void {
    this.#startsAgain = { names, say };
  }

  /** @throws Error when it does not come, or one of the programs ends before */
  async waitFor(what: string, look: () => Promise<boolean>, withinMs = 60_000): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (!(await Promise.race([look().catch(() => false), this.broken]))) {
      this.#signal.throwIfAborted();
      if (Date.now() > deadline)
        throw new Error(
          `${what} did not come up within ${withinMs / 1000} s; logs are in ${this.#directory}/logs`,
        );
      await new Promise((done) => setTimeout(done, 100));
    }
  }

  async stop(): Promise<void> {
    for (const program of [...this.#running].reverse()) await program.stop();
    await stopCassandras(this.#directory);
  }
}
