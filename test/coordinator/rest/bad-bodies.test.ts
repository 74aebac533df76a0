// Requests that can never be right, whatever they are about: bodies, pages, ids, methods. Each is refused whole.
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { expectRefusal, type Refusal } from '../../support/refusals.ts';

const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const profile = (json: string): string => `{"name":"x","datastax-version":"5.0.8","json":${json}}`;
const invalid = (says: RegExp, fields: string[] = []): Refusal => ({
  status: 400,
  type: 'InvalidInput',
  says,
  fields,
});
const unknown = (says: RegExp): Refusal => ({ status: 404, type: 'NotFound', says });

/** A body for POST clusters/, and how it is refused. */
const BODIES: [title: string, body: unknown, refusal: Refusal][] = [
  ['nothing', '', invalid(/not JSON/)],
  ['no JSON', 'name=c1', invalid(/not JSON/)],
  ['JSON cut short', '{"name":"c1"', invalid(/not JSON/)],
  ['a list', '[{"name":"c1"}]', invalid(/must be a JSON object/)],
  ['a string', '"c1"', invalid(/must be a JSON object/)],
  ['null', 'null', invalid(/must be a JSON object/)],
  ['more than 256 KiB', { name: 'x'.repeat(256 * 1024) }, { status: 413, type: 'TooLarge', says: /256 KiB/ }],
  ['65 levels', nested(65), invalid(/deeper than 64 levels/)],
  ['many thousand levels', nested(40_000), invalid(/deeper than 64 levels/)],
  [
    'bytes that are no UTF-8',
    Buffer.from([...Buffer.from('{"name":"'), 0xff, 0x22, 0x7d]),
    invalid(/not UTF-8/),
  ],
  ['a NUL character', '{"name":"a\\u0000b"}', invalid(/NUL/, ['/name'])],
  ['half of a surrogate pair', '{"name":"a\\ud800"}', invalid(/well-formed/, ['/name'])],
  ['a key with a NUL character', '{"a\\u0000":1}', invalid(/NUL/, ['/a\u0000'])],
  ['a number without end', '{"ssh-management-port":1e999}', invalid(/too large/, ['/ssh-management-port'])],
  ['the key __proto__', '{"__proto__":{"name":"c1"}}', invalid(/not allowed as a key/, ['/__proto__'])],
  [
    'the key constructor',
    '{"name":"c1","constructor":{"prototype":1}}',
    invalid(/not allowed/, ['/constructor']),
  ],
  ['an unknown field', { name: 'c1', 'co/lour': 'red' }, invalid(/no.* field of a cluster/, ['/co~1lour'])],
];

const PROFILES: [title: string, json: string, refusal: Refusal][] = [
  ['__proto__ at the top', '{"__proto__":{"a":1}}', invalid(/not allowed/, ['/json/__proto__'])],
  [
    'constructor below a file',
    '{"cassandra-yaml":{"constructor":1}}',
    invalid(/not allowed/, ['/json/cassandra-yaml/constructor']),
  ],
  [
    '__proto__ below a list',
    '{"logback-xml":{"loggers":[{"name":"a"},{"__proto__":null}]}}',
    invalid(/not allowed/, ['/json/logback-xml/loggers/1/__proto__']),
  ],
  [
    'a whole number that JSON does not carry exactly',
    '{"cassandra-yaml":{"max_value_size":9223372036854775807}}',
    invalid(/2\^53/, ['/json/cassandra-yaml/max_value_size']),
  ],
  [
    'a NUL character in a value',
    '{"cassandra-yaml":{"a":["b\\u0000"]}}',
    invalid(/NUL/, ['/json/cassandra-yaml/a/0']),
  ],
];

