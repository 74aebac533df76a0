// The lock that every living coordinator shares: who starts and finds nobody holding it has begun a cold start.
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../../shared/log.ts';
import { type Connection, keepAsking, poolConfig } from './database.ts';

const ALIVE_LOCK = 0x414c4956; // "ALIV"
/** Held by one that starts, until it shares the first: two that start at once would each take the other for one that lives. */
const STARTING_LOCK = 0x53544152; // "STAR"
const REDIAL_MS = 500;
/** Whoever lives and lost the lock, with the database's own restart say, has it again within this time: a connection is made soon, but not on a busy machine. */
const HELD_AGAIN_WITHIN_MS = REDIAL_MS + 1_500;

export interface Holding {
  /** whether another coordinator has left a sign of life: it may live although it does not hold the lock at this moment */
  mayAnotherLive: () => Promise<boolean>;
  /** called when no other coordinator lives, before any other that starts meanwhile goes on */
  onColdStart: () => Promise<void>;
  /** a connection that hears not even answers for about so long is made anew; 0 for never */
  silentMs: number;
}

/** Holds the lock on a connection of its own for as long as we live; a connection that is lost is made anew. */
export class Alive {
  readonly #connection: Connection;
  readonly #log: Logger;
  readonly #silentMs: number;
  #client: pg.Client | null = null;
  #redial: NodeJS.Timeout | null = null;
  #closed = false;

  private constructor(connection: Connection, log: Logger, silentMs: number) {
    this.#connection = connection;
    this.#silentMs = silentMs;
    this.#log = log.child({ component: 'alive' });
  }

  /** @throws when the database is away, or what its callers throw */
  static async hold(connection: Connection, log: Logger, holding: Holding): Promise<Alive> {
    const { mayAnotherLive, onColdStart, silentMs } = holding;
    const alive = new Alive(connection, log, silentMs);
    try {
      const client = await alive.#connect();
      await client.query('select pg_advisory_lock($1)', [STARTING_LOCK]);
      let cold = await isFree(client);
      if (cold && (await mayAnotherLive())) {
        await client.query('select pg_advisory_unlock($1)', [ALIVE_LOCK]);
        await delay(HELD_AGAIN_WITHIN_MS);
        cold = await isFree(client);
      }
      if (cold) await onColdStart();
      await client.query('select pg_advisory_lock_shared($1)', [ALIVE_LOCK]);
      if (cold) await client.query('select pg_advisory_unlock($1)', [ALIVE_LOCK]);
      await client.query('select pg_advisory_unlock($1)', [STARTING_LOCK]);
      keepAsking(client, silentMs);
      return alive;
    } catch (error) {
      await alive.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#redial !== null) clearTimeout(this.#redial);
    await this.#client?.end().catch(() => {});
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client(poolConfig(this.#connection, 1));
    const lost = (err?: unknown): void => {
      if (this.#client !== client) return;
      this.#client = null;
      if (!this.#closed) this.#log.warn('the connection that says we live was lost', { err });
      this.#holdLater();
    };
    client.on('error', lost);
    client.on('end', () => lost());
    await client.connect();
    this.#client = client;
    if (this.#closed) await client.end();
    return client;
  }

  #holdLater(): void {
    if (this.#closed || this.#redial !== null) return;
    this.#redial = setTimeout(() => {
      this.#redial = null;
      void this.#holdAgain().catch(() => this.#holdLater());
    }, REDIAL_MS);
  }

  async #holdAgain(): Promise<void> {
    const client = await this.#connect();
    try {
      await client.query('select pg_advisory_lock_shared($1)', [ALIVE_LOCK]);
      keepAsking(client, this.#silentMs);
    } catch (error) {
      // The connection may be sound, though the lock was not to be had: the next try makes another.
      if (this.#client === client) this.#client = null;
      await client.end().catch(() => {});
      throw error;
    }
  }
}

/** True when nobody held the lock; it is ours alone then. */
async function isFree(client: pg.Client): Promise<boolean> {
  const answer = await client.query<{ free: boolean }>('select pg_try_advisory_lock($1) as free', [
    ALIVE_LOCK,
  ]);
  return answer.rows[0]?.free === true;
}
