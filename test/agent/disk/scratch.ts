// Directories for the tests of files on disk, opened outboxes among them; all of it goes when a test ends.
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Outbox, type OutboxEntry, type OutboxOptions, openOutbox } from '../../../agent/disk/outbox.ts';
import { silentLogger } from '../../../shared/log.ts';

/** What the tests' outboxes put in place of events that are gone. */
export interface Dropped {
  dropped: number;
  firstSeq: number;
  lastSeq: number;
  what: 'events' | 'finish';
}

export class Scratch {
  readonly #ends: (() => Promise<unknown>)[] = [];

  async directory(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'ringmaster-disk-'));
    this.atEnd(() => rm(path, { recursive: true, force: true }));
    return path;
  }

  /** The directory as a crash would leave it now: the files without the process that writes them. */
  async afterCrash(directory: string): Promise<string> {
    const copy = await this.directory();
    await cp(directory, copy, { recursive: true, filter: (path) => !path.includes('.lock.') });
    return copy;
  }

  async outbox(directory: string, options: Partial<OutboxOptions> = {}): Promise<Outbox> {
    const outbox = await openOutbox({
      directory,
      log: silentLogger,
      reserveBytes: 4096,
      describeDropped: (_runId, dropped, firstSeq, lastSeq, what) =>
        ({ dropped, firstSeq, lastSeq, what }) satisfies Dropped,
      ...options,
    });
    this.atEnd(() => outbox.close());
    return outbox;
  }

  /** Runs before the directories go, the latest first. */
  atEnd(end: () => Promise<unknown>): void {
    this.#ends.unshift(end);
  }

  async end(): Promise<void> {
    for (const end of this.#ends.splice(0)) await end();
  }
}

/** Everything that can be taken now. */
export function takeAll(outbox: Outbox): OutboxEntry[] {
  const all: OutboxEntry[] = [];
  for (let some = outbox.take(100, 65_536); some.length > 0; some = outbox.take(100, 65_536))
    all.push(...some);
  return all;
}

export const segmentsIn = async (directory: string): Promise<string[]> =>
  (await readdir(directory))
    .filter((file) => file.endsWith('.log'))
    .sort()
    .map((file) => join(directory, file));
