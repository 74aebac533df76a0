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
  #triedAtMs = Number.NEGATIVE_INFINITY;
  #making: Promise<void> | null = null;

  constructor(path: string, bytes: number, clock: Clock, log: Logger) {
    this.#path = path;
    this.bytes = bytes;
    this.#clock = clock;
    this.#log = log;
  }

  get isPresent(): boolean {
    return this.#present;
  }

  /** Makes the reserve if it is missing; without room for it, says so in the log and goes on. */
  async ensure(): Promise<void> {
    if (this.#present) return;
    this.#triedAtMs = this.#clock.nowMs();
    try {
      if ((await sizeOf(this.#path)) !== this.bytes) {
        await writeFile(`${this.#path}.new`, Buffer.alloc(this.bytes), { mode: 0o600, flush: true });
        await rename(`${this.#path}.new`, this.#path);
      }
      this.#present = true;
    } catch (err) {
      await unlink(`${this.#path}.new`).catch(() => {});
      this.#log.warn('no room for the disk reserve', { path: this.#path, bytes: this.bytes, err });
    }
  }

  /** Remakes a used reserve in the background, not more often than every 10 s. */
  remakeSoon(): void {
    if (this.#present || this.#making !== null) return;
    if (this.#clock.nowMs() - this.#triedAtMs < REMAKE_EVERY_MS) return;
    this.#making = this.ensure().finally(() => {
      this.#making = null;
    });
  }

  /** The reserve becomes `path`; there is none from here on. */
  async become(path: string): Promise<void> {
    await rename(this.#path, path);
    this.#present = false;
    this.#triedAtMs = this.#clock.nowMs();
  }

  async settled(): Promise<void> {
    await this.#making;
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
