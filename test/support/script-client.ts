// How scripts written for the original's LCM API talk to a coordinator.
import { expect } from 'chai';
import type { TestCoordinator } from './coordinator.ts';
import { logIn, PASSWORD } from './sign-in.ts';

export type Json = Record<string, unknown> & { id: string; results: Json[] };

/** As python-requests sends: JSON with no content type, logs in by a form, keeps what the login answered as headers. */
export class ScriptClient {
  readonly #coordinator: TestCoordinator;
  #headers: Record<string, string> = {};

  constructor(coordinator: TestCoordinator) {
    this.#coordinator = coordinator;
  }

  /** @param path below the root, or a link that the coordinator gave */
  async send(method: string, path: string, body?: NonNullable<RequestInit['body']>) {
    const answer = await fetch(new URL(path, this.#coordinator.restUrl), {
      method,
      headers: this.#headers,
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.status, body: (await answer.json()) as Json };
  }

  async connect(): Promise<void> {
    const meta = await this.send('GET', '/meta');
    if (meta.status === 401) {
      const form = new URLSearchParams({ username: 'admin', password: PASSWORD });
      const login = await this.send('POST', '/login', form);
      expect(login.status).to.equal(200);
      this.#headers = login.body as unknown as Record<string, string>;
      expect((await this.send('GET', '/meta')).body).to.have.property('version');
    } else expect(meta.body).to.have.property('version');
  }

  /** As other scripts do: a content type on every request, and the session of a login in JSON, empty when there is none. */
  async connectByHeader(auth: 'on' | 'off'): Promise<void> {
    this.#headers = {
      'content-type': 'application/json',
      'opscenter-session': auth === 'on' ? await logIn(this.#coordinator) : '',
    };
  }

  async get(path: string): Promise<Json> {
    const { status, body } = await this.send('GET', path);
    expect(status, path).to.equal(200);
    return body;
  }

  async add(path: string, body: object): Promise<Json> {
    // Bytes, so that fetch adds no content type of its own.
    const answer = await this.send('POST', path, Buffer.from(JSON.stringify(body)));
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
    return answer.body;
  }

  async change(path: string, body: object): Promise<Json> {
    const answer = await this.send('PUT', path, Buffer.from(JSON.stringify(body)));
    expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
    return answer.body;
  }

  async refused(path: string, body: object): Promise<Json> {
    return (await this.send('POST', path, Buffer.from(JSON.stringify(body)))).body;
  }
}
