// Which coordinator is spoken to, with which token, and who may read the file that says so.
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { chooseServer, configPath } from '../../../coordinator/cli/config-file.ts';
import { cli } from '../../support/cli.ts';

describe('servers and tokens', () => {
  let home: string;
  let path: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'home-'));
    path = configPath({ HOME: home });
  });
  afterEach(() => rm(home, { recursive: true, force: true }));
  const run = (line: string, stdin = '', env: Record<string, string> = {}) =>
    cli('', line.split(' '), { env: { HOME: home, ...env }, stdin });

  it('keeps servers in a file that only its owner can read, and shows no token', async () => {
    await run('server add one http://127.0.0.1:1 --token-from -', 'hidden\n');
    await run('server add two http://127.0.0.1:2');
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
    expect((await stat(join(path, '..'))).mode & 0o777).to.equal(0o700);
    const { out } = await run('server list -o json');
    expect(JSON.parse(out)).to.deep.equal([
      { name: 'one', url: 'http://127.0.0.1:1', current: true, token: true },
      { name: 'two', url: 'http://127.0.0.1:2', current: false, token: false },
    ]);
    await run('server use two');
    expect(chooseServer(undefined, {}, path)).to.deep.equal({ url: 'http://127.0.0.1:2', token: null });
    await run('server remove two');
    expect((await run('server use two')).code).to.equal(4);
  });

  it('says which URL another one replaced', async () => {
    await run('server add one http://127.0.0.1:1');
    expect((await run('server add one http://127.0.0.1:1')).err).to.equal('one is http://127.0.0.1:1\n');
    expect((await run('server add one http://127.0.0.1:2')).err).to.equal(
      'one is http://127.0.0.1:2, replaced http://127.0.0.1:1\n',
    );
  });

  it('chooses by flag, then environment, then the one in use, then this machine', async () => {
    expect(chooseServer(undefined, {}, path).url).to.equal('http://127.0.0.1:8888');
    await run('server add one http://127.0.0.1:1 --token-from -', 'hidden');
    const env = { RINGMASTER_URL: 'http://127.0.0.1:3/api/v1/lcm/' };
    expect(chooseServer(undefined, {}, path)).to.deep.equal({ url: 'http://127.0.0.1:1', token: 'hidden' });
    expect(chooseServer(undefined, env, path)).to.deep.equal({ url: 'http://127.0.0.1:3', token: null });
    expect(chooseServer('one', env, path).url).to.equal('http://127.0.0.1:1');
    expect(chooseServer('http://127.0.0.1:1/', env, path).token).to.equal('hidden');
    expect(chooseServer('one', { RINGMASTER_TOKEN: 'other' }, path).token).to.equal('other');
  });

  it('says that the environment names another one, and marks none as in use', async () => {
    const env = { RINGMASTER_URL: 'http://127.0.0.1:3' };
    await run('server add one http://127.0.0.1:1');
    const plain = await run('server list');
    expect([plain.out, plain.err]).to.satisfy(
      ([out, err]: [string, string]) => /^\* +one /m.test(out) && err === '',
    );
    const listed = await run('server list', '', env);
    expect(listed.out).not.to.contain('*');
    expect(listed.err).to.equal(
      'in use is RINGMASTER_URL of the environment, which comes before: http://127.0.0.1:3\n',
    );
    expect(JSON.parse((await run('server list -o json', '', env)).out)[0].current).to.equal(false);
    expect((await run('server use one', '', env)).err).to.contain('in use is RINGMASTER_URL');
  });

  it('refuses a file with tokens that others can read, and says how to mend it', async () => {
    await run('server add one http://127.0.0.1:1 --token-from -', 'hidden');
    await chmod(path, 0o640);
    const { code, err } = await run('server list');
    expect([code, err]).to.deep.equal([
      2,
      `error: ${path} holds tokens and can be read by others\n  chmod 600 ${path}\n`,
    ]);
  });

  it('names every mistake of the file, and no token in it', async () => {
    await run('server add one http://127.0.0.1:1');
    for (const [text, said] of [
      [
        'current: two\nservers: {one: {url: "ftp://x", token: [hidden]}}\n',
        'servers.one.url "ftp://x" must be a URL',
      ],
      ['servers: {one: {token: hidden}}\nserver: 1\n', 'server is unknown'],
      ['a: "hidden\n', 'is not YAML'],
    ] as const) {
      await writeFile(path, text);
      const { code, err } = await run('server list');
      expect(code).to.equal(2);
      expect(err).to.contain(said).and.not.to.contain('hidden');
    }
  });

  it('says where a URL with a password came from, and repeats nothing of it', async () => {
    const asks = 'must be given without a user name and password: `ringmaster login` asks for them\n';
    for (const [line, url, said] of [
      ['job list', 'https://u:sekret@h/', `error: RINGMASTER_URL: "https://h/" ${asks}`],
      ['--server http://u:sekret@h job list', '', `error: --server: "http://h" ${asks}`],
      ['server add one https://u:sekret@h', '', `error: "https://h" ${asks}`],
      ['job list', 'https://u:sek/ret@h:port', 'error: RINGMASTER_URL: "https://h:port" must be a URL'],
      ['job list', 'u:sekret@h', 'error: RINGMASTER_URL: h is neither the name of a server'],
      [
        'job list',
        'https://h?token=sekret',
        'error: RINGMASTER_URL: "https://h" must be given without a query',
      ],
    ] as const) {
      const { code, out, err } = await run(line, '', { RINGMASTER_URL: url });
      expect([code, out]).to.deep.equal([2, '']);
      expect(err).to.contain(said).and.not.to.contain('sek');
    }
    const { code, err } = await run('server list', '', { RINGMASTER_URL: 'https://u:sekret@h/' });
    expect(code).to.equal(0);
    expect(err).to.contain('comes before: https://h/\n').and.not.to.contain('sek');
  });

  it('sends the token as a session, and ends with 5 when it is not taken', async () => {
    const sent: unknown[] = [];
    const server = createServer((request, answer) => {
      sent.push(request.headers['opscenter-session']);
      answer.writeHead(401, { 'content-type': 'application/json' }).end('{"message":"no session"}');
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { code, err } = await run('job list', '', { RINGMASTER_URL: url, RINGMASTER_TOKEN: 'hidden' });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect([code, sent]).to.deep.equal([5, ['hidden']]);
    expect(err).to.contain('no session').and.to.contain('RINGMASTER_TOKEN').and.not.to.contain('hidden');
  });

  it('does not take its token along when it is sent elsewhere', async () => {
    const server = createServer((_request, answer) => {
      answer.writeHead(302, { location: 'https://127.0.0.1:8443/' }).end();
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { code, err } = await run('job list', '', { RINGMASTER_URL: url, RINGMASTER_TOKEN: 'hidden' });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(code).to.equal(7);
    expect(err).to.contain('sends on to https://127.0.0.1:8443/: use that');
  });
});
