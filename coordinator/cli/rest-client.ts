// The REST API as any client sees it: JSON in, JSON out, pages read to their end, refusals in the server's words.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type FieldProblem, rootCode, rootReason } from '../../shared/errors.ts';
import { followStream, type StreamWatcher } from './follow-stream.ts';

export type Json = Record<string, unknown>;

/** The server answered, and said no. */
export class ApiRefusal extends Error {
  readonly status: number;
  readonly problems: readonly FieldProblem[];
  /** how long the server would have us wait; null when it does not say */
  readonly retryAfterMs: number | null;
  /** a session was given: a 401 is about that one */
  readonly withSession: boolean;
  constructor(
    status: number,
    message: string,
    problems: readonly FieldProblem[],
    {
      retryAfterMs = null,
      withSession = false,
    }: { retryAfterMs?: number | null; withSession?: boolean } = {},
  ) {
    super(message);
    this.retryAfterMs = retryAfterMs;
    this.withSession = withSession;
    this.name = 'ApiRefusal';
    this.status = status;
    this.problems = problems;
  }
}

/** How far a request came: to nobody, to somebody whose answer was lost on the way or did not come in time, or to another program. */
type Reached = 'nobody' | 'cut-off' | 'silent' | 'another';

/** Nothing answered, or not as this API does. */
export class Unreachable extends Error {
  override name = 'Unreachable';
  readonly reached: Reached;
  /** it was a write, and may have been done all the same */
  readonly mayBeDone: boolean;
  constructor(message: string, reached: Reached, method: string, cause?: unknown) {
    super(message, { cause });
    this.reached = reached;
    this.mayBeDone = method !== 'GET' && (reached === 'cut-off' || reached === 'silent');
  }
}

/** Whoever waited for an answer does so no longer: at Ctrl-C, or since a time has passed. */
export class GivenUp extends Error {
  override name = 'GivenUp';
  readonly isTimeUp: boolean;
  /** as for `Unreachable` */
  readonly mayBeDone: boolean;
  /** @param cause the reason of the signal that fired */
  constructor(origin: string, method: string, cause: unknown) {
    super(`${origin} has not answered`, { cause });
    this.isTimeUp = isTimeout(cause);
    this.mayBeDone = method !== 'GET';
  }
}

/** A record as it was read, and the ETag by which a write tells whether it still is so. */
export interface Tagged {
  record: Json;
  tag: string;
}

const SESSION = 'opscenter-session';
const ANSWER_WITHIN_MS = 30_000;
const PER_PAGE = 500;
/** Waits before a POST is sent again whose answer was lost: together about what a coordinator takes to start again. */
const AGAIN_AFTER_MS = [250, 1_000, 3_000];
/** The connection was there, and is gone. */
const CUT_OFF = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'];

/** Seconds; the form with a date is left to our own waits. */
const retryAfterMs = (header: string | null): number | null =>
  header !== null && /^\d{1,5}$/.test(header) ? Number(header) * 1_000 : null;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Says what the system said: fetch alone only says "fetch failed". */
const reasonOf = (error: unknown): string => (isTimeout(error) ? 'it does not answer' : rootReason(error));
const isTimeout = (error: unknown): boolean => error instanceof Error && error.name === 'TimeoutError';
const reachedBy = (error: unknown): Reached =>
  isTimeout(error) ? 'silent' : CUT_OFF.includes(rootCode(error)) ? 'cut-off' : 'nobody';

/** Whether a POST may be sent again after an answer that was lost: nobody is there yet, or the first is still being answered. */
const isPassing = (error: unknown): boolean =>
  error instanceof ApiRefusal
    ? error.status >= 502 ||
      (error.status === 409 && error.problems.some(({ pointer }) => pointer === '/idempotency-key'))
    : error instanceof Unreachable && (error.reached === 'nobody' || error.reached === 'cut-off');

