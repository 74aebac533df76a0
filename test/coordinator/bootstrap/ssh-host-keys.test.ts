// Which host it is, by its keys: it proves one of them before it is told who logs in. Real sshds are in test/hosts.
import { expect } from 'chai';
import { BootstrapFault } from '../../../coordinator/bootstrap/fault.ts';
import { logIn, type SshConnection } from '../../../coordinator/bootstrap/ssh-login.ts';
import { makeHostKey, type OddServer, oddServer } from '../../support/ssh-server.ts';

describe('a host', () => {
  const servers: OddServer[] = [];
  const connections: SshConnection[] = [];
  afterEach(() => {
    for (const connection of connections.splice(0)) connection.destroy();
    for (const server of servers.splice(0)) server.close();
  });
  const serve = async (behaviour: Parameters<typeof oddServer>[0]): Promise<OddServer> => {
    const server = await oddServer(behaviour);
    servers.push(server);
    return server;
  };
  const open = async ({ port }: OddServer, trust: (key: string, type: string) => Promise<void>) => {
    const login = {
      host: '127.0.0.1',
      port,
      user: 'admin',
      password: 'x',
      privateKey: null,
      passphrase: null,
    };
    const signal = new AbortController().signal;
    connections.push(await logIn(login, { trust, connectWithinMs: 5_000, signal }));
  };
  const fault = async (opening: Promise<void>): Promise<string> => {
    const error = await opening.then(
      () => new Error('nothing was amiss'),
      (reason: unknown) => reason,
    );
    if (!(error instanceof BootstrapFault)) throw error;
    return `${error.kind}: ${error.message.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:22')}`;
  };

  describe('is told who logs in', () => {
    const changed = (key: string) => new BootstrapFault('host-key-changed', `it shows ${key}`);

    it('once it has proved that it has the key which it shows', async () => {
      const server = await serve({ keys: [{ ...makeHostKey('ecdsa'), isOwn: false }] });
      const asked: string[] = [];
      const opening = open(server, async (key) => void asked.push(key));
      expect(await fault(opening)).to.match(/^connection-lost: .*signature verification failed/);
      expect([asked, server.logins]).to.deep.equal([[], []]);
    });

    it('where any of its keys is the one that it is known by', async () => {
      const [first, known] = [makeHostKey('ecdsa'), makeHostKey('rsa')];
      const server = await serve({ keys: [first, known] });
      const asked: string[] = [];
      await open(server, async (key, type) => {
        asked.push(type);
        if (key !== known.fingerprint) throw changed(key);
      });
      expect(asked).to.deep.equal(['ecdsa-sha2-nistp256', 'ssh-rsa']);
    });

    it('and not where none is', async () => {
      const first = makeHostKey('ecdsa');
      const server = await serve({ keys: [first, makeHostKey('rsa')] });
      const opening = open(server, (key) => Promise.reject(changed(key)));
      expect(await fault(opening)).to.equal(`host-key-changed: it shows ${first.fingerprint}`);
      expect(server.logins).to.deep.equal([]);
    });

    it('at the next try where the connection broke before it could show the key that it is known by', async () => {
      const [first, known] = [makeHostKey('ecdsa'), makeHostKey('rsa')];
      let connections = 0;
      const server = await serve({ keys: [first, known], drops: () => ++connections === 2 });
      const knock = () =>
        open(server, async (key) => {
          if (key !== known.fingerprint) throw changed(key);
        });
      expect(await fault(knock())).to.match(/^connection-lost: /);
      await knock();
    });

    it('by a key that is trusted, but refuses the login', async () => {
      const [first, known] = [makeHostKey('ecdsa'), makeHostKey('rsa')];
      const server = await serve({ keys: [first, known], login: (login) => login.reject(['password']) });
      const opening = open(server, async (key) => {
        if (key !== known.fingerprint) throw changed(key);
      });
      expect(await fault(opening)).to.equal(
        'auth-refused: admin@127.0.0.1:22 refused the login by the password',
      );
    });
  });
});
