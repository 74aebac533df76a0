// The few REST calls that the quickstart makes, as any client would: JSON in, JSON out, errors with the server's words.
export type Json = Record<string, unknown>;

export class RestClient {
  readonly #base: string;

  /** @param base e.g. http://127.0.0.1:8888/api/v2/lcm */
  constructor(base: string) {
    this.#base = base;
  }

  async get(path: string): Promise<Json> {
    return await this.#call('GET', path);
  }

  async post(path: string, body: Json = {}): Promise<Json> {
    return await this.#call('POST', path, body);
  }

  async put(path: string, body: Json): Promise<Json> {
    return await this.#call('PUT', path, body);
  }

  async #call(method: string, path: string, body?: Json): Promise<Json> {
    const answer = await fetch(`${this.#base}/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const value = (await answer.json()) as Json;
    if (!answer.ok)
      throw new Error(
        `${method} ${path}: ${String(value['message'])} ${JSON.stringify(value['errors'] ?? [])}`,
      );
    return value;
  }

  /** Follows a job's live stream until it ends. @returns the final status */
  async follow(
    jobId: string,
    seen: (kind: string, data: Json) => void,
    signal: AbortSignal,
  ): Promise<string> {
    let lastEventId = '';
    for (;;) {
      const answer = await fetch(`${this.#base}/jobs/${jobId}/stream`, {
        signal,
        headers: lastEventId === '' ? {} : { 'last-event-id': lastEventId },
      });
      if (!answer.ok || answer.body === null) throw new Error(`the live stream answered ${answer.status}`);
      let rest = '';
      for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
        rest += chunk;
        for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
          const fields = new Map(
            rest
              .slice(0, end)
              .split('\n')
              .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const),
          );
          rest = rest.slice(end + 2);
          lastEventId = fields.get('id') ?? lastEventId;
          const [kind, data] = [fields.get('event'), fields.get('data')];
          if (kind === undefined || data === undefined) continue;
          const value = JSON.parse(data) as Json;
          if (kind === 'end') return String(value['status']);
          seen(kind, value);
        }
      }
    }
  }
}
