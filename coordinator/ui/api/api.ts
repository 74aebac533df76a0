// Calls to the coordinator that served this page: JSON in and out, failures as ApiError, its clock beside ours.
import { createContext, useContext } from 'react';
import type { ErrorBody, Page } from '../../../shared/rest-types.ts';
import { ApiError } from './api-error.ts';
import type { Connection, ConnectionState } from './connection.ts';

const BASE = '/api/v2/lcm';
const MOST_PER_PAGE = 500;
const GIVE_UP_AFTER_MS = 15_000;

const STATE_BY_STATUS: Readonly<Record<number, ConnectionState>> = {
  401: 'signed-out',
  503: 'database-away',
};

interface Asked {
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal | undefined;
}

export interface Meta {
  version: string;
  /** null while authentication is off */
  user: string | null;
}

/** @param path below the API's base, without a slash in front */
export const apiPath = (path: string): string => `${BASE}/${path}`;

export class Api {
  readonly connection: Connection;
  #aheadMs = 0;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** The coordinator's clock, to a second: ages must not depend on how this machine's clock is set. */
  readonly nowMs = (): number => Date.now() + this.#aheadMs;

  readonly get = <T>(path: string, signal?: AbortSignal): Promise<T> =>
    this.#ask<T>(apiPath(path), 'GET', { signal });

  /** @param key of what is wanted: under the same one it is done once, however often it is asked for */
  readonly post = <T>(path: string, body: unknown, key: string): Promise<T> =>
    this.#ask<T>(apiPath(path), 'POST', { body, headers: { 'idempotency-key': key } });

  /** The browser keeps the session as a cookie that no script can read. @throws ApiError */
  readonly signIn = async (username: string, password: string): Promise<void> => {
    await this.#ask('/login', 'POST', { body: { username, password } });
    this.connection.report('fine');
  };

  readonly signOut = async (): Promise<void> => {
    await this.#ask('/logout', 'POST', { body: {} });
    this.connection.report('signed-out');
  };

  /** What the coordinator says of itself, and whose session this is. */
  readonly meta = async (): Promise<Meta> => {
    const meta = await this.#ask<Meta>('/meta', 'GET');
    this.connection.report('fine');
    return meta;
  };

  /** Every page of a list. */
  readonly all = async <T>(path: string, signal?: AbortSignal): Promise<T[]> => {
    const items: T[] = [];
    for (let page = 1; ; page += 1) {
      const answer = await this.get<Page<T>>(`${path}?page=${page}&per-page=${MOST_PER_PAGE}`, signal);
      items.push(...answer.results);
      if (page >= answer.last) return items;
    }
  };

  /** Asks whether all is well again, and reports it. */
  async probe(): Promise<void> {
    const answer = await fetch('/readyz', { signal: AbortSignal.timeout(GIVE_UP_AFTER_MS) }).catch(
      () => null,
    );
    const told = (await answer?.json().catch(() => null)) as { database?: string } | null | undefined;
    // That it is well says nothing of a session.
    if (answer?.ok === true && this.connection.state() === 'signed-out') return;
    if (answer === null) this.connection.report('coordinator-away');
    else if (answer.ok) this.connection.report('fine');
    else this.connection.report(told?.database === 'full' ? 'database-full' : 'database-away');
  }

  #heard(status: number): void {
    const state = STATE_BY_STATUS[status] ?? 'fine';
    // Reading works on a full disk too: only who asks for it knows that there is room again.
    if (this.connection.state() === 'database-full' && state !== 'signed-out') return;
    this.connection.report(state);
    if (state === 'database-away') void this.probe(); // it may be full rather than away
  }

  async #ask<T>(url: string, method: string, { body, headers, signal }: Asked = {}): Promise<T> {
    const timeout = AbortSignal.timeout(GIVE_UP_AFTER_MS);
    const answer = await fetch(url, {
      method,
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      ...(body === undefined
        ? {}
        : {
            body: JSON.stringify(body),
            // A person is at this end: what a model lacks is told at once, not by a job that fails.
            headers: { 'content-type': 'application/json', prefer: 'handling=strict', ...headers },
          }),
    }).catch((error: unknown) => {
      if (signal?.aborted === true) throw error;
      this.connection.report('coordinator-away');
      throw new ApiError(0, 'The coordinator does not answer', [], null);
    });
    const date = Date.parse(answer.headers.get('date') ?? '');
    if (!Number.isNaN(date)) this.#aheadMs = date - Date.now();
    const told = (await answer.json().catch(() => null)) as unknown;
    this.#heard(answer.status);
    if (answer.ok) return told as T;
    const { message = `The coordinator answered ${answer.status}`, errors = [] } =
      (told as Partial<ErrorBody> | null) ?? {};
    throw new ApiError(answer.status, message, errors, answer.headers.get('x-request-id'));
  }
}

export const ApiContext = createContext<Api | null>(null);

export function useApi(): Api {
  const api = useContext(ApiContext);
  if (api === null) throw new Error('no Api above this component');
  return api;
}
