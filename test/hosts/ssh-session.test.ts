// Logging in by a real sshd, becoming root there in each way, and what is said when that is refused: no secret ever is.
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Become } from '../../coordinator/bootstrap/become.ts';
import { BootstrapFault } from '../../coordinator/bootstrap/fault.ts';
import type { Login } from '../../coordinator/bootstrap/ssh-login.ts';
import { SshSession } from '../../coordinator/bootstrap/ssh-session.ts';
import { eventually } from '../support/eventually.ts';
import type { TestHost } from './bed/host.ts';
import { addUser, hostKey, type KeyPair, keyPair } from './bed/ssh-host.ts';
import { type Bed, startHosts } from './bed/start-hosts.ts';

const PASSWORD = 'login canary 1';
const ROOT_PASSWORD = 'root canary 2';
const PASSPHRASE = 'key canary 3';

describe('an SSH session', function () {
  this.timeout(60_000);
  let bed: Bed<'one'>;
  let host: TestHost;
  let directory: string;
  let key: KeyPair;

  before(async () => {
    bed = await startHosts({ one: 'deb' });
    host = bed.hosts.one;
    directory = await mkdtemp(join(tmpdir(), 'ssh-session-'));
    key = await keyPair(host, PASSPHRASE);
    await addUser(host, { name: 'root', password: ROOT_PASSWORD, sudo: 'none', keys: key.public });
    await addUser(host, { name: 'free', password: PASSWORD, sudo: 'free' });
    await addUser(host, { name: 'asked', password: PASSWORD, sudo: 'by-password' });
    await addUser(host, { name: 'plain', password: PASSWORD, sudo: 'none' });
  });
  after(async () => {
    await bed?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const login = (user: string, rest: Partial<Login> = {}): Login => ({
    host: host.address,
    port: 22,
    user,
    password: PASSWORD,
    privateKey: null,
    passphrase: null,
    ...rest,
  });
  const trusted: string[] = [];
  const open = (to: Login, connectWithinMs = 30_000, signal = new AbortController().signal) =>
    SshSession.open(to, {
      connectWithinMs,
      signal,
      trust: async (fingerprint, type) => void trusted.push(`${fingerprint} ${type}`),
    });
  const become = (mode: Become['mode'], password: string | null = null, user = 'root'): Become => ({
    mode,
    user,
    password,
  });
  /** What a script of ours says as root. */
  const asRoot = async (to: Login, way: Become, script = 'id -un; cat', input = 'from the coordinator\n') => {
    const session = await open(to);
    try {
      return await session.runAsRoot(way, script, { input, withinMs: 20_000 });
    } finally {
      session.close();
    }
  };
  const refusal = async (work: Promise<unknown>): Promise<string> => {
    const error = await work.then(
      () => new Error('it was not refused'),
      (reason: unknown) => reason,
    );
    if (!(error instanceof BootstrapFault)) throw error;
    expect(error.message).to.not.match(/canary/);
    return `${error.kind}: ${error.message}`;
  };
  const at = () => `${host.address}:22`;

  describe('logs in', () => {
    it('by a password, and shows the key that OpenSSH says is that of the host', async () => {
      trusted.length = 0;
      const session = await open(login('plain'));
      expect((await session.run('id -un', 20_000)).stdout).to.equal('plain\n');
      session.close();
      expect(trusted).to.deep.equal([`${await hostKey(host)} ssh-ed25519`]);
    });

    it('by a private key with a passphrase', async () => {
      const to = login('root', { password: null, privateKey: key.private, passphrase: PASSPHRASE });
      expect((await asRoot(to, become('direct'))).stdout).to.equal('root\nfrom the coordinator\n');
    });

    it('by a key of PKCS #8, locked or not', async () => {
      const made = (cipher: { cipher?: string; passphrase?: string }) =>
        generateKeyPairSync('ec', {
          namedCurve: 'P-256',
          publicKeyEncoding: { type: 'spki', format: 'pem' },
          privateKeyEncoding: { type: 'pkcs8', format: 'pem', ...cipher },
        });
      for (const passphrase of [null, PASSPHRASE]) {
        const pair = made(passphrase === null ? {} : { cipher: 'aes-256-cbc', passphrase });
        await host.put('/root/spki', pair.publicKey);
        const convert = 'ssh-keygen -i -m PKCS8 -f /root/spki >>/root/.ssh/authorized_keys';
        await host.run(['sh', '-c', convert]);
        (await open(login('root', { password: null, privateKey: pair.privateKey, passphrase }))).close();
      }
      const { privateKey } = made({ cipher: 'aes-256-cbc', passphrase: PASSPHRASE });
      expect(await refusal(open(login('root', { privateKey, passphrase: 'wrong canary' })))).to.match(
        /^bad-key: /,
      );
    });

    it('where passwords are asked for by PAM alone', async () => {
      // While sshd reads its settings anew it listens to nobody.
      const loggedIn = () => eventually(async () => (await open(login('plain'))).close());
      await host.put(
        '/etc/ssh/sshd_config.d/pam.conf',
        'PasswordAuthentication no\nKbdInteractiveAuthentication yes\n',
      );
      await host.run(['systemctl', 'reload', 'ssh']);
      try {
        await loggedIn();
      } finally {
        await host.run(['rm', '/etc/ssh/sshd_config.d/pam.conf']);
        await host.run(['systemctl', 'reload', 'ssh']);
        await loggedIn();
      }
    });
  });

  describe('becomes root', () => {
    it('by sudo, with a password or without, and hands on what was to be read', async () => {
      const said = 'root\nfrom the coordinator\n';
      expect((await asRoot(login('free'), become('sudo'))).stdout).to.equal(said);
      expect((await asRoot(login('free'), become('sudo', 'not needed'))).stdout).to.equal(said);
      expect((await asRoot(login('asked'), become('sudo', PASSWORD))).stdout).to.equal(said);
    });

    it('by su', async () => {
      const { stdout } = await asRoot(login('plain'), become('su', ROOT_PASSWORD));
      expect(stdout).to.equal('root\nfrom the coordinator\n');
    });

    it('without a trace of what it was told in the list of processes', async () => {
      for (const [user, way] of [
        ['asked', become('sudo', PASSWORD)],
        ['plain', become('su', ROOT_PASSWORD)],
      ] as const) {
        const { stdout } = await asRoot(login(user), way, 'ps axwwe -o args; cat', 'bundle canary\n');
        expect(stdout.replace(/bundle canary\n$/, ''))
          .to.include('ringmaster-begun')
          .and.not.match(/canary/);
      }
    });

    it('and says how the script ended', async () => {
      const ended = await asRoot(login('free'), become('sudo'), 'echo "$1" >&2; exit 7');
      expect(ended).to.include({ exitCode: 7, stdout: '' });
    });
  });

  describe('says what stands in the way:', () => {
    it('a login that is refused', async () => {
      expect(await refusal(open(login('plain', { password: 'wrong canary' })))).to.equal(
        `auth-refused: plain@${at()} refused the login by the password`,
      );
      const other = await keyPair(host, PASSPHRASE);
      const to = login('root', { password: null, privateKey: other.private, passphrase: PASSPHRASE });
      expect(await refusal(open(to))).to.equal(
        `auth-refused: root@${at()} refused the login by the private key`,
      );
    });

    it('a private key that cannot be used', async () => {
      for (const [privateKey, passphrase] of [
        [key.private, 'wrong canary'],
        [key.private, null],
        ['no key at all', null],
        [key.public, null],
      ] as const)
        expect(await refusal(open(login('root', { privateKey, passphrase })))).to.match(
          /^bad-key: The private key for root@10\.\S+ cannot be used: /,
        );
    });

    it('a port where nobody listens, and a host that does not answer', async () => {
      expect(await refusal(open(login('plain', { port: 23 })))).to.equal(
        `unreachable: plain@${host.address}:23 is not reached: nobody listens there (ECONNREFUSED)`,
      );
      const heard: Socket[] = [];
      const silent = createServer((socket) => void heard.push(socket));
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const address = silent.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      expect(await refusal(open(login('plain', { host: '127.0.0.1', port }), 300))).to.equal(
        `timeout: plain@127.0.0.1:${port} did not answer within 0.3 s`,
      );
      for (const socket of heard) socket.destroy();
      silent.close();
      const nobody = host.address.replace(/\d+$/, '250');
      expect(await refusal(open(login('plain', { host: nobody }), 300))).to.equal(
        `unreachable: plain@${nobody}:22 is not reached: no answer within 0.3 s`,
      );
    });

    it('a sudo that wants a password, refuses it, or does not know the user', async () => {
      expect(await refusal(asRoot(login('asked'), become('sudo')))).to.equal(
        `become-refused: On asked@${at()} sudo wants a password to become root: the machine credential has no become-password: give it one, then run the job again`,
      );
      expect(await refusal(asRoot(login('asked'), become('sudo', 'wrong canary')))).to.equal(
        `become-refused: On asked@${at()} sudo refused the become-password for root: change it in the machine credential, then run the job again`,
      );
      expect(await refusal(asRoot(login('plain'), become('sudo', PASSWORD)))).to.match(
        /^become-refused: On plain@\S+ the login did not become root \(sudo\): plain is not in the sudoers file\./,
      );
    });

    it('a su that wants a password, or refuses it', async () => {
      expect(await refusal(asRoot(login('plain'), become('su')))).to.match(
        /su wants a password to become root/,
      );
      expect(await refusal(asRoot(login('plain'), become('su', 'wrong canary')))).to.equal(
        `become-refused: On plain@${at()} the login did not become root (su): su: Authentication failure. Put that right there or in the machine credential, then run the job again`,
      );
    });

    it('a command that takes too long', async () => {
      const session = await open(login('plain'));
      expect(await refusal(session.run('sleep 30', 200))).to.equal(
        `timeout: On plain@${at()} a command took longer than 0.2 s`,
      );
      session.close();
    });
  });

  it('refuses a host before it has told it anything', async () => {
    const journal = (...which: readonly string[]) =>
      host.run(['journalctl', '--unit', 'ssh', '--output', 'cat', ...which]);
    const cursor = /^-- cursor: (.*)$/m.exec(await journal('--lines', '1', '--show-cursor'))?.[1] ?? '';
    const changed = new BootstrapFault('host-key-changed', 'another host');
    const trust = () => Promise.reject(changed);
    const opening = SshSession.open(login('plain'), {
      connectWithinMs: 20_000,
      signal: new AbortController().signal,
      trust,
    });
    expect(await refusal(opening)).to.equal('host-key-changed: another host');
    const said = await eventually(async () => {
      const lines = await journal('--after-cursor', cursor);
      expect(lines).to.match(/closed by|reset by|disconnect/i);
      return lines;
    });
    expect(said).to.not.include('plain');
  });

  it('uploads a file whole, for its owner alone, and says where it does not fit', async () => {
    const contents = Buffer.alloc(3_000_000, 'ring');
    const from = join(directory, 'file');
    await writeFile(from, contents);
    const session = await open(login('plain'));
    await session.upload(from, '/var/tmp/file', 20_000);
    expect((await host.run(['stat', '-c', '%s %a %U', '/var/tmp/file'])).trim()).to.equal(
      '3000000 600 plain',
    );
    expect(await refusal(session.upload(from, '/nowhere/file', 20_000))).to.match(
      /^install-failed: plain@\S+ does not take \/nowhere\/file: .*cannot create \/nowhere\/file/,
    );
    session.close();
  });

  it('gets on with a login that greets', async () => {
    await addUser(host, { name: 'greeter', password: PASSWORD, sudo: 'free' });
    await host.put('/home/greeter/.bashrc', 'echo Welcome to this host; echo and mind the step >&2\n');
    const from = join(directory, 'small');
    await writeFile(from, 'a package');
    const session = await open(login('greeter'));
    expect((await session.run('mktemp -d', 20_000)).stdout).to.match(/^\/tmp\/tmp\.\w+\n$/);
    await session.upload(from, '/var/tmp/small', 20_000);
    expect(await host.run(['cat', '/var/tmp/small'])).to.equal('a package');
    session.close();
  });

  it('ends what is under way when it is given up', async () => {
    const giving = new AbortController();
    const session = await open(login('plain'), 20_000, giving.signal);
    const work = refusal(session.run('sleep 30', 20_000));
    giving.abort();
    expect(await work).to.equal(`connection-lost: The SSH connection to plain@${at()} was lost`);
  });
});
