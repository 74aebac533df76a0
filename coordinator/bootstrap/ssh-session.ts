// One SSH connection to a host, by ssh2: logs in, runs command lines, uploads files.
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Client, ClientChannel } from 'ssh2';
import { afterBegun, type Become, BecomeTalk, becomeLine, MOST_BEFORE_BEGUN, scriptLine } from './become.ts';
import { BootstrapFault, quoted } from './fault.ts';
import { type Login, type LoginOptions, logIn, nameOf, type SshConnection, seconds } from './ssh-login.ts';

export interface Ended {
  /** null: killed */
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** Characters kept of each stream: the end says what went wrong. */
const MOST_OUTPUT = 64_000;

/** Words of hosts that do not say what is to be done. */
const MEANINGS = [
  [
    /password change required|password has expired/i,
    'the password of the login has expired, and is to be changed there first',
  ],
  [/account is currently not available/i, 'its login shell lets nobody run anything'],
] as const;

export class SshSession {
  readonly #connection: SshConnection;
  readonly #client: Client;
  readonly #login: Login;
  /** rejects whatever is under way once the connection is gone */
  readonly #lost: Promise<never>;
  readonly #stopListening: () => void;

  private constructor(connection: SshConnection, login: Login, signal: AbortSignal) {
    const { client, destroy } = connection;
    this.#connection = connection;
    this.#client = client;
    this.#login = login;
    signal.addEventListener('abort', destroy);
    this.#stopListening = () => signal.removeEventListener('abort', destroy);
    this.#lost = new Promise((_, reject) => {
      const lost = (error?: Error): void => {
        const why = error === undefined ? '' : `: ${this.#quoted(error.message)}`;
        reject(new BootstrapFault('connection-lost', `The SSH connection to ${this.name} was lost${why}`));
      };
      client.on('error', lost);
      client.on('close', () => lost());
    });
    this.#lost.catch(() => {}); // of interest only to what is under way
    if (signal.aborted) destroy();
  }

  /** `user@host:port` */
  get name(): string {
    return nameOf(this.#login);
  }

  /** @throws BootstrapFault, and whatever else `trust` throws */
  static async open(login: Login, options: LoginOptions): Promise<SshSession> {
    return new SshSession(await logIn(login, options), login, options.signal);
  }

  close(): void {
    this.#stopListening();
    this.#connection.end();
  }

  /** Runs a script as the login itself. @throws BootstrapFault when it takes too long or the connection is lost */
  async run(script: string, withinMs: number, args: readonly string[] = []): Promise<Ended> {
    return await this.#exec(scriptLine(script, args), { withinMs }, (stream) => stream.end());
  }

  /**
   * Runs a script as root: `input` is what it reads, and passwords are told on the way to it.
   * @throws BootstrapFault also when the login may not become root
   */
  async runAsRoot(
    become: Become,
    script: string,
    { args = [], input = '', withinMs }: { args?: readonly string[]; input?: string; withinMs: number },
  ): Promise<Ended> {
    const talk = new BecomeTalk(become);
    const hear = (stream: ClientChannel, from: 'stdout' | 'stderr', text: string): void => {
      const step = talk.hear(from, text);
      if (step === 'send-password') stream.write(`${become.password}\n`);
      else if (step === 'begun') stream.end(input);
      else if (step === 'too-much') throw new BootstrapFault('become-refused', this.#refusal(become, talk));
      else if (step !== 'wait') stream.end();
    };
    const ended = await this.#exec(becomeLine(become, script, args), { withinMs }, () => {}, hear);
    if (talk.hasBegun) return { ...ended, stderr: talk.afterPrompt(ended.stderr) };
    throw new BootstrapFault('become-refused', this.#refusal(become, talk, ended));
  }

  /** @param told to the host besides what the login is by */
  #quoted(output: string, told: readonly (string | null)[] = []): string {
    return quoted(output, [...told, this.#login.password, this.#login.passphrase]);
  }

  #refusal(
    { mode, user, password }: Become,
    { refusal }: BecomeTalk,
    { stdout, stderr } = { stdout: '', stderr: '' },
  ): string {
    if (refusal === 'password-wanted')
      return `On ${this.name} ${mode} wants a password to become ${user}: the machine credential has no become-password: give it one, then run the job again`;
    if (refusal === 'password-refused')
      return `On ${this.name} ${mode} refused the become-password for ${user}: change it in the machine credential, then run the job again`;
    if (refusal === 'too-much')
      return `On ${this.name} the login did not become ${user} (${mode}): it said more than ${MOST_BEFORE_BEGUN} characters, and the script had not begun`;
    // sudo and su say it in their last line, after a prompt perhaps.
    const said =
      `${stdout}\n${stderr}`
        .trim()
        .split('\n')
        .at(-1)
        ?.replace(/^\[.*?\]|^password: /i, '') ?? '';
    const meaning = MEANINGS.find(([words]) => words.test(said))?.[1];
    const why = [this.#quoted(said, [password]).replace(/\.$/, ''), meaning].filter(Boolean).join(': ');
    return `On ${this.name} the login did not become ${user} (${mode}): ${why || 'it said nothing'}. Put that right there or in the machine credential, then run the job again`;
  }

  /** @returns of its output what the script said itself: a login's shell may greet */
  async #exec(
    line: string,
    { withinMs, what = 'a command' }: { withinMs: number; what?: string },
    begun: (stream: ClientChannel) => void,
    hear: (stream: ClientChannel, from: 'stdout' | 'stderr', text: string) => void = () => {},
  ): Promise<Ended> {
    const work = new Promise<Ended>((resolve, reject) => {
      this.#client.exec(line, (error, stream) => {
        if (error !== undefined) {
          reject(
            new BootstrapFault(
              'connection-lost',
              `${this.name} runs no command: ${this.#quoted(error.message)}`,
            ),
          );
          return;
        }
        const said = { stdout: '', stderr: '' };
        let exitCode: number | null = null;
        const listen = (from: 'stdout' | 'stderr', source: NodeJS.ReadableStream): void => {
          source.setEncoding('utf8');
          source.on('data', (text: string) => {
            said[from] = `${said[from]}${text}`.slice(-MOST_OUTPUT);
            try {
              hear(stream, from, text);
            } catch (error) {
              reject(error);
            }
          });
        };
        listen('stdout', stream);
        listen('stderr', stream.stderr);
        stream.on('error', reject);
        stream.on('exit', (code: number | null) => {
          exitCode = code;
        });
        stream.on('close', () => resolve({ exitCode, ...said, stdout: afterBegun(said.stdout) }));
        begun(stream);
      });
    });
    return await this.#within(work, withinMs, what);
  }

  /** For the login alone to read. By no sftp, which a shell that greets would break. @throws BootstrapFault with what the host said */
  async upload(from: string, to: string, withinMs: number): Promise<void> {
    const file = createReadStream(from);
    let unreadable = '';
    file.on('error', ({ message }) => {
      unreadable = message;
    });
    const limit = { withinMs, what: 'the upload' };
    const ended = await this.#exec(scriptLine('umask 077; cat >"$1"', [to]), limit, (stream) => {
      pipeline(file, stream).catch(() => {}); // where the host ends it, it says why
    }).finally(() => file.destroy());
    if (ended.exitCode === 0 && unreadable === '') return;
    const said = unreadable || this.#quoted(`${ended.stdout}\n${ended.stderr}`);
    throw new BootstrapFault('install-failed', `${this.name} does not take ${to}: ${said}`);
  }

  async #within<T>(work: Promise<T>, withinMs: number, what: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const message = `On ${this.name} ${what} took longer than ${seconds(withinMs)}`;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new BootstrapFault('timeout', message)), withinMs);
    });
    work.catch(() => {}); // when it ends too late
    try {
      return await Promise.race([work, this.#lost, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
