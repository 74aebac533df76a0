// The command line against a coordinator that wants a session: logging in, what is kept, and logging out.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { configPath, readConfigFile } from '../../../coordinator/cli/config-file.ts';
import { type CliOptions, cli, cliArgv } from '../../support/cli.ts';
import type { TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { header, logIn, PASSWORD, startGuardedCoordinator } from '../../support/sign-in.ts';

describe('the command line with authentication on', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let home: string;
  before(async () => {
    coordinator = await startGuardedCoordinator();
  });
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'home-'));
  });
  afterEach(() => rmSync(home, { recursive: true }));
  after(() => coordinator.remove());
  const run = (line: string, { env, ...options }: CliOptions = {}) =>
    cli(coordinator.restUrl, line.split(' '), { env: { HOME: home, ...env }, ...options });
  const kept = () => readConfigFile(configPath({ HOME: home }));

  it('ends with 5 before a login, and says how to log in', async () => {
    for (const line of ['cluster list', 'ping', 'job list']) {
      const { code, err } = await run(line);
      expect([line, code]).to.deep.equal([line, 5]);
      expect(err).to.equal(
        'error: log in first\n  `ringmaster login` keeps a session for this coordinator; or give one in RINGMASTER_TOKEN\n',
      );
    }
  });

  it('logs in by a secret from elsewhere, works, and logs out', async () => {
    const login = await run('login --password-from -', { stdin: `${PASSWORD}\n` });
    expect([login.code, login.out]).to.deep.equal([0, '']);
    expect(login.err).to.equal(
      `logged in at ${coordinator.restUrl}; the session is kept in ${configPath({ HOME: home })}\n`,
    );
    expect(statSync(configPath({ HOME: home })).mode & 0o777).to.equal(0o600);
    const { current, servers } = kept();
    const name = `127.0.0.1-${new URL(coordinator.restUrl).port}`;
    const { token = '' } = servers[name] ?? {};
    expect([current, servers[name]]).to.deep.equal([null, { url: coordinator.restUrl, token }]);
    for (const line of ['cluster list', 'ping', 'cluster create by-cli', 'settings show', 'job list'])
      expect((await run(line)).code, line).to.equal(0);
    expect((await run('logout')).code).to.equal(0);
    expect(kept().servers[name]).to.deep.equal({ url: coordinator.restUrl });
    expect((await coordinator.call('GET', '/meta', undefined, header(token))).status).to.equal(401);
    expect((await run('cluster list')).code).to.equal(5);
    expect((await run('logout')).code).to.equal(0);
  });

  it('keeps the session with the server of that URL, whatever it is called, and renews one that is over', async () => {
    await run(`server add prod ${coordinator.restUrl}/api/v1/lcm/ --token-from -`, { stdin: 'over' });
    const over = await run('cluster list');
    expect([over.code, over.err]).to.satisfy(
      ([code, err]: [number, string]) => code === 5 && err.startsWith('error: This session is over'),
    );
    expect((await run('login', { answers: PASSWORD })).code).to.equal(0);
    expect(Object.keys(kept().servers)).to.deep.equal(['prod']);
    expect((await run('--server prod cluster list', { env: { RINGMASTER_URL: '' } })).code).to.equal(0);
  });

  it('asks for what it was not told, and shows or keeps nothing of a wrong password', async () => {
    expect((await run('login')).err).to.contain('--password-from is missing');
    const { code, err } = await run('login', { answers: 'hunter2' });
    expect(code).to.equal(5);
    expect(err).to.contain(`Password of admin at ${coordinator.restUrl}: `);
    expect(err)
      .to.match(/is not right\n$/)
      .and.not.to.contain('hunter2');
    expect(kept().servers).to.deep.equal({});
    await logIn(coordinator);
  });

  it('takes a session from the environment', async () => {
    const env = { RINGMASTER_TOKEN: await logIn(coordinator) };
    expect((await run('cluster list', { env })).code).to.equal(0);
  });

  it('changes the password', async () => {
    const own = await startGuardedCoordinator();
    const env = { HOME: home, OLD: PASSWORD, NEW: 'a new long one' };
    const at = (line: string, more: CliOptions = {}) => cli(own.restUrl, line.split(' '), { env, ...more });
    await at('login --password-from env:OLD');
    const changed = await at('password --old-from env:OLD --new-from env:NEW');
    expect([changed.code, changed.err]).to.deep.equal([
      0,
      'the password of admin is changed; its other sessions are over\n',
    ]);
    expect((await at('cluster list')).code).to.equal(0);
    expect((await at('login --password-from env:OLD')).code).to.equal(5);
    expect((await at('login --password-from env:NEW')).code).to.equal(0);
    expect((await at('password --old-from env:NEW', { answers: 'short' })).code).to.equal(1);
    const wrong = await at('password --old-from env:OLD --new-from env:NEW');
    expect([wrong.code, wrong.err]).to.deep.equal([5, 'error: the present password of admin is not right\n']);
    await own.remove();
  });

  it('changes no password after Ctrl-C at its last question', async () => {
    const interrupted = new AbortController();
    const answers = ['a', 'b', ''];
    const answer = async () => {
      if (answers.length === 1) interrupted.abort();
      return answers.shift() ?? '';
    };
    const { code, err } = await run('password', { answers: answer, interrupted: interrupted.signal });
    expect(code).to.equal(130);
    expect(err).to.contain('Once more: interrupted: nothing was done\n');
  });

  it('asks on a terminal without showing what is typed', async () => {
    const words = [...cliArgv(), 'login'].map((word) => `'${word}'`).join(' ');
    const child = spawn('script', ['-qec', `exec ${words}`, '/dev/null'], {
      env: {
        ...process.env,
        TERM: 'xterm',
        HOME: home,
        XDG_CONFIG_HOME: '',
        RINGMASTER_URL: coordinator.restUrl,
      },
    });
    const screen = { text: '' };
    child.stdout.on('data', (chunk) => (screen.text += chunk));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    await eventually(() => expect(screen.text).to.contain('Password of admin'), { withinMs: 30_000 });
    child.stdin.write(`${PASSWORD}\r`);
    expect(await ended, screen.text).to.equal(0);
    expect(screen.text).to.contain('logged in at').and.not.to.contain('horse');
    expect((await run('cluster list')).code).to.equal(0);
  });

  it('warns where a password would go unencrypted', async () => {
    writeFileSync(join(home, 'password'), 'x');
    const { err } = await run(`--server http://0.0.0.0:1 login --password-from file:${home}/password`);
    expect(err).to.contain('warning: the password goes to http://0.0.0.0:1 unencrypted');
  });
});
