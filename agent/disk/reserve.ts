// Space kept back for a full disk: a file of real zeros that becomes the next segment when nothing else can be written.
import { rename, stat, unlink, writeFile } from 'node:fs/promises';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';
import { hasCode } from './log-file.ts';

/** How often a missing reserve is tried again: each try writes all of it. */
const REMAKE_EVERY_MS = 10_000;

/**
 * Handing the file over by rename, rather than deleting it, keeps its blocks ours: a database that fills the disk beside
 * us would take whatever we let go before our next write.
 */
export class Reserve {
  readonly bytes: number;
  readonly #path: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  #present = false;
  #isWarned = false;
  #remaking: Promise<void> | null = null;
  readonly #closing = new AbortController();

  constructor(path: string, bytes: number, clock: Clock, log: Logger) {
    this.#path = path;
    this.bytes = bytes;
    this.#clock = clock;
    this.#log = log;
  }

  get isPresent(): boolean {
    return this.#present;
  }

  /** Makes the reserve if it is missing; without room for it, says so in the log, goes on, and tries again in the background. */
  async ensure(): Promise<void> {
    if (!this.#present) await this.#make();
    this.#remakeInTime();
  }

  async #make(): Promise<void> {
    try {
      if ((await sizeOf(this.#path)) !== this.bytes) {
        await writeFile(`${this.#path}.new`, Buffer.alloc(this.bytes), { mode: 0o600, flush: true });
        await rename(`${this.#path}.new`, this.#path);
      }
      this.#present = true;
      this.#isWarned = false;
    } catch (err) {
      await unlink(`${this.#path}.new`).catch(() => {});
      if (this.#isWarned) return;
      this.#isWarned = true;
      this.#log.warn('no room for the disk reserve', { path: this.#path, bytes: this.bytes, err });
    }
  }

  /** By itself: on an agent that has nothing more to record, nothing else would come by here. */
  #remakeInTime(): void {
    if (this.#present || this.#remaking !== null) return;
    const { signal } = this.#closing;
    const tryUntilPresent = async (): Promise<void> => {
      while (!this.#present) {
        await this.#clock.wait(REMAKE_EVERY_MS, signal);
        await this.#make();
      }
    };
    this.#remaking = tryUntilPresent()
      .catch(() => {}) // closing
      .finally(() => {
        this.#remaking = null;
      });
  }

  /** The reserve becomes `path`; there is none from here on, until there is room for another. */
  async become(path: string): Promise<void> {
    await rename(this.#path, path);
    this.#present = false;
    this.#remakeInTime();
  }

  /** Nothing is done in the background any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#remaking;
  }
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}
