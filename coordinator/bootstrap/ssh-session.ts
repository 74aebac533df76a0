// One SSH connection to a host, by ssh2: logs in, runs command lines, uploads files.
import { createHash } from 'node:crypto';
import ssh2, { type Client, type ClientChannel, type ConnectConfig } from 'ssh2';
import { afterBegun, type Become, BecomeTalk, becomeLine, MOST_BEFORE_BEGUN } from './become.ts';
import { BootstrapFault, quoted } from './fault.ts';
import { readableKey } from './private-key.ts';

export interface Login {
  host: string;
  port: number;
  user: string;
  password: string | null;
  /** OpenSSH or PEM text */
  privateKey: string | null;
  /** of the private key */
  passphrase: string | null;
}

export interface Ended {
  /** null: killed */
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

export interface SessionOptions {
  /**
   * Asked before anything secret is sent. @param fingerprint as OpenSSH shows it, `SHA256:…`
   * @throws BootstrapFault when this is not the host that is meant
   */
  trust: (fingerprint: string, keyType: string) => Promise<void>;
  /** for the connection and the login together */
  connectWithinMs: number;
  /** ends the connection, and whatever is under way */
  signal: AbortSignal;
}

/** As `ssh-keygen -l` shows a key. */
export const fingerprintOf = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** The first field of a public key is the name of its type, with its length in front (RFC 4253, 6.6). */
const keyTypeOf = (key: Buffer): string => key.toString('latin1', 4, 4 + key.readUInt32BE(0));

const nameOf = ({ user, host, port }: Login): string => `${user}@${host}:${port}`;
const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

/** Characters kept of each stream: the end says what went wrong. */
const MOST_OUTPUT = 64_000;

interface SshError extends Error {
  level?: string;
  code?: string;
}

/** What ssh2 tells by `level`, and the system by `code`, in our words. */
function connectFault(error: SshError, login: Login, withinMs: number): BootstrapFault {
  const to = nameOf(login);
  const by = [
    ...(login.privateKey === null ? [] : ['the private key']),
    ...(login.password === null ? [] : ['the password']),
  ].join(' and ');
  const said = quoted(error.message, [login.password, login.passphrase]);
  if (error.level === 'client-authentication')
    return new BootstrapFault('auth-refused', `${to} refused the login by ${by}`);
  if (error.level === 'client-timeout' || error.code === 'ETIMEDOUT')
    return new BootstrapFault('timeout', `${to} did not answer within ${seconds(withinMs)}`);
  if (error.level === 'client-socket' || error.level === 'client-dns')
    return new BootstrapFault('unreachable', `${to} is not reached: ${error.code ?? said}`);
  return new BootstrapFault('connection-lost', `No SSH connection to ${to}: ${said}`);
}

export class SshSession {
  readonly #client: Client;
  readonly #login: Login;
  /** rejects whatever is under way once the connection is gone */
  readonly #lost: Promise<never>;
  readonly #stopListening: () => void;

