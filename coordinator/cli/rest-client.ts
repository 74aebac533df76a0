// The REST API as any client sees it: JSON in, JSON out, pages read to their end, refusals in the server's words.
import { type FieldProblem, rootReason } from '../../shared/errors.ts';
import { followStream, type StreamWatcher } from './follow-stream.ts';

export type Json = Record<string, unknown>;

/** The server answered, and said no. */
export class ApiRefusal extends Error {
  readonly status: number;
  readonly problems: readonly FieldProblem[];
  constructor(status: number, message: string, problems: readonly FieldProblem[]) {
    super(message);
    this.name = 'ApiRefusal';
    this.status = status;
    this.problems = problems;
  }
}

/** Nothing answered, or not as this API does. */
export class Unreachable extends Error {
  override name = 'Unreachable';
}

const ANSWER_WITHIN_MS = 30_000;
const PER_PAGE = 500;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Says what the system said: fetch alone only says "fetch failed". */
const reasonOf = (error: unknown): string =>
  error instanceof Error && error.name === 'TimeoutError' ? 'it does not answer' : rootReason(error);

export class RestClient {
  readonly #base: string;
  readonly #answerWithinMs: number;
  readonly #headers: Readonly<Record<string, string>>;

  /** @param base e.g. http://127.0.0.1:8888/api/v2/lcm */
  constructor(base: string, token: string | null = null, answerWithinMs = ANSWER_WITHIN_MS) {
    this.#base = base;
    this.#answerWithinMs = answerWithinMs;
    this.#headers = token === null ? {} : { 'opscenter-session': token };
  }

  /** @param path below the base; with a leading slash: of the server, e.g. /meta */
  async get(path: string): Promise<Json> {
    return await this.#call('GET', path);
  }

  async post(path: string, body: Json = {}): Promise<Json> {
    return await this.#call('POST', path, body);
  }

  async put(path: string, body: Json): Promise<Json> {
    return await this.#call('PUT', path, body);
  }

  async delete(path: string): Promise<Json> {
    return await this.#call('DELETE', path);
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

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const url = path.startsWith('/')
      ? `${this.#base.replace(/\/api\/v\d+\/lcm$/, '')}${path}`
      : `${this.#base}/${path}`;
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
      if (init.signal?.aborted && (error as Error).name !== 'TimeoutError') throw error;
      throw new Unreachable(`cannot reach ${new URL(url).origin}: ${reasonOf(error)}`, { cause: error });
    }
    if (answer.ok) return answer;
    const text = await answer.text().catch(() => '');
    if (answer.status >= 300 && answer.status < 400)
      throw new Unreachable(`${new URL(url).origin} sends on to ${answer.headers.get('location')}: use that`);
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      throw new Unreachable(`${new URL(url).origin} answered ${answer.status}, and not as this API does`);
    }
    const told = isObject(body) ? body : {};
    throw new ApiRefusal(
      answer.status,
      String(told['message'] ?? `${init.method ?? 'GET'} ${path} was answered with ${answer.status}`),
      Array.isArray(told['errors']) ? (told['errors'] as FieldProblem[]) : [],
    );
  }

  async #call(method: string, path: string, body?: Json): Promise<Json> {
    const answer = await this.#fetch(path, {
      method,
      signal: AbortSignal.timeout(this.#answerWithinMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    try {
      return (await answer.json()) as Json;
    } catch (error) {
      throw new Unreachable(`${new URL(this.#base).origin} broke off, or does not speak this API`, {
        cause: error,
      });
    }
  }
}