const id = randomUUID();
const REQUESTS: [title: string, method: string, path: string, refusal: Refusal][] = [
  ['page 0', 'GET', 'jobs/?page=0', invalid(/1 to/, ['/page'])],
  ['a negative page', 'GET', 'clusters/?page=-1', invalid(/1 to/, ['/page'])],
  ['a page that is no number', 'GET', 'job_nodes/?page=one', invalid(/whole number/, ['/page'])],
  ['a page beyond all', 'GET', 'job_events/?page=1000000000', invalid(/100000000/, ['/page'])],
  ['a page twice', 'GET', 'nodes/?page=1&page=2', invalid(/given more often/, ['/page'])],
  ['an empty page', 'GET', 'actions/?page=', invalid(/whole number/, ['/page'])],
  ['per-page above 500', 'GET', 'jobs/?per-page=501', invalid(/1 to 500/, ['/per-page'])],
  ['per-page 0', 'GET', 'jobs/?per-page=0', invalid(/1 to 500/, ['/per-page'])],
  ['an unknown query', 'GET', 'jobs/?colour=red', invalid(/page, per-page/, ['/colour'])],
  ['an unknown route', 'GET', 'nothing/', unknown(/^There is no such path: \/api\/v1\/lcm\/nothing\/$/)],
  ['an unknown base', 'GET', '/api/v3/lcm/jobs/', unknown(/no such path: \/api\/v3/)],
  ['an id that is no UUID', 'GET', 'jobs/12', unknown(/no job with id 12/)],
  ['an id that is no text', 'GET', 'clusters/%E0%A4%A', unknown(/no cluster/)],
  ['an id with a NUL character', 'GET', 'nodes/%00', unknown(/no node/)],
  ['an unknown job', 'GET', `jobs/${id}`, unknown(new RegExp(`no job with id ${id}`))],
  ['the nodes of an unknown job', 'GET', `jobs/${id}/job_nodes/`, unknown(/no job/)],
  ['the events of an unknown job', 'GET', `jobs/${id}/job_events/`, unknown(/no job/)],
  ['the stream of an unknown job', 'GET', `jobs/${id}/stream`, unknown(/no job/)],
  ['an unknown job node', 'GET', `job_nodes/${id}`, unknown(/no job-node/)],
  ['the events of an unknown job node', 'GET', `job_nodes/${id}/job_events/`, unknown(/no job-node/)],
  ['an unknown job event', 'GET', `job_events/${id}`, unknown(/no job-event/)],
  ['the jobs of an unknown cluster', 'GET', `clusters/${id}/jobs/`, unknown(/no cluster/)],
  ['the nodes of an unknown datacenter', 'GET', `datacenters/${id}/nodes/`, unknown(/no datacenter/)],
  ['the deletion of an unknown profile', 'DELETE', `config_profiles/${id}`, unknown(/no config-profile/)],
  ['an enrolment of an unknown node', 'POST', `nodes/${id}/enrolment`, unknown(/no node/)],
  ['an unknown action', 'GET', 'actions/explode', unknown(/no action/)],
];

describe('a request that can never be right', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  before(async () => {
    coordinator = await startTestCoordinator();
  });
  after(() => coordinator.remove());

  for (const [title, body, refusal] of BODIES) {
    it(`is refused whole: a body with ${title}`, async () => {
      await expectRefusal(coordinator, { method: 'POST', path: 'clusters/', body }, refusal);
    });
  }
  for (const [title, json, refusal] of PROFILES) {
    it(`is refused whole: a profile with ${title}`, async () => {
      await expectRefusal(
        coordinator,
        { method: 'POST', path: 'config_profiles/', body: profile(json) },
        refusal,
      );
    });
  }
  for (const [title, method, path, refusal] of REQUESTS) {
    it(`is refused whole: ${title}`, async () => {
      await expectRefusal(coordinator, { method, path }, refusal);
    });
  }

  it('is refused whole: a body that is compressed, with what would be taken', async () => {
    const post = (encoding: string, body: string | Buffer) =>
      fetch(`${coordinator.restUrl}/api/v1/lcm/clusters/`, {
        method: 'POST',
        body,
        headers: { 'content-encoding': encoding },
      });
    const refused = await post('gzip', gzipSync('{"name":"c"}'));
    expect([refused.status, refused.headers.get('accept-encoding')]).to.deep.equal([415, 'identity']);
    expect(((await refused.json()) as { message: string }).message).to.match(
      /taken plain, not encoded as gzip/,
    );
    expect((await post('identity', '{}')).status).to.equal(400);
  });

  it('is refused whole: a body over 256 KiB that comes in pieces of no known length', async () => {
    const pieces = new ReadableStream({
      start(controller) {
        for (let at = 0; at < 10; at += 1) controller.enqueue(Buffer.alloc(64 * 1024, 'x'));
        controller.close();
      },
    });
    const url = `${coordinator.restUrl}/api/v1/lcm/clusters/`;
    const answer = await fetch(url, { method: 'POST', body: pieces, duplex: 'half' } as RequestInit);
    expect([answer.status, ((await answer.json()) as { code: number }).code]).to.deep.equal([413, 413]);
  });

  it('is refused whole: a change of an unknown record', async () => {
    await expectRefusal(
      coordinator,
      { method: 'PUT', path: `nodes/${id}`, body: { comment: 'x' } },
      unknown(/no node/),
    );
  });

  for (const [method, path, allowed] of [
    ['DELETE', 'jobs/', 'HEAD, GET'],
    ['PUT', `jobs/${id}`, 'HEAD, GET'],
    ['POST', 'job_events/', 'HEAD, GET'],
    ['DELETE', 'actions/install', 'HEAD, GET, POST'],
    ['PATCH', `clusters/${id}`, 'HEAD, GET, PUT, DELETE'],
    ['POST', 'settings/', 'HEAD, GET, PUT'],
    ['POST', '/livez', 'HEAD, GET'],
  ] as const) {
    it(`is answered 405 with what is allowed: ${method} ${path.replace(id, '{id}')}`, async () => {
      const refusal: Refusal = {
        status: 405,
        type: 'MethodNotAllowed',
        says: new RegExp(`${method} is not possible`),
      };
      await expectRefusal(coordinator, { method, path }, refusal);
      const url = path.startsWith('/') ? path : `/api/v2/lcm/${path}`;
      const answer = await fetch(`${coordinator.restUrl}${url}`, { method });
      expect(answer.headers.get('allow')?.split(', ').sort()).to.deep.equal(allowed.split(', ').sort());
    });
  }
});
