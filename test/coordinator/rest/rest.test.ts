// The REST API over a real coordinator: the seed's forms, the model, bad input, and nothing half done.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';

// The seed's examples, as sets of fields.
const CREATE =
  'node-id created-on description datacenter-name type datacenter-id cluster-name job-data modified-by job-type node-name modified-on id created-by cluster-id status dry-run'.split(
    ' ',
  );
const DETAIL = [...CREATE, 'related-resources', 'href'];
const LIST = DETAIL.filter((field) => !['job-data', 'created-by', 'modified-by'].includes(field));
const NODE_DETAIL =
  'job-id node-id created-on datacenter-name type related-resources modified-by node-name modified-on id href created-by status'.split(
    ' ',
  );
const EVENT_LIST =
  'job-id node-id event-subtype created-on event-type type message related-resources href id'.split(' ');
const EVENT_DETAIL = [
  ...EVENT_LIST,
  'before',
  'changes',
  'event-resource',
  'after',
  'traceback',
  'created-by',
];
/** What we add to the seed: closed lists. */
const ADDED = {
  detail: ['waiting-for', 'event-count', 'events-complete'],
  list: ['waiting-for'],
  node: ['progress'],
};
const ENVELOPE = 'next previous last count per-page current results'.split(' ');

describe('the REST API', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  before(async () => {
    coordinator = await startTestCoordinator();
  });
  after(() => coordinator.remove());

  for (const version of ['v1', 'v2']) {
    it(`shows jobs in the seed's three forms on ${version}, field for field`, async () => {
      const { clusterId } = await modelCluster(coordinator, `forms-${version}`, ['n1', 'n2']);
      const base = `/api/${version}/lcm`;
      const created = await coordinator.call('POST', `${base}/actions/install`, {
        'job-type': 'install',
        'job-scope': 'cluster',
        'resource-id': clusterId,
        'auto-bootstrap': null,
        'continue-on-error': 'false',
        'change-default-cassandra-password': 'blarg',
      });
      expect(created.status).to.equal(201);
      expect(created.body).to.have.all.keys(CREATE);
      expect(created.body['job-data']).to.deep.equal({
        'job-type': 'install',
        'continue-on-error': false,
        'change-default-cassandra-password': 'blarg',
        'auto-bootstrap': null,
      });
      const { id } = created.body;
      const detail = await coordinator.call('GET', `${base}/jobs/${id}`);
      expect(detail.body).to.have.all.keys([...DETAIL, ...ADDED.detail]);
      expect(JSON.stringify(detail.body)).to.not.contain('blarg');
      const list = await coordinator.call('GET', `${base}/clusters/${clusterId}/jobs/`);
      expect(list.body).to.have.all.keys(ENVELOPE);
      expect(list.body.results[0]).to.have.all.keys([...LIST, ...ADDED.list]);
      const nodes = await coordinator.call('GET', `${base}/jobs/${id}/job_nodes/`);
      expect(nodes.body.results.map((node: { 'node-name': string }) => node['node-name'])).to.deep.equal([
        'n1',
        'n2',
      ]);
      const node = await coordinator.call('GET', `${base}/job_nodes/${nodes.body.results[0].id}`);
      expect(node.body).to.have.all.keys([...NODE_DETAIL, ...ADDED.node]);
      expect((await coordinator.call('POST', `${base}/actions/terminate`, { 'job-id': id })).body).to.equal(
        'Termination in progress',
      );
      await eventually(async () =>
        expect((await coordinator.call('GET', `${base}/jobs/${id}`)).body.status).to.equal('TERMINATED'),
      );
      const events = await coordinator.call('GET', `${base}/jobs/${id}/job_events/`);
      expect(events.body.results[0]).to.have.all.keys(EVENT_LIST);
      expect(Object.keys(events.body.results[0]['related-resources'])).to.deep.equal(['job']);
      expect(
        (await coordinator.call('GET', `${base}/job_events/${events.body.results[0].id}`)).body,
      ).to.have.all.keys(EVENT_DETAIL);
    });
  }

  it('reads JSON whatever the content type, with a trailing slash or none', async () => {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await coordinator.call('POST', 'repositories', { name: 'form' }, type)).status).to.equal(201);
    expect((await coordinator.call('GET', 'repositories/')).status).to.equal(200);
  });

  it('keeps secrets to itself and takes back what it gave', async () => {
    const body = {
      name: 'credential',
      'login-user': 'root',
      'login-password': 'canary',
      'become-mode': 'sudo',
    };
    const created = await coordinator.call('POST', 'machine_credentials/', body);
    expect(JSON.stringify(created.body)).to.not.contain('canary');
    expect(created.body['login-name']).to.equal('root');
    const path = `machine_credentials/${created.body.id}`;
    expect((await coordinator.call('PUT', path, created.body)).status).to.equal(200);
    expect((await coordinator.call('PUT', path, { comment: 'x' })).body['become-mode']).to.equal('sudo');
  });

  it('names addresses as each version does', async () => {
    const { nodeIds } = await modelCluster(coordinator, 'addresses', ['n1']);
    await coordinator.call('PUT', `nodes/${nodeIds[0]}`, { 'rpc-address': '10.0.0.1' });
    expect((await coordinator.call('GET', `/api/v1/lcm/nodes/${nodeIds[0]}`)).body['rpc-address']).to.equal(
      '10.0.0.1',
    );
    expect(
      (await coordinator.call('GET', `/api/v2/lcm/nodes/${nodeIds[0]}`)).body['native-transport-address'],
    ).to.equal('10.0.0.1');
  });

  it('answers 409 to a second datacenter of the same name, with the code in the body', async () => {
    const { clusterId } = await modelCluster(coordinator, 'twice', ['n1']);
    const { status, body } = await coordinator.call('POST', 'datacenters/', {
      name: 'dc1',
      'cluster-id': clusterId,
    });
    expect([status, body.code, body.msg]).to.deep.equal([409, 409, body.message]);
  });

  it('refuses to delete what an open job uses, and cascades once it is over', async () => {
    const { clusterId, nodeIds, profileId } = await modelCluster(coordinator, 'in-use', ['n1']);
    const job = await coordinator.call('POST', 'actions/restart', {
      'job-scope': 'cluster',
      'resource-id': clusterId,
    });
    for (const path of [`clusters/${clusterId}`, `nodes/${nodeIds[0]}`, `config_profiles/${profileId}`]) {
      expect((await coordinator.call('DELETE', path)).status, path).to.equal(409);
    }
    await coordinator.call('POST', 'actions/terminate', { 'job-id': job.body.id });
    await eventually(async () =>
      expect((await coordinator.call('DELETE', `clusters/${clusterId}`)).status).to.equal(200),
    );
    expect((await coordinator.call('GET', `nodes/${nodeIds[0]}`)).status).to.equal(404);
    expect((await coordinator.call('GET', `jobs/${job.body.id}`)).body['cluster-name']).to.equal('in-use');
  });

  it('says what a waiting job waits for', async () => {
    const { clusterId } = await modelCluster(coordinator, 'waiting', ['n1']);
    const first = await coordinator.call('POST', 'actions/restart', {
      'job-scope': 'cluster',
      'resource-id': clusterId,
    });
    const second = await coordinator.call('POST', 'actions/restart', {
      'job-scope': 'cluster',
      'resource-id': clusterId,
    });
    const waits = async (id: string) =>
      (await coordinator.call('GET', `jobs/${id}`)).body['waiting-for']?.kind;
    await eventually(async () => expect(await waits(first.body.id)).to.equal('agent-not-enrolled'));
    await eventually(async () => expect(await waits(second.body.id)).to.equal('job'));
  });

  it('follows a job live, resumes after an event, and ends with it', async () => {
    const { clusterId } = await modelCluster(coordinator, 'live', ['n1']);
    const job = await coordinator.call('POST', 'actions/restart', {
      'job-scope': 'cluster',
      'resource-id': clusterId,
    });
    const url = `${coordinator.restUrl}/api/v1/lcm/jobs/${job.body.id}/stream`;
    const stream = await fetch(url);
    await coordinator.call('POST', 'actions/terminate', { 'job-id': job.body.id });
    const text = await stream.text();
    expect(text).to.match(/id: 1\nevent: job-event\n/);
    expect(text.trimEnd().split('\n').slice(-2)).to.deep.equal([
      'event: end',
      'data: {"status":"TERMINATED"}',
    ]);
    const resumed = await (await fetch(url, { headers: { 'last-event-id': '1' } })).text();
    expect(resumed).to.not.contain('event: job-event');
    expect(resumed).to.contain('event: end');
  });

  const deep = `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`;
  const cases: [string, string, string, unknown, number, string][] = [
    ['a body that is no JSON', 'POST', 'clusters/', 'nonsense', 400, 'not JSON'],
    ['a body that is no object', 'POST', 'clusters/', '[]', 400, 'object'],
    ['a body nested too deeply', 'POST', 'clusters/', deep, 400, 'nested'],
    [
      'a hostile key',
      'POST',
      'config_profiles/',
      '{"name":"x","datastax-version":"5.0.8","json":{"__proto__":{"a":1}}}',
      400,
      '__proto__',
    ],
    ['a body over 256 KiB', 'POST', 'clusters/', { name: 'x'.repeat(300_000) }, 413, '256 KiB'],
    ['an unknown field', 'POST', 'clusters/', { name: 'x', colour: 'red' }, 400, '/colour'],
    ['a missing field', 'POST', 'clusters/', {}, 400, '/name'],
    [
      'a wrong type',
      'POST',
      'clusters/',
      { name: 'y', 'ssh-management-port': 'many' },
      400,
      '/ssh-management-port',
    ],
    [
      'a number out of range',
      'POST',
      'clusters/',
      { name: 'y', 'ssh-management-port': 70_000 },
      400,
      '/ssh-management-port',
    ],
    ['an unknown action', 'POST', 'actions/explode', {}, 404, 'action'],
    [
      'an unknown scope',
      'POST',
      'actions/restart',
      { 'job-scope': 'planet', 'resource-id': randomUUID() },
      400,
      '/job-scope',
    ],
    [
      'a job type that is another action',
      'POST',
      'actions/restart',
      { 'job-type': 'install', 'job-scope': 'cluster', 'resource-id': randomUUID() },
      400,
      '/job-type',
    ],
    [
      'a resource that is not there',
      'POST',
      'actions/restart',
      { 'job-scope': 'cluster', 'resource-id': randomUUID() },
      404,
      'cluster',
    ],
    ['a job that is not there', 'GET', `jobs/${randomUUID()}`, undefined, 404, 'job'],
    ['an id that is no UUID', 'GET', 'jobs/12', undefined, 404, 'job'],
    ['a page out of range', 'GET', 'jobs/?page=0', undefined, 400, '/page'],
    ['a page that is too long', 'GET', 'jobs/?per-page=100000', undefined, 400, '/per-page'],
    ['terminate of an unknown job', 'POST', 'actions/terminate', { 'job-id': randomUUID() }, 404, 'job'],
  ];
  for (const [title, method, path, body, status, word] of cases) {
    it(`answers ${status} to ${title} and names it`, async () => {
      const answer = await coordinator.call(method, path, body);
      expect(answer.status).to.equal(status);
      expect(answer.body).to.have.all.keys('code', 'type', 'message', 'msg', 'errors');
      expect(JSON.stringify(answer.body)).to.contain(word);
    });
  }

  it('refuses an install without a repository, and a job on a cluster without nodes', async () => {
    const { clusterId, nodeIds } = await modelCluster(coordinator, 'bare', ['n1']);
    await coordinator.call('PUT', `clusters/${clusterId}`, { 'repository-id': null });
    const install = await coordinator.call('POST', 'actions/install', {
      'job-scope': 'cluster',
      'resource-id': clusterId,
    });
    expect([install.status, JSON.stringify(install.body)].join()).to.match(/^400.*repository/);
    await coordinator.call('DELETE', `nodes/${nodeIds[0]}`);
    const empty = await coordinator.call('POST', 'actions/restart', {
      'job-scope': 'cluster',
      'resource-id': clusterId,
    });
    expect([empty.status, JSON.stringify(empty.body)].join()).to.match(/^400.*no nodes/);
  });

  it('never builds an href from a Host header that is not ours', async () => {
    const { request } = await import('node:http');
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
