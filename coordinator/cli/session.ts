// What every command is given: where it runs, the coordinator it speaks to, names, and output.
import { chooseServer, configPath } from './config-file.ts';
import { CliFailure } from './exit.ts';
import { Names } from './names.ts';
import { Output, type OutputOptions, type Sink } from './output.ts';
import { ApiRefusal, type Json, RestClient } from './rest-client.ts';

/** The process as commands see it. */
export interface Surroundings {
  env: Readonly<Record<string, string | undefined>>;
  out: Sink;
  err: Sink;
  /** whether a person can be asked */
  isInteractive: boolean;
  /** One line of what the person types; null at the end of input. */
  ask(question: string): Promise<string | null>;
  /** The same, and what is typed does not show. */
  askSecret(question: string): Promise<string | null>;
  readStdin(): Promise<string>;
  /** fires at Ctrl-C */
  interrupted: AbortSignal;
}

export interface SessionOptions extends OutputOptions {
  server?: string;
  /** in milliseconds, of the commands that wait for a job */
  timeout?: number;
}

const API = '/api/v2/lcm';

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || host.startsWith('127.');

export class Session {
  readonly around: Surroundings;
  readonly output: Output;
  readonly configPath: string;
  /** --timeout, from the command's start; null: none */
  readonly limit: { ms: number; signal: AbortSignal } | null;
  /** fires when nobody waits any longer: at Ctrl-C, or past the limit */
  readonly givenUp: AbortSignal;
  readonly #serverFlag: string | undefined;
  #opened: { url: string; client: RestClient; names: Names } | null = null;

  constructor(around: Surroundings, options: SessionOptions) {
    this.around = around;
    this.output = new Output(around.out, around.err, options, around.env);
    this.configPath = configPath(around.env);
    const { timeout: ms } = options;
    this.limit = ms === undefined ? null : { ms, signal: AbortSignal.timeout(ms) };
    this.givenUp =
      this.limit === null ? around.interrupted : AbortSignal.any([around.interrupted, this.limit.signal]);
    this.#serverFlag = options.server;
  }

  #open(): { url: string; client: RestClient; names: Names } {
    if (this.#opened !== null) return this.#opened;
    const { url, token } = chooseServer(this.#serverFlag, this.around.env, this.configPath);
    if (token !== null) this.#warnOf('token', url);
    const client = new RestClient(`${url}${API}`, { token, signal: this.givenUp });
    this.#opened = { url, client, names: new Names(client) };
    return this.#opened;
  }

  get url(): string {
    return this.#open().url;
  }

  get client(): RestClient {
    return this.#open().client;
  }

  get names(): Names {
    return this.#open().names;
  }

  /** Logs in, with whatever token there was left out. @returns the session id @throws CliFailure auth when it is refused */
  async login(username: string, password: string): Promise<string> {
    const { url } = chooseServer(this.#serverFlag, this.around.env, this.configPath);
    this.#warnOf('password', url);
    const answer = await new RestClient(`${url}${API}`, { signal: this.givenUp })
      .post('/login', { username, password })
      .catch((error: unknown) => {
        // About what was typed; whoever is told to log in does so already.
        if (error instanceof ApiRefusal && error.status === 401) throw new CliFailure('auth', error.message);
        throw error;
      });
    return String(answer['sessionid']);
  }

  #warnOf(secret: string, url: string): void {
    if (url.startsWith('http:') && !isLoopback(new URL(url).hostname))
      this.output.note(`warning: the ${secret} goes to ${url} unencrypted`);
  }

  /** One that gives up soon, and says nothing to anybody. */
  quickClient(withinMs: number): RestClient {
    const { url, token } = chooseServer(this.#serverFlag, this.around.env, this.configPath);
    return new RestClient(`${url}${API}`, { token, answerWithinMs: withinMs });
  }

  /** Says the next step, unless only ids are wanted. */
  hint(text: string): void {
    if (!this.output.quiet && !this.output.isData) this.output.note(this.output.errColours.dim(text));
  }
}

/** Makes what a command does into what the command tree calls. */
export type Act = (
  run: (session: Session, args: string[], options: Json) => Promise<void>,
) => (...given: unknown[]) => Promise<void>;
