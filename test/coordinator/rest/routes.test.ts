// Every route however it is spelt: with a slash at its end or none, ids in upper case, HEAD and OPTIONS, any content type.
import { request } from 'node:http';
import { expect } from 'chai';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';

/** `{x}` stands for the id of an x. */
const ROUTES = [
  '',
  'actions',
  'actions/install',
  'actions/configure',
  'actions/restart',
  'actions/terminate',
  'jobs',
  'jobs/{job}',
  'jobs/{job}/job_nodes',
  'jobs/{job}/job_events',
  'job_nodes',
  'job_nodes/{job-node}',
  'job_nodes/{job-node}/job_events',
  'job_events',
  'job_events/{job-event}',
  'repositories',
  'repositories/{repository}',
  'machine_credentials',
  'config_profiles',
  'config_profiles/{config-profile}',
  'config_profiles/{config-profile}/clusters',
  'config_profiles/{config-profile}/datacenters',
  'config_profiles/{config-profile}/nodes',
  'clusters',
  'clusters/{cluster}',
  'clusters/{cluster}/datacenters',
  'clusters/{cluster}/nodes',
  'clusters/{cluster}/jobs',
  'datacenters',
  'datacenters/{datacenter}',
  'datacenters/{datacenter}/nodes',
  'nodes',
  'nodes/{node}',
  'definitions',
  'definitions/6.8.36',
  'settings',
];

describe('every route', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  const ids: Record<string, string> = {};
  const filled = (route: string, spell = (id: string) => id): string =>
    route.replace(/\{([a-z-]+)\}/g, (_, kind: string) => spell(ids[kind] ?? kind));

  before(async () => {
    coordinator = await startTestCoordinator();
    const made = await modelCluster(coordinator, 'c1', ['n1']);
    const body = { 'job-scope': 'cluster', 'resource-id': made.clusterId };
    const { id } = (await coordinator.call('POST', 'actions/restart', body)).body;
    await coordinator.call('POST', 'actions/terminate', { 'job-id': id });
    const events = await eventually(async () => {
      const job = (await coordinator.call('GET', `jobs/${id}`)).body;
      expect(job['status']).to.equal('TERMINATED');
      return (await coordinator.call('GET', `jobs/${id}/job_events/`)).body.results;
    });
    Object.assign(ids, {
      job: id,
      'job-node': (await coordinator.call('GET', 'job_nodes/')).body.results[0].id,
      'job-event': events[0].id,
      repository: made.repositoryId,
      'config-profile': made.profileId,
      cluster: made.clusterId,
      datacenter: made.datacenterId,
      node: made.nodeIds[0],
    });
  });
  after(() => coordinator.remove());

  for (const route of ROUTES) {
    it(`answers alike: /${route}`, async () => {
      for (const version of ['v1', 'v2']) {
        const at = (spelt: string): string => `/api/${version}/lcm${spelt === '' ? '' : `/${spelt}`}`;
        const plain = await coordinator.call('GET', at(filled(route)));
        expect(plain.status).to.equal(200);
        for (const other of [`${at(filled(route))}/`, at(filled(route, (id) => id.toUpperCase()))]) {
          const answer = await coordinator.call('GET', other);
          expect([answer.status, answer.body], other).to.deep.equal([200, plain.body]);
        }
        const url = `${coordinator.restUrl}${at(filled(route))}`;
        const head = await fetch(url, { method: 'HEAD' });
        expect([head.status, await head.text()]).to.deep.equal([200, '']);
        expect(head.headers.get('content-length')).to.equal(
          String(Buffer.byteLength(JSON.stringify(plain.body))),
        );
        const options = await fetch(url, { method: 'OPTIONS' });
        expect([options.status, await options.text()]).to.deep.equal([200, '']);
        expect(options.headers.get('allow')).to.match(/^HEAD, GET/);
      }
    });
  }

  it('takes POST, PUT and DELETE with a slash at the end and without', async () => {
    for (const slash of ['', '/']) {
      const call = async (method: string, path: string, body?: unknown) =>
        (await coordinator.call(method, `${path}${slash}`, body)).status;
      const name = `c${slash}`;
      expect(await call('POST', 'clusters', { name })).to.equal(201);
      const { results } = (await coordinator.call('GET', 'clusters')).body;
      const { id } = results.find((cluster: { name: string }) => cluster.name === name);
      expect(await call('PUT', `clusters/${id}`, { comment: 'x' })).to.equal(200);
      expect(await call('DELETE', `clusters/${id}`)).to.equal(200);
      expect(await call('POST', `nodes/${ids['node']}/enrolment`)).to.equal(201);
      expect(await call('PUT', 'settings', {})).to.equal(200);
      expect(await call('POST', 'actions/terminate', { 'job-id': ids['job'] })).to.equal(409);
    }
  });

  it('answers pages of 50, or of what per-page asks for, with links to the next and the last', async () => {
    for (let at = 0; at < 3; at += 1) await coordinator.call('POST', 'repositories/', { name: `more ${at}` });
    const first = (await coordinator.call('GET', 'repositories/?per-page=3')).body;
    const list = `${coordinator.restUrl}/api/v1/lcm/repositories/`;
    expect({ ...first, results: first.results.length }).to.deep.equal({
      next: `${list}?page=2&per-page=3`,
      previous: null,
      last: 2,
      count: 4,
      'per-page': 3,
      current: 1,
      results: 3,
    });
    const second = (await coordinator.call('GET', first.next.slice(coordinator.restUrl.length))).body;
    expect([second.results.length, second.next, second.previous]).to.deep.equal([
      1,
      null,
      `${list}?page=1&per-page=3`,
    ]);
    expect((await coordinator.call('GET', 'repositories/?page=9&per-page=3')).status).to.equal(404);
    expect((await coordinator.call('GET', 'repositories/')).body['per-page']).to.equal(50);
  });

  it('reads JSON whatever the content type', async () => {
    const url = `${coordinator.restUrl}/api/v1/lcm/repositories`;
    for (const type of [
      null,
      'application/json',
      'application/x-www-form-urlencoded',
      'text/plain',
      'no/thing; x',
    ]) {
      const status = await new Promise((resolve, reject) => {
        const sending = request(url, {
          method: 'POST',
          headers: type === null ? {} : { 'content-type': type },
        });
        sending.on('response', (answer) => resolve(answer.resume().statusCode)).on('error', reject);
        sending.end(JSON.stringify({ name: `sent as ${type}` }));
      });
      expect(status, String(type)).to.equal(201);
    }
  });

  it('never builds an href from a Host header that is not ours', async () => {
    const text = await new Promise<string>((resolve, reject) => {
      request(`${coordinator.restUrl}/api/v1/lcm/`, { headers: { host: 'evil.example:1234' } }, (answer) => {
        let all = '';
        answer.on('data', (chunk) => (all += chunk)).on('end', () => resolve(all));
      })
        .on('error', reject)
        .end();
    });
    expect(text).to.not.contain('evil');
    expect(text).to.contain(coordinator.restUrl);
  });
});
