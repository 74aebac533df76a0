// Logging in to a host by ssh2: the host proves who it is before it is told who we are, and no secret is sent twice.
import { createHash } from 'node:crypto';
import { Socket } from 'node:net';
import ssh2, { type AnyAuthMethod, type Client, type Prompt, type ServerHostKeyAlgorithm } from 'ssh2';
import { unreached } from '../../shared/unreached.ts';
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

export interface LoginOptions {
  /**
   * Asked once the host has proved that it has this key, before it is told anything, the user's name included.
   * @param fingerprint as OpenSSH shows it, `SHA256:…`
   * @throws BootstrapFault when this is not the host that is meant; of kind `host-key-changed` it is asked again for each other key that the host has
   */
  trust: (fingerprint: string, keyType: string) => Promise<void>;
  /** for the connection and the login together */
  connectWithinMs: number;
  /** ends the connection, and whatever is under way */
  signal: AbortSignal;
}

export interface SshConnection {
  client: Client;
  /** Says goodbye, and waits for no answer. */
  end(): void;
  destroy(): void;
}

/** As `ssh-keygen -l` shows a key. */
export const fingerprintOf = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** The first field of a public key is the name of its type, with its length in front (RFC 4253, 6.6). */
const keyTypeOf = (key: Buffer): string => key.toString('latin1', 4, 4 + key.readUInt32BE(0));

