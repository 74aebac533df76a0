// A process that can be killed between any two things it does to a disk or a machine: what was done stays, nothing more is.

import type { OpenLogFile } from '../../agent/disk/log-file.ts';
import { openLogFile } from '../../agent/disk/log-file.ts';

/** What changes something, of a host and of its JMX node. */
const CHANGES = new Set([
  'replaceText',
  'ensureDirectory',
  'download',
  'unpackTarball',
  'spawnDetached',
  'signal',
  'changeCassandraPassword',
  'stopNativeTransport',
  'drain',
  'remove',
  'takeSnapshot',
  'upgradeSstables',
]);

const SYNCHRONOUS = new Set(['nowMs', 'close']);

export class Mortal {
  #diesAt: number;
  #moments = 0;
  #died: () => void = () => {};
  readonly #closes: (() => Promise<void>)[] = [];
  /** resolves once it was killed */
  readonly death: Promise<void>;

  /** @param diesAt counted from 1; Infinity never */
  constructor(diesAt: number) {
    this.#diesAt = diesAt;
    this.death = new Promise((resolve) => {
      this.#died = resolve;
    });
  }

  /** How many moments there were to be killed at. */
  get moments(): number {
    return this.#moments;
  }

  /** In the middle of what it does, which comes to no end. */
  async dies(): Promise<never> {
    this.#diesAt = 0;
    this.#died();
    return await new Promise<never>(() => {});
  }

  async #moment(): Promise<void> {
    this.#moments += 1;
    if (this.#moments === this.#diesAt) this.#died();
    await this.#lives();
  }

  /** The dead go no further. */
  async #lives(): Promise<void> {
    if (this.#moments >= this.#diesAt) await new Promise(() => {});
  }

  /** Does it with a moment to be killed at before and after. */
  async does<T>(work: () => T | Promise<T>): Promise<T> {
    await this.#moment();
    const done = await work();
    await this.#moment();
    return done;
  }

  /** Files that hold what was written before the kill, as the kernel keeps it. */
  readonly openFile: OpenLogFile = async (path) => {
    const file = await openLogFile(path);
    this.#closes.push(() => file.close());
    return {
      write: (bytes, position) => this.does(() => file.write(bytes, position)),
      sync: async () => {}, // the power stays on
      truncate: (bytes) => this.does(() => file.truncate(bytes)),
      close: async () => {},
    };
  };

  /** The machine as this process reaches it: killed before or after whatever it changes there. */
  reach<T extends object>(machine: T): T {
    return new Proxy(machine, {
      get: (target, name) => {
        const value = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        const work = value.bind(target);
        if (SYNCHRONOUS.has(String(name))) return work;
        if (CHANGES.has(String(name))) return (...args: unknown[]) => this.does(() => work(...args));
        return async (...args: unknown[]) => {
          await this.#lives();
          const seen = await work(...args);
          return name === 'jmx' ? this.reach(seen) : seen;
        };
      },
    });
  }

  async closeFiles(): Promise<void> {
    for (const close of this.#closes.splice(0)) await close();
  }
}
