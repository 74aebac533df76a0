// SSH servers that behave as no sshd does, for what a coordinator has to withstand. Real ones are in test/hosts.
import { createHash, generateKeyPairSync } from 'node:crypto';
import ssh2, { type AuthContext, type Connection, type EncryptedPrivateKey, type ServerChannel } from 'ssh2';

export interface OddServer {
  port: number;
  /** `method` or `method:what was told` of each try to log in */
  logins: string[];
  /** the connections that were begun */
  connections: readonly Connection[];
  close(): void;
}

export interface HostKey {
  pem: string;
  /** false: it signs with another, as who only knows the public one has to */
  isOwn: boolean;
  fingerprint: string;
}

export function makeHostKey(type: 'rsa' | 'ecdsa'): HostKey {
  const pem =
    type === 'rsa'
      ? generateKeyPairSync('rsa', {
          modulusLength: 2_048,
          publicKeyEncoding: { type: 'spki', format: 'pem' },
          privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
        }).privateKey
      : generateKeyPairSync('ec', {
          namedCurve: 'P-256',
          publicKeyEncoding: { type: 'spki', format: 'pem' },
          privateKeyEncoding: { type: 'sec1', format: 'pem' },
        }).privateKey;
  const key = ssh2.utils.parseKey(pem);
  if (key instanceof Error) throw key;
  const digest = createHash('sha256').update(key.getPublicSSH()).digest('base64');
  return { pem, isOwn: true, fingerprint: `SHA256:${digest.replace(/=+$/, '')}` };
}

/** As the server takes it. */
function signer({ pem, isOwn }: HostKey): EncryptedPrivateKey {
  const key = ssh2.utils.parseKey(pem);
  const other = ssh2.utils.parseKey(makeHostKey('ecdsa').pem);
  if (key instanceof Error || other instanceof Error) throw new Error('no key');
  if (!isOwn) key.sign = (data, hash) => other.sign(data, hash);
  return { key, passphrase: '' };
}

/** Takes whatever password there is. */
const acceptPassword = (login: AuthContext): void =>
  login.method === 'password' ? login.accept() : login.reject(['password']);

/**
 * On this machine.
 * @param at the port, a free one unless told
 * @param exec is given each command's line and channel
 * @param drops asked of each connection at its beginning: whether it is cut there
 */
export async function oddServer({
  exec = (_line, channel) => void channel.close(),
  login = acceptPassword,
  keys = [makeHostKey('ecdsa')],
  drops = () => false,
  at = 0,
}: {
  exec?: (line: string, channel: ServerChannel) => void;
  login?: (login: AuthContext, logins: string[]) => void;
  keys?: readonly HostKey[];
  drops?: () => boolean;
  at?: number;
} = {}): Promise<OddServer> {
  const logins: string[] = [];
  const connections: Connection[] = [];
  const server = new ssh2.Server({ hostKeys: keys.map(signer) }, (connection) => {
    connections.push(connection);
    connection.on('error', () => {}); // clients leave as they like
    if (drops()) return void connection.end();
    connection.on('authentication', (context) => {
      logins.push(context.method === 'password' ? `password:${context.password}` : context.method);
      login(context, logins);
    });
    connection.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        channel.on('error', () => {});
        exec(command, channel);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const close = (): void => {
    for (const connection of connections) connection.end();
    server.close();
  };
  return { port, logins, connections, close };
}
