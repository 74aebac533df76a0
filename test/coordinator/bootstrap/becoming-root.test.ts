// Logins that become root, or do not, at hosts that say what no sshd of ours says. The talk itself is in become.test.ts.
import { expect } from 'chai';
import type { ServerChannel } from 'ssh2';
import type { Become } from '../../../coordinator/bootstrap/become.ts';
import { BootstrapFault } from '../../../coordinator/bootstrap/fault.ts';
import { SshSession } from '../../../coordinator/bootstrap/ssh-session.ts';
import { type OddServer, oddServer } from '../../support/ssh-server.ts';

const ONWARD = '. Put that right there or in the machine credential, then run the job again';

describe('a login that is to become root', () => {
  const servers: OddServer[] = [];
  const sessions: SshSession[] = [];
  afterEach(() => {
    for (const session of sessions.splice(0)) session.close();
    for (const server of servers.splice(0)) server.close();
  });
  const become = (mode: Become['mode']): Become => ({ mode, user: 'root', password: 'root canary' });
  const sessionAt = async (exec: (line: string, channel: ServerChannel) => void) => {
    const server = await oddServer({ exec });
    servers.push(server);
    const { port } = server;
    const rest = { host: '127.0.0.1', user: 'admin', password: 'canary', privateKey: null, passphrase: null };
    const session = await SshSession.open(
      { port, ...rest },
      { trust: async () => {}, connectWithinMs: 5_000, signal: new AbortController().signal },
    );
    sessions.push(session);
    return session;
  };
  const refusal = async (work: Promise<unknown>): Promise<string> => {
    const error = await work.then(
      () => new Error('nothing was amiss'),
      (reason: unknown) => reason,
    );
    if (!(error instanceof BootstrapFault)) throw error;
    return `${error.kind}: ${error.message.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:22')}`;
  };

  for (const [mode, prompt] of [
    ['sudo', 'We trust you have received the usual lecture.\n[ringmaster wants the password]'],
    ['su', 'Password: '],
  ] as const)
    it(`is quoted without what ${mode} asked, once the script has begun`, async () => {
      const session = await sessionAt((_line, channel) => {
        channel.stderr.write(prompt);
        channel.once('data', () => {
          channel.resume();
          channel.write('ringmaster-begun\n');
          channel.stderr.write('\nNew password: refused\n');
          channel.exit(1);
          channel.end();
        });
      });
      const { stderr } = await session.runAsRoot(become(mode), 'id', { withinMs: 5_000 });
      expect(stderr).to.equal('\nNew password: refused\n');
    });

  for (const { said, told } of [
    {
      said: 'WARNING: Your password has expired.\nPassword change required but no TTY available.\n',
      told: 'Password change required but no TTY available: the password of the login has expired, and is to be changed there first',
    },
    {
      said: 'This account is currently not available.\n',
      told: 'This account is currently not available: its login shell lets nobody run anything',
    },
    { said: '', told: 'it said nothing' },
  ])
    it(`is told of with what is to be done: ${told}`, async () => {
      const session = await sessionAt((_line, channel) => {
        channel.stderr.write(said);
        channel.exit(1);
        channel.end();
      });
      expect(await refusal(session.runAsRoot(become('sudo'), 'id', { withinMs: 5_000 }))).to.equal(
        `become-refused: On admin@127.0.0.1:22 the login did not become root (sudo): ${told}${ONWARD}`,
      );
    });

  it('is heard no longer once it has said too much before the script begins', async () => {
    const session = await sessionAt((_line, channel) => {
      const talk = (): void => void channel.write('a line of a greeting\n'.repeat(1_000), talk);
      talk();
    });
    expect(await refusal(session.runAsRoot(become('direct'), 'id', { withinMs: 5_000 }))).to.equal(
      'become-refused: On admin@127.0.0.1:22 the login did not become root (direct): it said more than 64000 characters, and the script had not begun',
    );
  });
});
