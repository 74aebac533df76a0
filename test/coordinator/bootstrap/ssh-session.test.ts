// Hosts that are not what they seem: what they say of secrets, how much, and what they are told. Real ones are in test/hosts.
import { expect } from 'chai';
import type { ServerChannel } from 'ssh2';
import type { Become } from '../../../coordinator/bootstrap/become.ts';
import { bringAgent } from '../../../coordinator/bootstrap/bring-agent.ts';
import { BootstrapFault } from '../../../coordinator/bootstrap/fault.ts';
import { type Login, SshSession } from '../../../coordinator/bootstrap/ssh-session.ts';
import { type OddServer, oddServer } from '../../support/ssh-server.ts';

const PASSWORD = 'login canary';
const ROOT_PASSWORD = 'root canary';
const BUNDLE = 'bundle canary';

describe('a host at the other end of SSH', () => {
  const servers: OddServer[] = [];
  const sessions: SshSession[] = [];
  afterEach(() => {
    for (const session of sessions.splice(0)) session.close();
    for (const server of servers.splice(0)) server.close();
  });
  const serve = async (behaviour: Parameters<typeof oddServer>[0]): Promise<OddServer> => {
    const server = await oddServer(behaviour);
    servers.push(server);
    return server;
  };
  const loginTo = ({ port }: { port: number }, rest: Partial<Login> = {}): Login => ({
    host: '127.0.0.1',
    port,
    user: 'admin',
    password: PASSWORD,
    privateKey: null,
    passphrase: null,
    ...rest,
  });
  const open = async (
    login: Login,
    trust: (fingerprint: string, type: string) => Promise<void> = async () => {},
  ) => {
    const signal = new AbortController().signal;
    const session = await SshSession.open(login, { trust, connectWithinMs: 5_000, signal });
    sessions.push(session);
    return session;
  };
  const fault = async (work: Promise<unknown>): Promise<string> => {
    const error = await work.then(
      () => new Error('nothing was amiss'),
      (reason: unknown) => reason,
    );
    if (!(error instanceof BootstrapFault)) throw error;
    expect(error.cause).to.equal(undefined); // it would be logged, and what the host said with it
    return `${error.kind}: ${error.message.replaceAll(/:\d+/g, ':22')}`;
  };
  const become = (mode: Become['mode']): Become => ({ mode, user: 'root', password: ROOT_PASSWORD });

  describe('is quoted without what it was told:', () => {
    /** Takes the password for a command. */
    const shell = (prompt: string) => (_line: string, channel: ServerChannel) => {
      channel.stderr.write(prompt);
      channel.once('data', (told: Buffer) => {
        channel.stderr.write(`\u001b[31msh: ${PASSWORD}, ${told.toString().trim()}\u0000: not found\n`);
        channel.exit(127);
        channel.end();
      });
    };

    for (const [mode, prompt] of [
      ['sudo', '[ringmaster wants the password]'],
      ['su', 'Password: '],
    ] as const)
      it(`where ${mode} has it asked for`, async () => {
        const session = await open(loginTo(await serve({ exec: shell(prompt) })));
        expect(await fault(session.runAsRoot(become(mode), 'id', { withinMs: 5_000 }))).to.equal(
          `become-refused: On admin@127.0.0.1:22 the login did not become root (${mode}): [31msh: ********, ******** : not found`,
        );
      });

    it('in what it says of itself', async () => {
      for (const [facts, expected] of [
        [`node ${PASSWORD} ${ROOT_PASSWORD}`, /^enrolled-elsewhere: .*, as node \*{8} \*{8}:/],
        [`machine ${PASSWORD} ${ROOT_PASSWORD}`, /^no-package: .* which is \*{8} \*{8}:/],
      ] as const) {
        const server = await serve({
          exec: (_line, channel) => {
            channel.write(`ringmaster-begun\nuid 0\nsystemd yes\nformat deb\n${facts}\n`);
            channel.exit(0);
            channel.end();
          },
        });
        const target = { nodeId: 'n', nodeName: 'n1', login: loginTo(server), become: become('sudo') };
        const times = {
          connectWithinMs: 5_000,
          commandWithinMs: 5_000,
          installWithinMs: 1_000,
          connectedWithinMs: 1_000,
        };
        const { signal } = new AbortController();
        const bringing = bringAgent(
          target,
          { packages: import.meta.dirname, times, signal },
          {
            tell: async () => {},
            pinHostKey: async (pinned) => ({ pinned, isNew: false }),
            makeBundle: async () => BUNDLE,
            isConnected: async () => false,
          },
        );
        expect(await fault(bringing)).to.match(expected);
      }
    });

    it('where it ends the connection', async () => {
      const server = await serve({
        exec: () => {
          const [connection] = server.connections;
          // As a host may do by the protocol, and ssh2 offers no way to.
          const { _protocol: protocol } = connection as unknown as {
            _protocol: { _cipher: { encrypt(packet: Buffer): void; allocPacket(size: number): Buffer } };
          };
          const words = Buffer.from(`${PASSWORD}\u0007`);
          const packet = protocol._cipher.allocPacket(13 + words.length);
          packet[5] = 1; // SSH_MSG_DISCONNECT
          packet.writeUInt32BE(2, 6);
          packet.writeUInt32BE(words.length, 10);
          packet.set(words, 14);
          packet.writeUInt32BE(0, 14 + words.length);
          protocol._cipher.encrypt(packet);
        },
      });
      const session = await open(loginTo(server));
      expect(await fault(session.run('id', 5_000))).to.equal(
        'connection-lost: The SSH connection to admin@127.0.0.1:22 was lost: ********',
      );
    });
  });

  it('is heard no longer once it has said too much before the script begins', async () => {
    const server = await serve({
      exec: (_line, channel) => {
        const talk = (): void => void channel.write('a line of a greeting\n'.repeat(1_000), talk);
        talk();
      },
    });
    const session = await open(loginTo(server));
    expect(await fault(session.runAsRoot(become('direct'), 'id', { withinMs: 5_000 }))).to.equal(
      'become-refused: On admin@127.0.0.1:22 the login did not become root (direct): it said more than 64000 characters, and the script had not begun',
    );
  });
});