// A proxy that compresses makes a tag weak, which matches nothing; what it stands for is the same.
const ifMatch = (tag: string | undefined): Record<string, string> =>
  tag === undefined ? {} : { 'if-match': tag.replace(/^W\//, '') };

export interface ClientOptions {
  /** of a session; null: none */
  token?: string | null;
  answerWithinMs?: number;
  /** ends the calls that are under way, and every later one */
  signal?: AbortSignal | undefined;
}

export class RestClient {
  readonly #base: string;
  readonly #options: ClientOptions;
  readonly #headers: Readonly<Record<string, string>>;

  /** @param base e.g. http://127.0.0.1:8888/api/v2/lcm */
  constructor(base: string, options: ClientOptions = {}) {
    this.#base = base;
    this.#options = options;
    const { token = null } = options;
    this.#headers = token === null ? {} : { [SESSION]: token };
  }

  /** The same client for as long as somebody waits: its calls end with the signal. Without one, as soon as an answer has had its time. */
  until(signal?: AbortSignal): RestClient {
    return new RestClient(this.#base, { ...this.#options, signal });
  }

  /** @param path below the base; with a leading slash: of the server, e.g. /meta */
  async get(path: string): Promise<Json> {
    return (await this.#call('GET', path)).record;
  }

  /** A single record of the model. */
  async read(path: string): Promise<Tagged> {
    return await this.#call('GET', path);
  }

  /** Each call is one thing that is wanted: when its answer is lost it is sent again under the same key, and done once. */
  async post(path: string, body: Json = {}): Promise<Json> {
    // What is not of the API proper (/login) knows no keys.
    if (path.startsWith('/')) return (await this.#call('POST', path, { body })).record;
    const headers = { 'idempotency-key': randomUUID() };
    let wasLost = false;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return (await this.#call('POST', path, { body, headers })).record;
      } catch (error) {
        wasLost ||= error instanceof Unreachable && error.reached === 'cut-off';
        if (!wasLost || !isPassing(error)) throw error;
        const waitMs = AGAIN_AFTER_MS[attempt];
        if (waitMs === undefined) throw new Unreachable((error as Error).message, 'cut-off', 'POST', error);
        // Cut short, the next attempt says what came of it.
        await delay(waitMs, undefined, { signal: this.#options.signal }).catch(() => {});
      }
    }
  }

  /** @param tag a 412 when the record is not as it was read under this ETag; absent: whatever it is */
  async put(path: string, body: Json, tag?: string): Promise<Json> {
    return (await this.#call('PUT', path, { body, headers: ifMatch(tag) })).record;
  }

  /** @param tag as for `put` */
  async delete(path: string, tag?: string): Promise<Json> {
    return (await this.#call('DELETE', path, { headers: ifMatch(tag) })).record;
  }

  /** The records of a list, page by page. @param most no more than this many */
  async list(
    path: string,
    most = Number.POSITIVE_INFINITY,
    filters: Readonly<Record<string, string>> = {},
  ): Promise<Json[]> {
    const first = new URLSearchParams({
      page: '1',
      'per-page': String(Math.min(PER_PAGE, most)),
      ...filters,
    });
    // A list may grow while it is read: what moved on to the next page comes twice.
    const found = new Map<unknown, Json>();
    for (let query: string | null = `?${first}`; query !== null && found.size < most; ) {
      const answer: Json = await this.get(`${path}${query}`);
      for (const record of answer['results'] as Json[]) found.set(record['id'] ?? record, record);
      // Only its query: the server may know itself by another name than we do.
      query = typeof answer['next'] === 'string' ? new URL(answer['next']).search : null;
    }
    return [...found.values()].slice(0, most);
  }

  /** Follows a job's live stream until it ends, over lost connections too. @returns the final status */
  async follow(
    jobId: string,
    seen: StreamWatcher['seen'],
    signal: AbortSignal,
    link: Omit<StreamWatcher, 'seen'> = {},
  ): Promise<string> {
    const open = async (lastEventId: string, limit: AbortSignal): Promise<Response> =>
      await this.#fetch(`jobs/${jobId}/stream`, {
        signal: limit,
        headers: lastEventId === '' ? {} : { 'last-event-id': lastEventId },
      });
    return await followStream(open, { seen, ...link }, signal);
  }

  /** Asked before an answer that went wrong is told of: it may be we who ended it. */
  #throwIfGivenUp(method: string): void {
    const { signal } = this.#options;
    if (signal?.aborted) throw new GivenUp(new URL(this.#base).origin, method, signal.reason);
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const url = path.startsWith('/')
      ? `${this.#base.replace(/\/api\/v\d+\/lcm$/, '')}${path}`
      : `${this.#base}/${path}`;
    const method = init.method ?? 'GET';
    let answer: Response;
    try {
      // Not followed: a redirect would take the session token to wherever it points.
      answer = await fetch(url, {
        redirect: 'manual',
        ...init,
        // A person is at this end: what a model lacks is told at once, not by a job that fails.
        headers: {
          'content-type': 'application/json',
          prefer: 'handling=strict',
          ...this.#headers,
          ...init.headers,
        },
      });
    } catch (error) {
      const [reached, { origin }] = [reachedBy(error), new URL(url)];
      this.#throwIfGivenUp(method);
      const message = `${reached === 'cut-off' ? 'lost the connection to' : 'cannot reach'} ${origin}: ${reasonOf(error)}`;
      throw new Unreachable(message, reached, method, error);
    }
    if (answer.ok) return answer;
    const text = await answer.text().catch(() => '');
    this.#throwIfGivenUp(method);
    if (answer.status >= 300 && answer.status < 400)
      throw new Unreachable(
        `${new URL(url).origin} sends on to ${answer.headers.get('location')}: use that`,
        'another',
        method,
      );
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      throw new Unreachable(
        `${new URL(url).origin} answered ${answer.status}, and not as this API does`,
        'another',
        method,
      );
    }
    const told = isObject(body) ? body : {};
    throw new ApiRefusal(
      answer.status,
      String(told['message'] ?? `${method} ${path} was answered with ${answer.status}`),
      Array.isArray(told['errors']) ? (told['errors'] as FieldProblem[]) : [],
      {
        retryAfterMs: retryAfterMs(answer.headers.get('retry-after')),
        withSession: SESSION in this.#headers,
      },
    );
  }

  async #call(
    method: string,
    path: string,
    { body, headers }: { body?: Json; headers?: Record<string, string> } = {},
  ): Promise<Tagged> {
    const { answerWithinMs = ANSWER_WITHIN_MS, signal } = this.#options;
    const within = AbortSignal.timeout(answerWithinMs);
    const answer = await this.#fetch(path, {
      method,
      signal: signal === undefined ? within : AbortSignal.any([within, signal]),
      ...(headers === undefined ? {} : { headers }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    try {
      return { record: (await answer.json()) as Json, tag: answer.headers.get('etag') ?? '*' };
    } catch (error) {
      const { origin } = new URL(this.#base);
      this.#throwIfGivenUp(method);
      if (error instanceof SyntaxError)
        throw new Unreachable(`${origin} does not speak this API`, 'another', method, error);
      throw new Unreachable(
        `${origin} broke off in its answer: ${reasonOf(error)}`,
        isTimeout(error) ? 'silent' : 'cut-off',
        method,
        error,
      );
    }
  }
}
