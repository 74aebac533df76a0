// Who gets in: every way in which clients carry a session, on both base paths, and when a session is over.
import { expect } from 'chai';
import { modelCluster, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { callerOf, postRestart, terminate } from '../../support/jobs.ts';
import { header, inDatabase, logIn, startGuardedCoordinator } from '../../support/sign-in.ts';

const GUARDED = [
  ['GET', '/api/v1/lcm/clusters/'],
  ['GET', '/api/v2/lcm/clusters/'],
  ['GET', '/API/V2/LCM/clusters/'],
  ['GET', '/api/v2/lcm/'],
  ['POST', '/api/v1/lcm/clusters/'],
  ['POST', '/api/v2/lcm/actions/install'],
  ['DELETE', '/api/v1/lcm/nodes/27138a41-59b6-487b-892a-3a211201fb51'],
  ['GET', '/api/v1/lcm/jobs/27138a41-59b6-487b-892a-3a211201fb51/stream'],
  ['PUT', '/api/v2/lcm/settings/'],
  ['PUT', '/users/admin'],
  ['GET', '/meta'],
  ['GET', '/meta/'],
  ['GET', '/cluster-configs'],
  ['GET', '/something-else'],
  ['OPTIONS', '/api/v1/lcm/clusters/'],
] as const;

const CARRIERS: Record<string, (token: string) => Record<string, string>> = {
  'the header opscenter-session': header,
  'the header sessionid': (sessionid) => ({ sessionid }),
  'a bearer token': (token) => ({ authorization: `Bearer ${token}` }),
  'the cookie': (token) => ({ cookie: `theme=dark; opscenter-session=${token}` }),
  'the cookie beside an empty header': (token) => ({
    cookie: `opscenter-session=${token}`,
    'opscenter-session': '',
    sessionid: '',
  }),
};

describe('a session', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  before(async () => {
    coordinator = await startGuardedCoordinator({}, { timings: { liveHeartbeatMs: 100 } });
  });
  after(() => coordinator.remove());
  const statusOf = async (headers: Record<string, string>, path = '/meta'): Promise<number> =>
    (await coordinator.call('GET', path, undefined, headers)).status;

  for (const [method, path] of GUARDED)
    it(`is asked for at ${method} ${path}`, async () => {
      const { status, body, headers } = await coordinator.call(
        method,
        path,
        method === 'GET' ? undefined : {},
      );
      expect(status).to.equal(401);
      expect(body).to.deep.equal({
        code: 401,
        type: 'Unauthenticated',
        message: body.message,
        msg: body.message,
        errors: [],
      });
      expect(body.message).to.match(/^Log in first/);
      expect(headers.get('www-authenticate')).to.equal('Bearer');
    });

  for (const path of ['/livez', '/readyz', '/'])
    it(`is not asked for at ${path}`, async () => {
      const answer = await fetch(`${coordinator.restUrl}${path}`);
      await answer.text();
      expect(answer.status).to.be.oneOf(path === '/' ? [200, 404] : [200]); // the desk may not be built
    });

  for (const [name, carry] of Object.entries(CARRIERS))
    it(`is taken from ${name}, on both base paths`, async () => {
      const headers = carry(await logIn(coordinator));
      for (const path of ['/api/v1/lcm/clusters/', '/api/v2/lcm/clusters/', '/meta'])
        expect(await statusOf(headers, path), path).to.equal(200);
    });

  for (const [name, carry] of Object.entries(CARRIERS))
    it(`that never was one is refused in ${name}`, async () => {
      await logIn(coordinator);
      for (const token of ['d6c5e198b9b5ffeab9fd8dea6fb012aa', 'x'.repeat(43), `'; drop table session --`])
        expect(await statusOf(carry(token)), token).to.equal(401);
    });

  it('is known to the database by its hash alone', async () => {
    const token = await logIn(coordinator);
    const rows = await inDatabase(coordinator.databaseUrl, 'select s::text as text from session s');
    expect(rows.length).to.be.greaterThan(0);
    for (const { text } of rows) expect(text).to.not.contain(token);
    const [{ token_hash }] = await inDatabase(coordinator.databaseUrl, 'select token_hash from session');
    expect(await statusOf(header(token_hash))).to.equal(401);
  });

  it('is over once logged out, and no other is', async () => {
    const [token, other] = [await logIn(coordinator), await logIn(coordinator)];
    const { status, body, headers } = await coordinator.call('GET', '/logout', undefined, header(token));
    expect([status, body]).to.deep.equal([200, {}]);
    expect(headers.get('set-cookie')).to.match(/^opscenter-session=; .*Max-Age=0$/);
    expect(await statusOf(header(token))).to.equal(401);
    expect(await statusOf(header(other))).to.equal(200);
  });

  it('is not needed to log out', async () => {
    for (const method of ['GET', 'POST']) {
      const { status, body } = await coordinator.call(method, '/logout');
      expect([status, body]).to.deep.equal([200, {}]);
    }
  });

  for (const [what, statement] of [
    ['its lifetime has passed', 'update session set expires_on = now()'],
    ['it was not used for an hour', "update session set last_used_on = now() - interval '3601 s'"],
  ] as const)
    it(`is over when ${what}`, async () => {
      const token = await logIn(coordinator);
      expect(await statusOf(header(token))).to.equal(200);
      await inDatabase(coordinator.databaseUrl, statement);
      const { status, body } = await coordinator.call('GET', '/meta', undefined, header(token));
      expect(status).to.equal(401);
      expect(body.message).to.match(/^This session is over/);
    });

  it('lives on while it is used', async () => {
    const token = await logIn(coordinator);
    const almost = "update session set last_used_on = now() - interval '3500 s'";
    await inDatabase(coordinator.databaseUrl, almost);
    expect(await statusOf(header(token))).to.equal(200);
    const [{ idle }] = await inDatabase(
      coordinator.databaseUrl,
      'select min(extract(epoch from now() - last_used_on))::int as idle from session',
    );
    expect(idle).to.be.lessThan(60);
  });

  it('carries a live stream, which ends with it', async () => {
    const [token, other] = [await logIn(coordinator), await logIn(coordinator)];
    const as = {
      call: (method: string, path: string, body?: unknown) =>
        coordinator.call(method, path, body, header(other)),
    };
    const { clusterId } = await modelCluster(as, 'streamed', ['n1']);
    const job = await postRestart(as, clusterId);
    const stream = async (session: string) => {
      const abort = new AbortController();
      const answer = await fetch(`${coordinator.restUrl}/api/v2/lcm/jobs/${job}/stream`, {
        headers: header(session),
        signal: abort.signal,
      });
      expect(answer.status).to.equal(200);
      const seen = { text: '', ended: false };
      const decoder = new TextDecoder();
      void (async () => {
        for await (const chunk of answer.body ?? []) seen.text += decoder.decode(chunk);
      })()
        .catch(() => {})
        .finally(() => (seen.ended = true));
      return { seen, abort };
    };
    const [mine, others] = [await stream(token), await stream(other)];
    await eventually(() => expect(mine.seen.text).to.contain('heartbeat'));
    await coordinator.call('GET', '/logout', undefined, header(token));
    await eventually(() => expect(mine.seen.ended).to.equal(true));
    const before = others.seen.text.length;
    await eventually(() => expect(others.seen.text.length).to.be.greaterThan(before));
    expect(others.seen.ended).to.equal(false);
    others.abort.abort();
  });

  it('is named by its account where it asks for a job, and for its termination', async () => {
    const session = header(await logIn(coordinator));
    const at = {
      call: (method: string, path: string, body?: unknown) => coordinator.call(method, path, body, session),
    };
    const { clusterId } = await modelCluster(at, 'asked', ['n1']);
    const jobId = await postRestart(at, clusterId);
    expect((await at.call('GET', `jobs/${jobId}`)).body['asked-by']).to.equal('admin');
    await terminate(at, jobId);
    const { body } = await at.call('GET', `jobs/${jobId}/job_events/?event-subtype=terminate-requested`);
    expect(body.results[0].message).to.match(/^Termination was asked for by admin: /);
  });

  it('is named by its account where it makes a schedule or changes one, and nowhere that it changes nothing', async () => {
    const session = header(await logIn(coordinator));
    const at = {
      call: (method: string, path: string, body?: unknown) => coordinator.call(method, path, body, session),
    };
    const { clusterId } = await modelCluster(at, 'scheduled', ['n1']);
    const schedule = { name: 's', 'cluster-id': clusterId, 'job-type': 'restart', cron: '0 0 1 1 *' };
    const { body: made } = await at.call('POST', 'job_schedules/', schedule);
    const named = { 'created-by': 'admin', 'modified-by': 'admin' };
    expect(made).to.deep.include(named);
    const path = `job_schedules/${made.id}`;
    await inDatabase(
      coordinator.databaseUrl,
      `update job_schedule set created_by = 'ann', modified_by = 'bob'`,
    );
    const same = { ...made, 'created-by': 'eve', 'modified-by': 'eve' };
    expect((await at.call('PUT', path, same)).body).to.deep.include({
      'created-by': 'ann',
      'modified-by': 'bob',
    });
    expect((await at.call('PUT', path, { enabled: false })).body).to.deep.include({
      'created-by': 'ann',
      'modified-by': 'admin',
    });
    const { results } = (await at.call('GET', `clusters/${clusterId}/job_schedules/`)).body;
    expect(results[0]).to.deep.include({ 'created-by': 'ann', 'modified-by': 'admin' });
  });

  it('holds at every coordinator of the same database', async () => {
    const second = await startGuardedCoordinator({}, { databaseUrl: coordinator.databaseUrl });
    const token = await logIn(coordinator);
    const cluster = { name: 'made-at-the-other' };
    expect((await second.call('POST', 'clusters/', cluster, header(token))).status).to.equal(201);
    await second.call('GET', '/logout', undefined, header(token));
    expect(await statusOf(header(token))).to.equal(401);
    await second.remove();
  });

  it('is not what stops a page of another site: that is refused with it too', async () => {
    const token = await logIn(coordinator);
    const headers = { cookie: `opscenter-session=${token}`, origin: 'http://evil.example' };
    const { status } = await coordinator.call('POST', 'clusters/', { name: 'evil' }, headers);
    expect(status).to.equal(403);
    const login = await coordinator.call('POST', '/login', {}, { origin: 'http://evil.example' });
    expect(login.status).to.equal(403);
  });

  it('is asked for by callers that know nothing of it, with an answer that tells nothing', async () => {
    const { status, body } = await callerOf(coordinator.restUrl).call('GET', 'jobs/');
    expect(status).to.equal(401);
    expect(JSON.stringify(body)).to.not.match(/version|select|admin/);
  });
});
