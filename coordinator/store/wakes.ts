// Wake-ups: "look again at this job / node / job's events". They carry no data; local listeners hear at once, other coordinators by NOTIFY.

import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import pg from 'pg';
import type { Logger } from '../../shared/log.ts';
import { type Connection, keepAsking, poolConfig } from './database.ts';

/**
 * `events` of a job, why it waits, and what a pass has made of it are for whoever shows them: no pass is made for them. `bootstrap`
 * names a job node that an agent is to be brought to, or is not any more.
 */
const TOPICS = ['job', 'node', 'events', 'bootstrap'] as const;
export type WakeTopic = (typeof TOPICS)[number];

const CHANNEL = 'ringmaster_wake';
/** Wakes of one topic and id within this time become one NOTIFY. */
const GATHER_MS = 10;
const REDIAL_MS = 1_000;
/** What is still to be sent at the end is sent within this time, or is left to those who look for themselves. */
const LAST_SEND_MS = 2_000;

/** Listeners must treat a wake as a hint: it may come twice, or late (once the database is back). */
export class Wakes {
  readonly #emitter = new EventEmitter();
  readonly #self = randomUUID();
  readonly #connection: Connection;
  readonly #pool: pg.Pool;
  readonly #log: Logger;
  readonly #silentMs: number;
  readonly #toSend = new Set<string>();
  #sending: NodeJS.Timeout | null = null;
  #underWay: Promise<void> = Promise.resolve();
  #client: pg.Client | null = null;
  #redial: NodeJS.Timeout | null = null;
  #closed = false;

  /** @param silentMs a connection that listens and hears not even answers for about so long is made anew; 0 for never */
  constructor(connection: Connection, pool: pg.Pool, log: Logger, silentMs = 0) {
    this.#connection = connection;
    this.#pool = pool;
    this.#silentMs = silentMs;
    this.#log = log.child({ component: 'wakes' });
    this.#emitter.setMaxListeners(0);
  }

  /** Starts listening to other coordinators; goes on trying when the database is away. */
  async listen(): Promise<void> {
    if (this.#closed) return;
    const client = new pg.Client(poolConfig(this.#connection, 1));
    client.on('notification', ({ payload }) => {
      const [from, word, id] = (payload ?? '').split(' ');
      const topic = TOPICS.find((known) => known === word);
      if (from !== this.#self && topic !== undefined && id !== undefined) {
        this.#emitter.emit(`${topic} ${id}`);
        this.#emitter.emit(topic, id);
      }
    });
    const lost = (): void => {
      if (this.#client === client) this.#client = null;
      if (this.#closed || this.#redial !== null) return;
      this.#redial = setTimeout(() => {
        this.#redial = null;
        void this.listen();
      }, REDIAL_MS);
    };
    client.on('error', lost);
    client.on('end', lost);
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
      keepAsking(client, this.#silentMs);
      this.#client = client;
      this.#wakeAll();
    } catch (err) {
      this.#log.warn('cannot listen for wakes', { err });
      lost();
    }
  }

  /** What was said while we did not listen is lost: whoever waits for something looks himself. */
  #wakeAll(): void {
    for (const name of this.#emitter.eventNames()) if (String(name).includes(' ')) this.#emitter.emit(name);
  }

  wake(topic: WakeTopic, id: string): void {
    this.#emitter.emit(`${topic} ${id}`);
    this.#emitter.emit(topic, id);
    this.#toSend.add(`${topic} ${id}`);
    this.#sending ??= setTimeout(() => this.#sendNow(), GATHER_MS);
  }

  #sendNow(): void {
    this.#sending = null;
    this.#underWay = this.#underWay.then(() => this.#send());
  }

  async #send(): Promise<void> {
    if (this.#toSend.size === 0) return;
    const keys = [...this.#toSend];
    this.#toSend.clear();
    try {
      await this.#pool.query('select pg_notify($1, payload) from unnest($2::text[]) payload', [
        CHANNEL,
        keys.map((key) => `${this.#self} ${key}`),
      ]);
    } catch (err) {
      this.#log.debug('wakes not sent yet', { err, count: keys.length });
      for (const key of keys) this.#toSend.add(key);
      if (!this.#closed) this.#sending ??= setTimeout(() => this.#sendNow(), REDIAL_MS);
    }
  }

  /** @returns how to stop listening */
  onId(topic: WakeTopic, id: string, listener: () => void): () => void {
    this.#emitter.on(`${topic} ${id}`, listener);
    return () => this.#emitter.off(`${topic} ${id}`, listener);
  }

  onAny(topic: WakeTopic, listener: (id: string) => void): () => void {
    this.#emitter.on(topic, listener);
    return () => this.#emitter.off(topic, listener);
  }

  /** Sends what is gathered: nobody else knows of it. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#redial !== null) clearTimeout(this.#redial);
    if (this.#sending !== null) clearTimeout(this.#sending);
    this.#emitter.removeAllListeners();
    this.#sendNow();
    let limit: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      limit = setTimeout(resolve, LAST_SEND_MS);
    });
    await Promise.race([this.#underWay, late]).finally(() => clearTimeout(limit));
    await this.#client?.end().catch(() => {});
  }
}