  private constructor(client: Client, login: Login, signal: AbortSignal) {
    this.#client = client;
    this.#login = login;
    const end = (): void => void client.destroy();
    signal.addEventListener('abort', end);
    this.#stopListening = () => signal.removeEventListener('abort', end);
    this.#lost = new Promise((_, reject) => {
      const lost = (error?: Error): void => {
        const why = error === undefined ? '' : `: ${this.#quoted(error.message)}`;
        reject(new BootstrapFault('connection-lost', `The SSH connection to ${this.name} was lost${why}`));
      };
      client.on('error', lost);
      client.on('close', () => lost());
    });
    this.#lost.catch(() => {}); // of interest only to what is under way
  }

  /** `user@host:port` */
  get name(): string {
    return nameOf(this.#login);
  }

  /** @throws BootstrapFault */
  static async open(login: Login, { trust, connectWithinMs, signal }: SessionOptions): Promise<SshSession> {
    const privateKey = readableKey(login);
    const client = new ssh2.Client();
    const refusal: { reason: Error | null } = { reason: null };
    const { password } = login;
    const config: ConnectConfig = {
      host: login.host,
      port: login.port,
      username: login.user,
      readyTimeout: 0, // ours counts from before the name is looked up
      keepaliveInterval: 10_000,
      ...(privateKey === null ? {} : { privateKey }),
      ...(login.passphrase === null ? {} : { passphrase: login.passphrase }),
      ...(password === null ? {} : { password, tryKeyboard: true }),
      hostVerifier: (key: Buffer, verify: (valid: boolean) => void): void => {
        trust(fingerprintOf(key), keyTypeOf(key)).then(
          () => verify(true),
          (reason: unknown) => {
            refusal.reason = reason instanceof Error ? reason : new Error(String(reason));
            verify(false);
          },
        );
      },
    };
    // Servers that take passwords by PAM alone ask for them this way.
    client.on('keyboard-interactive', (_name, _instructions, _language, prompts, finish) =>
      finish(prompts.map(() => password ?? '')),
    );
    const timedOut: SshError = Object.assign(new Error('no answer in time'), { level: 'client-timeout' });
    let timer: NodeJS.Timeout | undefined;
    const aborted = (): void => void client.destroy();
    try {
      await new Promise<void>((resolve, reject) => {
        timer = setTimeout(() => reject(timedOut), connectWithinMs);
        signal.addEventListener('abort', aborted);
        if (signal.aborted) reject(new Error('given up'));
        client.on('ready', resolve);
        client.on('error', reject);
        client.on('close', () => reject(new Error('the host closed it before the login')));
        client.connect(config);
      });
      return new SshSession(client, login, signal);
    } catch (error) {
      client.on('error', () => {}); // what comes later is of no interest
      client.destroy();
      if (refusal.reason !== null) throw refusal.reason;
      throw connectFault(error instanceof Error ? error : new Error(String(error)), login, connectWithinMs);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
    }
  }

  close(): void {
    this.#stopListening();
    this.#client.end();
  }

  /** Runs a line in the login's own shell. @throws BootstrapFault when it takes too long or the connection is lost */
  async run(line: string, withinMs: number): Promise<Ended> {
    return await this.#exec(
      line,
      withinMs,
      (stream) => stream.end(),
      () => {},
    );
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
    const ended = await this.#exec(becomeLine(become, script, args), withinMs, () => {}, hear);
    if (talk.hasBegun) return { ...ended, stdout: afterBegun(ended.stdout) };
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
      return `On ${this.name} ${mode} wants a password to become ${user}: the machine credential has no become-password`;
    if (refusal === 'password-refused')
      return `On ${this.name} ${mode} refused the become-password for ${user}`;
    if (refusal === 'too-much')
      return `On ${this.name} the login did not become ${user} (${mode}): it said more than ${MOST_BEFORE_BEGUN} characters, and the script had not begun`;
    // sudo and su say it in their last line, after a prompt perhaps.
    const said =
      `${stdout}\n${stderr}`
        .trim()
        .split('\n')
        .at(-1)
        ?.replace(/^\[.*?\]|^password: /i, '') ?? '';
    return `On ${this.name} the login did not become ${user} (${mode}): ${this.#quoted(said, [password])}`;
  }

  async #exec(
    line: string,
    withinMs: number,
    begun: (stream: ClientChannel) => void,
    hear: (stream: ClientChannel, from: 'stdout' | 'stderr', text: string) => void,
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
        stream.on('close', () => resolve({ exitCode, ...said }));
        begun(stream);
      });
    });
    return await this.#within(work, withinMs, 'a command');
  }

  /** @throws BootstrapFault with what sftp said */
  async upload(from: string, to: string, withinMs: number): Promise<void> {
    const work = new Promise<void>((resolve, reject) => {
      const failed = (error: Error): void =>
        reject(
          new BootstrapFault(
            'install-failed',
            `${this.name} does not take ${to} by sftp: ${this.#quoted(error.message)}`,
          ),
        );
      this.#client.sftp((error, sftp) => {
        if (error !== undefined) return failed(error);
        sftp.fastPut(from, to, { mode: 0o600 }, (problem) => {
          sftp.end();
          if (problem) failed(problem);
          else resolve();
        });
      });
    });
    await this.#within(work, withinMs, 'the upload');
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
