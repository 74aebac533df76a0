// Refusals as RFC 9457 problem details, whoever refuses, to whom asks for them; the seed's form to everybody else.
import { connect } from 'node:net';
import { expect } from 'chai';
import { problemType, wantsProblem } from '../../../coordinator/rest/problem.ts';
import { modelCluster, type TestCoordinator } from '../../support/coordinator.ts';
import { header, logIn, startGuardedCoordinator } from '../../support/sign-in.ts';

describe('problem details', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let session: Record<string, string>;
  let clusterId: string;
  before(async () => {
    coordinator = await startGuardedCoordinator();
    session = header(await logIn(coordinator));
    const signedIn = {
      call: (method: string, path: string, body?: unknown) => coordinator.call(method, path, body, session),
    };
    ({ clusterId } = await modelCluster(signedIn, 'c1', ['n1']));
  });
  after(() => coordinator.remove());

  interface Asked {
    method?: string;
    path: string;
    body?: unknown;
    headers?: Record<string, string>;
    signedIn?: boolean;
  }
  const ask = ({ method = 'GET', path, body, headers = {}, signedIn = true }: Asked, accept: string) =>
    coordinator.call(method, path, body, { ...(signedIn ? session : {}), ...headers, accept });

  const REFUSALS: Record<string, [number, string, () => Asked]> = {
    'a body that is not valid': [
      400,
      'invalid-input',
      () => ({ method: 'POST', path: 'clusters/', body: { name: 1 } }),
    ],
    'a request without a session': [401, 'unauthenticated', () => ({ path: 'clusters/', signedIn: false })],
    'a wrong password': [
      401,
      'unauthenticated',
      () => ({ method: 'POST', path: '/login', body: { username: 'admin', password: 'x' }, signedIn: false }),
    ],
    'a page of another site': [
      403,
      'permission-denied',
      () => ({ method: 'POST', path: 'clusters/', body: {}, headers: { origin: 'http://evil.example' } }),
    ],
    'a record that is not there': [404, 'not-found', () => ({ path: 'clusters/none' })],
    'a route that is not there': [404, 'not-found', () => ({ path: '/nowhere' })],
    'a method that a route does not have': [
      405,
      'method-not-allowed',
      () => ({ method: 'DELETE', path: 'jobs/' }),
    ],
    'a name that is taken': [
      409,
      'conflict',
      () => ({ method: 'POST', path: 'clusters/', body: { name: 'c1' } }),
    ],
    'a record that was changed': [
      412,
      'precondition-failed',
      () => ({ method: 'PUT', path: `clusters/${clusterId}`, body: {}, headers: { 'if-match': '"x"' } }),
    ],
    'a body that is compressed': [
      415,
      'unsupported-media-type',
      () => ({ method: 'POST', path: 'clusters/', body: {}, headers: { 'content-encoding': 'gzip' } }),
    ],
    'a body that is too large': [
      413,
      'too-large',
      () => ({ method: 'POST', path: 'clusters/', body: { name: 'x'.repeat(300_000) } }),
    ],
  };

  for (const [what, [status, kind, asked]] of Object.entries(REFUSALS)) {
    it(`tell of ${what}`, async () => {
      const seed = await ask(asked(), '*/*');
      expect(seed.headers.get('content-type')).to.equal('application/json; charset=utf-8');
      expect([seed.status, seed.body.code]).to.deep.equal([status, status]);
      expect(seed.body).to.have.all.keys('code', 'type', 'message', 'msg', 'errors');
      const problem = await ask(asked(), 'application/json, application/problem+json');
      expect(problem.headers.get('content-type')).to.match(/^application\/problem\+json/);
      expect(problem.status).to.equal(status);
      const { title, ...rest } = problem.body;
      expect(rest).to.deep.equal({
        type: `urn:ringmaster:problem:${kind}`,
        status,
        detail: seed.body.message,
        errors: seed.body.errors,
      });
      expect(title).to.be.a('string').that.is.not.empty;
      for (const { headers } of [seed, problem]) expect(headers.get('vary')).to.match(/accept/i);
      const challenge = problem.headers.get('www-authenticate');
      expect(challenge).to.equal(seed.headers.get('www-authenticate'));
    });
  }

  it('tell of a method that nobody knows', async () => {
    const { hostname, port } = new URL(coordinator.restUrl);
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(Number(port), hostname, () => {
        socket.write(
          `PROPFIND /api/v2/lcm/jobs/ HTTP/1.1\r\nhost: ${hostname}\r\nopscenter-session: ${session['opscenter-session']}\r\naccept: application/problem+json\r\nconnection: close\r\n\r\n`,
        );
      });
      socket.on('data', (bytes) => {
        text += bytes.toString();
      });
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).to.match(/^HTTP\/1\.1 405 /);
    expect(answer).to.include('urn:ringmaster:problem:method-not-allowed');
  });

  it('tell of a method that an open route does not have without asking for a session', async () => {
    for (const [path, allow] of [
      ['/login', 'POST'],
      ['/logout', 'HEAD, GET, POST'],
      ['/openapi.json', 'HEAD, GET'],
    ] as const) {
      const answer = await ask({ method: 'PUT', path, signedIn: false }, 'application/problem+json');
      expect([answer.status, answer.headers.get('allow')]).to.deep.equal([405, allow]);
      const options = await fetch(`${coordinator.restUrl}${path}`, { method: 'OPTIONS' });
      expect([options.status, options.headers.get('allow')]).to.deep.equal([204, allow]);
    }
    expect((await ask({ path: '/users/admin', signedIn: false }, '*/*')).status).to.equal(401);
    const signedIn = await ask({ path: '/users/admin' }, '*/*');
    expect([signedIn.status, signedIn.headers.get('allow')]).to.deep.equal([405, 'PUT']);
  });

  it('leave answers that are no refusals as they are', async () => {
    const { status, headers } = await ask({ path: 'clusters/' }, 'application/problem+json');
    expect([status, headers.get('content-type')]).to.deep.equal([200, 'application/json; charset=utf-8']);
  });
});

describe('an Accept header', () => {
  for (const [accept, wants] of [
    ['', false],
    ['*/*', false],
    ['application/*', false],
    ['application/json', false],
    ['application/problem+json', true],
    ['Application/Problem+JSON; charset=utf-8', true],
    ['application/json, application/problem+json', true],
    ['application/problem+json, */*;q=0.1', true],
    ['application/problem+json;q=0.5, application/json', false],
    ['application/problem+json;q=0.5, application/*;q=0.6', false],
    ['application/problem+json;q=0.5, application/json;q=0.4, */*', true],
    ['application/problem+json;q=0', false],
    ['application/problem+json;q=much', false],
    ['text/html, application/problem+json;q=0.001', true],
    [',;,=;q', false],
  ] as const)
    it(`${wants ? 'asks' : 'does not ask'} for problem details: ${JSON.stringify(accept)}`, () => {
      expect(wantsProblem(accept)).to.equal(wants);
    });

  it('is answered with types that are told apart by words', () => {
    expect(problemType('IdempotencyKeyReused')).to.equal('urn:ringmaster:problem:idempotency-key-reused');
  });
});
