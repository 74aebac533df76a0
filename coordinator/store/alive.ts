// The lock that every living coordinator shares: who starts and finds nobody holding it has begun a cold start.
import pg from 'pg';
import type { Logger } from '../../shared/log.ts';
import { type Connection, poolConfig } from './database.ts';

const ALIVE_LOCK = 0x414c4956; // "ALIV"
const REDIAL_MS = 1_000;

/** Holds the lock on a connection of its own for as long as we live; a connection that is lost is made anew. */
export class Alive {
  readonly #connection: Connection;
  readonly #log: Logger;
  #client: pg.Client | null = null;
  #redial: NodeJS.Timeout | null = null;
  #closed = false;

  private constructor(connection: Connection, log: Logger) {
    this.#connection = connection;
    this.#log = log.child({ component: 'alive' });
  }

  /**
   * @param onColdStart called when no other coordinator lives, before any other that starts meanwhile goes on
   * @throws when the database is away, or what onColdStart throws
   */
  static async hold(connection: Connection, log: Logger, onColdStart: () => Promise<void>): Promise<Alive> {
    const alive = new Alive(connection, log);
    try {
      const client = await alive.#connect();
      const answer = await client.query<{ cold: boolean }>('select pg_try_advisory_lock($1) as cold', [
        ALIVE_LOCK,
      ]);
      const cold = answer.rows[0]?.cold === true;
      if (cold) await onColdStart();
      await client.query('select pg_advisory_lock_shared($1)', [ALIVE_LOCK]);
      if (cold) await client.query('select pg_advisory_unlock($1)', [ALIVE_LOCK]);
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
    const lost = (): void => {
      if (this.#client !== client) return;
      this.#client = null;
      if (!this.#closed) this.#log.warn('the connection that says we live was lost');
      this.#holdLater();
    };
    client.on('error', lost);
    client.on('end', lost);
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
    } catch (error) {
      // The connection may be sound, though the lock was not to be had: the next try makes another.
      if (this.#client === client) this.#client = null;
      await client.end().catch(() => {});
      throw error;
    }
  }
}
