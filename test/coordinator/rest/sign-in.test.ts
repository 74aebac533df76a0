// Login as real clients do it, guesses that are slowed down, the change of a password, and authentication off.
import { expect } from 'chai';
import { startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { expectRefusal } from '../../support/refusals.ts';
import { header, inDatabase, logIn, PASSWORD, startGuardedCoordinator } from '../../support/sign-in.ts';

const FORM = 'application/x-www-form-urlencoded';
const form = (password: string): string => new URLSearchParams({ username: 'admin', password }).toString();

describe('logging in', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  before(async () => {
    coordinator = await startGuardedCoordinator();
  });
  after(() => coordinator.remove());
  const json = JSON.stringify({ username: 'admin', password: PASSWORD });
  const post = async (body: string, contentType?: string) => {
    const url = `${coordinator.restUrl}/login`;
    // As bytes: fetch gives text a type of its own.
    const answer = await fetch(url, {
      method: 'POST',
      body: new TextEncoder().encode(body),
      headers: contentType === undefined ? {} : { 'content-type': contentType },
    });
    return { status: answer.status, headers: answer.headers, body: JSON.parse(await answer.text()) };
  };

  for (const [what, body, type] of [
    ['a form', form(PASSWORD), FORM],
    ['a form without a content type', form(PASSWORD), undefined],
    ['JSON', json, 'application/json'],
    ['JSON that calls itself a form, as curl -d does', json, FORM],
    ['JSON without a content type', ` ${json}`, undefined],
    ['JSON with what nobody reads', json.replace('{', '{"a\\u0000":["\\u0000",1e400],'), undefined],
    ['a form with what nobody reads', `a%00=%00&${form(PASSWORD)}`, FORM],
  ] as const)
    it(`takes ${what}, and answers a session id and a cookie`, async () => {
      const answer = await post(body, type);
      expect([answer.status, Object.keys(answer.body)]).to.deep.equal([200, ['sessionid']]);
      const { sessionid } = answer.body;
      expect(answer.headers.get('set-cookie')).to.equal(
        `opscenter-session=${sessionid}; Path=/; HttpOnly; SameSite=Strict`,
      );
      expect((await coordinator.call('GET', '/meta', undefined, header(sessionid))).status).to.equal(200);
    });

  it('by a form, and then with what was answered as headers and the cookie, carries a model through', async () => {
    const { body, headers } = await post(form(PASSWORD), FORM);
    const session = { ...body, cookie: headers.get('set-cookie')?.split(';')[0] ?? '' };
    const meta = await coordinator.call('GET', '/meta', undefined, session);
    expect([meta.status, Object.keys(meta.body)]).to.deep.equal([200, ['version', 'product', 'user']]);
    for (const base of ['v1', 'v2']) {
      const made = await coordinator.call('POST', `/api/${base}/lcm/clusters/`, { name: base }, session);
      expect(made.status).to.equal(201);
      const path = `/api/${base}/lcm/clusters/${made.body.id}`;
      expect((await coordinator.call('DELETE', path, undefined, session)).status).to.equal(200);
    }
  });

  it('gives a cookie that only TLS carries where the public URL is one of TLS', async () => {
    const behind = await startGuardedCoordinator({ RINGMASTER_PUBLIC_URL: 'https://lcm.example' });
    const { headers } = await behind.call('POST', '/login', { username: 'admin', password: PASSWORD });
    expect(headers.get('set-cookie')).to.match(/; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
    await behind.remove();
  });

  it('answers a wrong password and an unknown user alike', async () => {
    const wrong = await coordinator.call('POST', '/login', { username: 'admin', password: 'no' });
    const unknown = await coordinator.call('POST', '/login', { username: 'root', password: PASSWORD });
    expect(wrong.status).to.equal(401);
    expect(unknown.body).to.deep.equal(wrong.body);
    expect(wrong.body).to.deep.include({ code: 401, type: 'Unauthenticated', msg: wrong.body.message });
    expect(wrong.headers.get('set-cookie')).to.equal(null);
    await logIn(coordinator); // what failed so far is forgotten
  });

  for (const [what, body, fields, says] of [
    ['nothing', '', ['/username', '/password'], /must be a string/],
    ['no password', { username: 'admin' }, ['/password'], /must be a string/],
    ['a number', { username: 'admin', password: 12345678 }, ['/password'], /must be a string/],
    ['half a JSON text', '{"username": "admin", "password": "hunter2', [], /is not JSON/],
    ['a NUL', { username: 'a\0', password: 'x' }, ['/username'], /NUL/],
  ] as const)
    it(`refuses ${what}`, async () => {
      const request = { method: 'POST', path: '/login', body };
      await expectRefusal(coordinator, request, { status: 400, type: 'InvalidInput', fields, says });
    });

  it('is slowed down for whoever guesses, also in parallel, and by the right password then', async () => {
    const own = await startGuardedCoordinator();
    const guess = () => own.call('POST', '/login', { username: 'admin', password: 'guess' });
    const guesses = await Promise.all(Array.from({ length: 8 }, guess));
    expect(guesses.map(({ status }) => status).sort()).to.deep.equal([
      401, 401, 401, 401, 401, 429, 429, 429,
    ]);
    const late = await own.call('POST', '/login', { username: 'admin', password: PASSWORD });
    expect(late.body).to.include({ code: 429, type: 'TooManyAttempts', msg: late.body.message });
    expect(late.body.message).to.match(/try again in \d s$/);
    expect(late.headers.get('retry-after')).to.equal(null);
    await own.remove();
  });

  it('at once by many is no guessing', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => logIn(coordinator)));
    expect(new Set(ids).size).to.equal(8);
  });
});

