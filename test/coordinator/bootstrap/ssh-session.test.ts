// Hosts that are not what they seem: what they say of secrets, how much, and what they are told. Real ones are in test/hosts.
import { connect, createServer } from 'node:net';
import { expect } from 'chai';
import type { AuthContext, AuthenticationType, ServerChannel } from 'ssh2';
import type { Become } from '../../../coordinator/bootstrap/become.ts';
import { bringAgent } from '../../../coordinator/bootstrap/bring-agent.ts';
import { BootstrapFault } from '../../../coordinator/bootstrap/fault.ts';
import type { Login } from '../../../coordinator/bootstrap/ssh-login.ts';
import { SshSession } from '../../../coordinator/bootstrap/ssh-session.ts';
import { Slots } from '../../../shared/slots.ts';
import { eventually } from '../../support/eventually.ts';
import { makeHostKey, type OddServer, oddServer } from '../../support/ssh-server.ts';

const PASSWORD = 'login canary';
const ROOT_PASSWORD = 'root canary';
const BUNDLE = 'bundle canary';
const ONWARD = '. Put that right there or in the machine credential, then run the job again';

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
    return `${error.kind}: ${error.message.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:22')}`;
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
          `become-refused: On admin@127.0.0.1:22 the login did not become root (${mode}): [31msh: ********, ******** : not found${ONWARD}`,
        );
      });

    it('in what it says of itself', async () => {
      for (const [facts, expected] of [
        [`node ${PASSWORD} ${ROOT_PASSWORD}`, /^enrolled-elsewhere: .*, as node \*{8} \*{8}:/],
        [`machine ${PASSWORD} ${ROOT_PASSWORD}`, /^no-package: .* which is \*{8} \*{8}:/],
        [
          'agent 0.1.0\nservice masked-runtime',
          /^service-masked: ringmaster-agent\.service is masked on \S+: `systemctl unmask --runtime ringmaster-agent\.service` allows it to be started, then run the job again$/,
        ],
      ] as const) {
        const server = await serve({
          exec: (_line, channel) => {
            channel.write(`ringmaster-begun\nuid 0\nsystemd yes\nformat deb\n${facts}\n`);
            channel.exit(0);
            channel.end();
          },
        });
        const target = {
          nodeId: 'n',
          tryId: 't',
          isToldAlready: false,
          nodeName: 'n1',
          login: loginTo(server),
          become: become('sudo'),
        };
        const times = {
          connectWithinMs: 5_000,
          commandWithinMs: 5_000,
          installWithinMs: 1_000,
          lockWithinMs: 1_000,
          connectedWithinMs: 1_000,
        };
        const { signal } = new AbortController();
        const bringing = bringAgent(
          target,
          { packages: import.meta.dirname, times, uploads: new Slots(1), signal },
          {
            tell: async () => {},
            entered: async () => {},
            knownHostKey: async () => null,
            pinHostKey: async ({ fingerprint }) => fingerprint,
            makeBundle: async () => BUNDLE,
            isGoodCertificate: async () => false,
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

  describe('is told a password', () => {
    const methods: AuthenticationType[] = ['publickey', 'keyboard-interactive', 'password'];
    const privateKey = makeHostKey('ecdsa').pem;
    const refused = 'auth-refused: admin@127.0.0.1:22';

    it('once, and after the key', async () => {
      const server = await serve({ login: (login) => login.reject(methods) });
      expect(await fault(open(loginTo(server)))).to.equal(`${refused} refused the login by the password`);
      expect(server.logins.splice(0)).to.deep.equal(['none', `password:${PASSWORD}`]);
      expect(await fault(open(loginTo(server, { privateKey })))).to.equal(
        `${refused} refused the login by the private key and the password`,
      );
      expect(server.logins).to.deep.equal(['none', 'publickey', `password:${PASSWORD}`]);
    });

    it('unless it takes none, or wants more than that', async () => {
      const byKey = await serve({ login: (login) => login.reject(['publickey']) });
      expect(await fault(open(loginTo(byKey)))).to.equal(
        `${refused} lets nobody log in by what the machine credential has, only by publickey`,
      );
      expect(byKey.logins).to.deep.equal(['none']);
      const partly = await serve({
        login: (login) =>
          login.method === 'password'
            ? login.reject(['keyboard-interactive'], true)
            : login.reject(['password']),
      });
      expect(await fault(open(loginTo(partly)))).to.equal(
        `${refused} wants more than the password for the login: keyboard-interactive`,
      );
    });

    it('where it asks for one thing that is not to be seen, and for nothing else', async () => {
      const secret = { prompt: 'Password: ', echo: false };
      const code = { prompt: 'Verification code: ', echo: false };
      for (const [rounds, told, problem] of [
        [[[secret]], [PASSWORD], null],
        [[[secret], [code]], [PASSWORD], 'Verification code:'],
        [[[secret, code]], [], 'Password: Verification code:'],
        [[[{ ...secret, prompt: 'Name: ', echo: true }]], [], 'Name:'],
      ] as const) {
        const heard: string[] = [];
        const server = await serve({
          login: (login) => {
            if (login.method !== 'keyboard-interactive') return login.reject(['keyboard-interactive']);
            const ask = (round: number): void => {
              const prompts = rounds[round];
              if (prompts === undefined) login.accept();
              else
                login.prompt([...prompts], (answers) => {
                  heard.push(...answers);
                  ask(round + 1);
                });
            };
            ask(0);
          },
        });
        if (problem === null) await open(loginTo(server));
        else
          expect(await fault(open(loginTo(server)))).to.equal(
            `${refused} does not take the password alone, it asks: ${problem}`,
          );
        expect(heard).to.deep.equal(told);
      }
    });
  });

  it('keeps no connection by not closing it', async () => {
    for (const login of [undefined, (context: AuthContext) => context.reject(['password'])]) {
      const server = await serve(login === undefined ? {} : { login });
      // Hands on everything but ends, and goes on talking.
      let isReset = false;
      const between = createServer({ allowHalfOpen: true }, (client) => {
        const host = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
        client.on('data', (piece) => host.write(piece));
        host.on('data', (piece) => client.write(piece));
        host.on('error', () => {});
        client.on('end', () => {
          const asking = setInterval(() => client.write('still here'), 20);
          client.on('close', () => clearInterval(asking));
        });
        client.on('error', () => {
          isReset = true;
          host.destroy();
        });
      });
      await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
      const address = between.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      if (login === undefined) (await open(loginTo({ port }))).close();
      else await fault(open(loginTo({ port })));
      await eventually(() => expect(isReset).to.equal(true), { withinMs: 15_000 });
      between.close();
    }
  });
});
