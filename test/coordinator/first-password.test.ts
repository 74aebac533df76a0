// Where admin's first password comes from, who may read it, and that it is never in a log.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readConfig } from '../../coordinator/config.ts';
import { ensureAdmin } from '../../coordinator/first-password.ts';
import { verifyPassword } from '../../coordinator/security/password-hash.ts';
import { readPasswordHash } from '../../coordinator/store/sign-ins.ts';
import { type LogFields, type Logger, silentLogger } from '../../shared/log.ts';
import { createMigratedDatabase } from '../support/database.ts';
import { startGuardedCoordinator } from '../support/sign-in.ts';

describe('the first password', function () {
  this.timeout(30_000);
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  let directory: string;
  const said: (string | undefined)[][] = [];
  const heard = (message: string, { path }: LogFields = {}): void => void said.push([message, path]);
  const log: Logger = { ...silentLogger, info: heard, warn: heard, error: heard, child: () => log };
  before(async () => {
    database = await createMigratedDatabase();
  });
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'first-password-'));
    said.length = 0;
    await database.db.deleteFrom('account').execute();
  });
  afterEach(() => rmSync(directory, { recursive: true }));
  after(() => database.drop());

  const file = (name: string, text: string, mode = 0o600): string => {
    const path = join(directory, name);
    writeFileSync(path, text, { mode });
    return path;
  };
  const ensure = async (given: { adminPasswordFile?: string; credentialsDirectory?: string } = {}) =>
    await ensureAdmin(
      database.db,
      { adminPasswordFile: null, credentialsDirectory: null, dataDirectory: directory, ...given },
      log,
    );
  const isPassword = async (password: string): Promise<boolean> =>
    await verifyPassword(await readPasswordHash(database.db, 'admin'), password);
  const refusal = (given: { adminPasswordFile?: string }): Promise<string> =>
    ensure(given).then(
      () => 'taken',
      (error: Error) => error.message,
    );

  it('comes from the file that the setting names, without its line break, and nothing is said or made', async () => {
    await ensure({ adminPasswordFile: file('given', 'admin\n') });
    expect(await isPassword('admin')).to.equal(true);
    expect([readdirSync(directory), said]).to.deep.equal([['given'], []]);
  });

  it('comes from the credential of a systemd unit', async () => {
    file('ringmaster-admin-password', 'of the unit', 0o640);
    await ensure({ credentialsDirectory: directory });
    expect(await isPassword('of the unit')).to.equal(true);
  });

  it('is made when none was given, into a file of the owner alone, whose path is said', async () => {
    await ensure();
    const path = join(directory, 'admin-password');
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    const password = readFileSync(path, 'utf8').trim();
    expect(password).to.match(/^[\w-]{24}$/);
    expect(await isPassword(password)).to.equal(true);
    expect(said).to.deep.equal([['the first password of admin was made, and is in this file', path]]);
  });

  it('stands once it is set, whatever files say later', async () => {
    await ensure({ adminPasswordFile: file('given', 'the first') });
    await ensure({ adminPasswordFile: file('given', 'the second') });
    await ensure();
    expect(await isPassword('the first')).to.equal(true);
    expect(readdirSync(directory)).to.deep.equal(['given']);
  });

  it('that was made and not stored, since the coordinator was killed, is used at the next start', async () => {
    file('admin-password', 'made before\n');
    await ensure();
    expect(await isPassword('made before')).to.equal(true);
  });

  it('is one of two that start at once, and only its file is left', async () => {
    const other = mkdtempSync(join(tmpdir(), 'first-password-'));
    await Promise.all([
      ensure(),
      ensureAdmin(
        database.db,
        { adminPasswordFile: null, credentialsDirectory: null, dataDirectory: other },
        log,
      ),
    ]);
    const left = [directory, other].flatMap((at) => readdirSync(at).map((name) => join(at, name)));
    rmSync(other, { recursive: true, force: true });
    expect(left).to.have.length(1);
    expect(said.map(([, path]) => path)).to.deep.equal(left);
  });

  it('of two that start at once in one directory is in its file', async () => {
    await Promise.all([ensure(), ensure()]);
    expect(await isPassword(readFileSync(join(directory, 'admin-password'), 'utf8').trim())).to.equal(true);
  });

  it('is refused when it is missing, empty, or open to others', async () => {
    const gone = join(directory, 'gone');
    expect(await refusal({ adminPasswordFile: gone })).to.equal(`there is no admin password file ${gone}`);
    const empty = file('empty', '\n');
    expect(await refusal({ adminPasswordFile: empty })).to.equal(`the admin password from ${empty} is empty`);
    const open = file('open', 'secret', 0o644);
    expect(await refusal({ adminPasswordFile: open })).to.equal(
      `the admin password file ${open} is open to others (mode 0644): chmod 600 it`,
    );
  });
});

describe('the setting auth', function () {
  this.timeout(30_000);
  const at = (argv: string[], env: Record<string, string> = {}): string => {
    try {
      return readConfig(argv, env).auth;
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('is off unless a flag, the environment or the file says on, in that order', () => {
    const directory = mkdtempSync(join(tmpdir(), 'auth-setting-'));
    const path = join(directory, 'ringmaster.yaml');
    writeFileSync(path, 'auth: on\n');
    expect(at([])).to.equal('off');
    expect(at(['--config', path])).to.equal('on');
    expect(at(['--config', path], { RINGMASTER_AUTH: 'off' })).to.equal('off');
    expect(at(['--auth', 'on'], { RINGMASTER_AUTH: 'off' })).to.equal('on');
    rmSync(directory, { recursive: true });
  });

  it('has two words', () => {
    expect(at(['--auth', 'yes'])).to.equal('bad configuration:\n  --auth: "yes" must be one of off, on');
  });

  it('opens REST beyond loopback; without it open-rest has to be said', () => {
    expect(at(['--rest-host', '0.0.0.0', '--auth', 'on'])).to.equal('on');
    expect(at(['--rest-host', '0.0.0.0', '--open-rest'])).to.equal('off');
    expect(at(['--rest-host', '0.0.0.0'])).to.match(/set auth to on, or open-rest to true/);
  });

  it('warns where passwords would travel unencrypted, and only there', async () => {
    for (const [env, warned] of [
      [{ RINGMASTER_REST_HOST: '0.0.0.0' }, true],
      [{ RINGMASTER_REST_HOST: '0.0.0.0', RINGMASTER_PUBLIC_URL: 'https://lcm.example' }, false],
      [{}, false],
    ] as const) {
      const warnings: string[] = [];
      const log: Logger = { ...silentLogger, warn: (text) => void warnings.push(text), child: () => log };
      const coordinator = await startGuardedCoordinator(env, { log });
      await coordinator.remove();
      expect(
        warnings.some((text) => text.includes('travel unencrypted')),
        JSON.stringify(env),
      ).to.equal(warned);
    }
  });
});