/** Types of host keys, the best first, and by which algorithms a host proves that it has one. */
const HOST_KEYS: ReadonlyMap<string, readonly ServerHostKeyAlgorithm[]> = new Map([
  ['ssh-ed25519', ['ssh-ed25519']],
  ['ecdsa-sha2-nistp256', ['ecdsa-sha2-nistp256']],
  ['ecdsa-sha2-nistp384', ['ecdsa-sha2-nistp384']],
  ['ecdsa-sha2-nistp521', ['ecdsa-sha2-nistp521']],
  ['ssh-rsa', ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa']],
]);

/** For the other end to close the connection, once we have nothing to say any more. */
const FAREWELL_MS = 1_000;

/** `user@host:port` */
export const nameOf = ({ user, host, port }: Login): string => `${user}@${host}:${port}`;
export const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

interface SshError extends Error {
  level?: string;
  code?: string;
}

/** The host has no key of the types that it was asked for. */
class NoSuchHostKey extends BootstrapFault {}
/** ssh2 has no code for it. */
const NO_SUCH_HOST_KEY = 'Handshake failed: no matching host key format';

/** What ssh2 tells by `level`, and the system by `code`, in our words. */
function connectFault(error: SshError, login: Login, withinMs: number): BootstrapFault {
  const to = nameOf(login);
  const said = quoted(error.message, [login.password, login.passphrase]);
  if (error.level === 'client-timeout')
    return new BootstrapFault('timeout', `${to} did not answer within ${seconds(withinMs)}`);
  if (error.level === 'client-socket') {
    const why = error.code === 'ETIMEDOUT' ? `no answer within ${seconds(withinMs)}` : (error.code ?? said);
    return new BootstrapFault('unreachable', `${to} is not reached: ${unreached(why)}`);
  }
  const Fault = error.message === NO_SUCH_HOST_KEY ? NoSuchHostKey : BootstrapFault;
  return new Fault('connection-lost', `No SSH connection to ${to}: ${said}`);
}

/** The ways into a host, one after the other: the key, then the password, which is told once. */
class WaysIn {
  readonly #login: Login;
  readonly #refuse: (fault: BootstrapFault) => void;
  readonly #tried: string[] = [];
  #key: string | null;
  #password: string | null;

  constructor(login: Login, key: string | null, refuse: (fault: BootstrapFault) => void) {
    this.#login = login;
    this.#refuse = refuse;
    this.#key = key;
    this.#password = login.password;
  }

  /** @param taken methods that the host names @param isPartly it took the one before, and wants another besides */
  next(taken: readonly string[], isPartly: boolean): AnyAuthMethod | null {
    const { user: username, passphrase } = this.#login;
    const [key, password] = [this.#key, this.#password];
    if (key !== null && taken.includes('publickey')) {
      this.#key = null;
      this.#tried.push('the private key');
      return { type: 'publickey', username, key, ...(passphrase === null ? {} : { passphrase }) };
    }
    const byPassword = taken.find((method) => method === 'password' || method === 'keyboard-interactive');
    if (password !== null && byPassword !== undefined) {
      this.#password = null;
      this.#tried.push('the password');
      if (taken.includes('password')) return { type: 'password', username, password };
      return { type: 'keyboard-interactive', username, prompt: this.#answerWith(password) };
    }
    const [tried, wanted] = [this.#tried.join(' and '), this.#quoted(taken.join(', '))];
    if (tried === '') this.refuse(`lets nobody log in by what the machine credential has, only by ${wanted}`);
    else if (isPartly) this.refuse(`wants more than ${tried} for the login: ${wanted}`);
    else this.refuse(`refused the login by ${tried}`);
    return null;
  }

  refuse(problem: string, said = ''): void {
    this.#refuse(
      new BootstrapFault('auth-refused', `${nameOf(this.#login)} ${problem}${this.#quoted(said)}`),
    );
  }

  /** Servers that take passwords by PAM alone ask for them this way, and for codes as well: what would be shown is no password. */
  #answerWith(password: string) {
    let isTold = false;
    return (
      _name: string,
      _instructions: string,
      _language: string,
      prompts: Prompt[],
      finish: (answers: string[]) => void,
    ): void => {
      if (isTold || prompts.length !== 1 || prompts[0]?.echo === true) {
        const asked = prompts.map(({ prompt }) => prompt.trim()).join(' ');
        this.refuse('does not take the password alone, it asks: ', asked);
        return;
      }
      isTold = true;
      finish([password]);
    };
  }

  #quoted(said: string): string {
    return quoted(said, [this.#login.password, this.#login.passphrase]);
  }
}

/** One connection, up to the login. */
async function attempt(
  login: Login,
  key: string | null,
  { trust, connectWithinMs, signal }: LoginOptions,
  serverHostKey: ServerHostKeyAlgorithm[],
): Promise<SshConnection> {
  const client = new ssh2.Client();
  const socket = new Socket(); // ours, since ssh2 cannot let go of one that it has ended
  const destroy = (): void => void socket.destroy();
  let refusal: Error | null = null;
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const tooLate = (): void => {
        const isReached = !socket.connecting;
        const late = isReached ? { level: 'client-timeout' } : { level: 'client-socket', code: 'ETIMEDOUT' };
        reject(Object.assign(new Error('no answer in time'), late));
      };
      timer = setTimeout(tooLate, connectWithinMs);
      signal.addEventListener('abort', destroy);
      if (signal.aborted) return reject(new Error('given up'));
      client.on('ready', resolve);
      client.on('error', reject);
      client.on('close', () => reject(new Error('the host closed it before the login')));
      const refuse = (reason: unknown): void => {
        refusal ??= reason instanceof Error ? reason : new Error(String(reason));
        reject(refusal);
      };
      const ways = new WaysIn(login, key, refuse);
      client.on('change password', (said) => ways.refuse('wants the password changed first: ', said));
      let hostKey: Buffer | null = null;
      let isTrusted = false;
      socket.connect(login.port, login.host);
      client.connect({
        sock: socket,
        username: login.user,
        readyTimeout: 0, // ours counts from before the name is looked up
        keepaliveInterval: 10_000,
        algorithms: { serverHostKey },
        // Not believed yet: it is asked before the host has proved anything, and again whenever keys are exchanged anew.
        hostVerifier: (shown: Buffer): boolean => {
          hostKey ??= shown;
          return hostKey.equals(shown);
        },
        authHandler: (taken, isPartly, next) => {
          if (isTrusted) {
            const way = ways.next(taken, isPartly);
            if (way !== null) next(way);
          } else if (hostKey !== null && refusal === null) {
            trust(fingerprintOf(hostKey), keyTypeOf(hostKey)).then(() => {
              isTrusted = true;
              next({ type: 'none', username: login.user }); // is answered by what is taken
            }, refuse);
          }
        },
      });
    });
  } catch (error) {
    destroy();
    throw (
      refusal ??
      connectFault(error instanceof Error ? error : new Error(String(error)), login, connectWithinMs)
    );
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', destroy);
  }
  const end = (): void => {
    client.end();
    const farewell = setTimeout(destroy, FAREWELL_MS);
    socket.once('close', () => clearTimeout(farewell));
  };
  return { client, end, destroy };
}

/** @throws BootstrapFault, and whatever else `trust` throws */
export async function logIn(login: Login, options: LoginOptions): Promise<SshConnection> {
  const untilMs = performance.now() + options.connectWithinMs;
  const key = readableKey(login);
  const asked = new Map(HOST_KEYS);
  const changed: BootstrapFault[] = [];
  const trust = async (fingerprint: string, keyType: string): Promise<void> => {
    try {
      await options.trust(fingerprint, keyType);
    } catch (error) {
      if (error instanceof BootstrapFault && error.kind === 'host-key-changed') changed.push(error);
      asked.delete(keyType);
      throw error;
    }
  };
  for (;;)
    try {
      const connectWithinMs = Math.max(0, untilMs - performance.now());
      return await attempt(login, key, { ...options, trust, connectWithinMs }, [...asked.values()].flat());
    } catch (error) {
      // A host has several keys, and shows that of the first type that it is asked for: the one it is known by may be another.
      const isAnother = error === changed.at(-1);
      if (isAnother && asked.size > 0) continue;
      // It is the wrong host only once it has shown all that it has: a connection that breaks in between says nothing of its keys.
      throw isAnother || error instanceof NoSuchHostKey ? (changed[0] ?? error) : error;
    }
}