describe('the password of admin', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  beforeEach(async () => {
    coordinator = await startGuardedCoordinator();
  });
  afterEach(() => coordinator.remove());
  const NEW = 'another long one';

  it('changes by the old one, and every other session of admin is over', async () => {
    const [mine, other] = [await logIn(coordinator), await logIn(coordinator)];
    const body = { password: NEW, old_password: PASSWORD };
    const changed = await coordinator.call('PUT', '/users/admin', body, header(mine));
    expect([changed.status, changed.body]).to.deep.equal([200, {}]);
    const statusOf = async (token: string) =>
      (await coordinator.call('GET', '/meta', undefined, header(token))).status;
    expect([await statusOf(mine), await statusOf(other)]).to.deep.equal([200, 401]);
    const old = await coordinator.call('POST', '/login', { username: 'admin', password: PASSWORD });
    expect(old.status).to.equal(401);
    expect(await statusOf(await logIn(coordinator, NEW))).to.equal(200);
    const rows = await inDatabase(coordinator.databaseUrl, 'select password_hash from account');
    expect(rows).to.have.length(1);
    expect(rows[0].password_hash).to.match(/^\$scrypt\$ln=15,r=8,p=3\$/);
  });

  it('stays when the old one is wrong, the new one too short, or the user another', async () => {
    const session = header(await logIn(coordinator));
    const put = async (name: string, body: unknown) => {
      const { status, body: told } = await coordinator.call('PUT', `/users/${name}`, body, session);
      return [status, told.type, ...told.errors.map(({ pointer }: { pointer: string }) => pointer)];
    };
    expect(await put('admin', { password: NEW, old_password: 'no' })).to.deep.equal([
      403,
      'PermissionDenied',
    ]);
    expect(await put('admin', { password: NEW })).to.deep.equal([400, 'InvalidInput', '/old_password']);
    expect(await put('admin', { old_password: PASSWORD })).to.deep.equal([400, 'InvalidInput', '/password']);
    expect(await put('admin', { password: 'short', old_password: PASSWORD })).to.deep.equal([
      400,
      'InvalidInput',
      '/password',
    ]);
    // Four characters, if eight halves of them.
    expect(await put('admin', { password: '🎪🎪🎪🎪', old_password: PASSWORD })).to.deep.equal([
      400,
      'InvalidInput',
      '/password',
    ]);
    for (const nobody of ['root', '%00', '%20', '%F0%9F%8E%AA', 'x'.repeat(300)])
      expect(await put(nobody, { password: NEW, old_password: PASSWORD })).to.deep.equal([404, 'NotFound']);
    await logIn(coordinator);
  });

  it('may be as long as it is said to be, in characters', async () => {
    const long = '🎪'.repeat(1_024);
    const session = header(await logIn(coordinator));
    const body = { password: long, old_password: PASSWORD };
    expect((await coordinator.call('PUT', '/users/admin', body, session)).status).to.equal(200);
    await logIn(coordinator, long);
  });

  it('of two changes at once is the one that was told so', async () => {
    const session = header(await logIn(coordinator));
    const change = (password: string) =>
      coordinator.call('PUT', '/users/admin', { password, old_password: PASSWORD }, session);
    const answers = await Promise.all([change('the first one'), change('the second one')]);
    const statuses = answers.map(({ status }) => status);
    const won = statuses.indexOf(200);
    expect(statuses[1 - won]).to.be.oneOf([403, 409]);
    await logIn(coordinator, won === 0 ? 'the first one' : 'the second one');
  });
});

describe('authentication off', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  before(async () => {
    coordinator = await startTestCoordinator();
  });
  after(() => coordinator.remove());

  it('is how a coordinator starts, and needs nothing, nor minds an empty or any other session', async () => {
    for (const headers of [{}, { 'opscenter-session': '' }, header('d6c5e198b9b5ffeab9fd8dea6fb012aa')])
      for (const path of ['/meta', 'clusters/'])
        expect((await coordinator.call('GET', path, undefined, headers)).status).to.equal(200);
  });

  it('answers a login with a session id all the same, and logout', async () => {
    for (const body of [form('anything'), JSON.stringify({ username: 'x', password: 'y' })]) {
      const { status, body: told } = await coordinator.call('POST', '/login', body);
      expect(status).to.equal(200);
      expect(told.sessionid).to.match(/^[\w-]{43}$/);
      expect((await coordinator.call('GET', '/meta', undefined, told)).status).to.equal(200);
    }
    expect((await coordinator.call('GET', '/logout')).body).to.deep.equal({});
    expect(await inDatabase(coordinator.databaseUrl, 'select * from session')).to.deep.equal([]);
  });

  it('has no password to change before it was on, and is the way back in after', async () => {
    const change = { password: 'forgotten no more' };
    expect((await coordinator.call('PUT', '/users/admin', change)).status).to.equal(404);
    const { databaseUrl } = coordinator;
    const guarded = await startGuardedCoordinator({}, { databaseUrl });
    const before = await logIn(guarded);
    expect((await coordinator.call('PUT', '/users/admin', change)).status).to.equal(200);
    expect((await guarded.call('GET', '/meta', undefined, header(before))).status).to.equal(401);
    await logIn(guarded, change.password);
    await guarded.remove();
  });
});
