// Jobs that cannot be: refused when they are asked for, with the field and the reason, and nothing of them is stored.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { expectRefusal, type Refusal } from '../../support/refusals.ts';

const invalid = (fields: string[], says: RegExp): Refusal => ({
  status: 400,
  type: 'InvalidInput',
  fields,
  says,
});
const absent = (says: RegExp): Refusal => ({ status: 404, type: 'NotFound', says });
const conflict = (says: RegExp): Refusal => ({ status: 409, type: 'Conflict', says });

type Ids = Awaited<ReturnType<typeof modelCluster>>;

/** Options beside a sound scope and resource; each wrong in its own way. */
const OPTIONS: [title: string, options: Record<string, unknown>, field: string, says: RegExp][] = [
  ['an unknown job type', { 'job-type': 'explode' }, '/job-type', /one of install/],
  ["another action's job type", { 'job-type': 'restart' }, '/job-type', /one of install/],
  ['an unknown scope', { 'job-scope': 'planet' }, '/job-scope', /one of cluster, datacenter, node/],
  ['no scope', { 'job-scope': null }, '/job-scope', /is required \(cluster, datacenter, node\)/],
  ['no resource', { 'resource-id': null }, '/resource-id', /is required/],
  ['a resource that is no UUID', { 'resource-id': 'c1' }, '/resource-id', /must be a UUID/],
  ['a flag that is a word', { 'continue-on-error': 'maybe' }, '/continue-on-error', /true or false/],
  ['a flag that is a number', { 'continue-on-error': 1 }, '/continue-on-error', /true or false/],
  ['a flag that is a list', { 'auto-bootstrap': [true] }, '/auto-bootstrap', /true or false/],
  ['a number that is a word', { 'idle-timeout': 'soon' }, '/idle-timeout', /whole number/],
  ['a number that is no whole one', { 'idle-timeout': 1.5 }, '/idle-timeout', /whole number/],
  ['a number below its range', { 'idle-timeout': 0 }, '/idle-timeout', /from 1 to 86400/],
  ['a number above its range', { 'idle-timeout': 86_401 }, '/idle-timeout', /from 1 to 86400/],
  ['a number far above its range', { 'idle-timeout': 1e99 }, '/idle-timeout', /from 1 to 86400/],
  ['such a number as text', { 'idle-timeout': '9'.repeat(30) }, '/idle-timeout', /from 1 to 86400/],
  ['a batch of none', { 'batch-size': 0 }, '/batch-size', /from 1 to 10000/],
  [
    'an unknown strategy',
    { 'concurrency-strategy': 'all-at-once' },
    '/concurrency-strategy',
    /one of default/,
  ],
  ['a description that is no text', { description: 7 }, '/description', /must be a string/],
  ['a description without end', { description: 'x'.repeat(70_000) }, '/description', /at most 65536/],
  [
    'an empty password',
    { 'change-default-cassandra-password': '' },
    '/change-default-cassandra-password',
    /not be empty/,
  ],
  ['an unknown option', { colour: 'red' }, '/colour', /not a parameter of install; install takes job-type/],
  ['the name of something of every object', { toString: 'x' }, '/toString', /not a parameter/],
];

describe('a job that cannot be', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let ids: Ids;
  before(async () => {
    coordinator = await startTestCoordinator();
    ids = await modelCluster(coordinator, 'sound', ['n1']);
  });
  after(() => coordinator.remove());

  const made = async (path: string, body: unknown): Promise<string> =>
    (await coordinator.call('POST', path, body)).body.id;
  const refused = (action: string, body: unknown, refusal: Refusal) =>
    expectRefusal(coordinator, { method: 'POST', path: `actions/${action}`, body }, refusal);

  for (const [title, options, field, says] of OPTIONS) {
    it(`is refused whole: with ${title}`, async () => {
      const body = { 'job-scope': 'cluster', 'resource-id': ids.clusterId, ...options };
      await refused('install', body, invalid([field], says));
    });
  }

  it('is refused with every field at fault at once', async () => {
    await refused(
      'restart',
      { 'resource-id': 'x', 'batch-size': 'many', 'auto-bootstrap': true },
      invalid(['/auto-bootstrap', '/batch-size', '/job-scope', '/resource-id'], /is required/),
    );
  });

  it('is refused with every unknown option, and with what there is beside the first of them', async () => {
    const options = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`x${at}`, at]));
    const { status, body } = await coordinator.call('POST', 'actions/restart', options);
    const unknown = body.errors.filter(({ message }: { message: string }) => /not a parameter/.test(message));
    const hints = unknown.filter(({ message }: { message: string }) => message.includes('restart takes'));
    expect([status, unknown.length, hints.length]).to.deep.equal([400, 1_000, 20]);
  });

  it('is refused for an unknown action', async () => {
    await refused(
      'explode',
      { 'job-scope': 'cluster', 'resource-id': ids.clusterId },
      absent(/no action.*explode/),
    );
    await refused('__proto__', {}, absent(/no action/));
  });

  it('is refused for a resource that is not there, or of another kind', async () => {
    const other = randomUUID();
    for (const [scope, id] of [
      ['cluster', other],
      ['cluster', ids.nodeIds[0]],
      ['datacenter', ids.clusterId],
      ['node', ids.datacenterId],
      ['node', ids.profileId],
    ] as const) {
      await refused(
        'restart',
        { 'job-scope': scope, 'resource-id': id },
        absent(new RegExp(`no ${scope} with id ${id}`)),
      );
    }
  });

  it('is refused where there are no nodes', async () => {
    const clusterId = await made('clusters/', { name: 'empty', 'config-profile-id': ids.profileId });
    const datacenterId = await made('datacenters/', { name: 'dc1', 'cluster-id': clusterId });
    for (const [scope, id] of [
      ['cluster', clusterId],
      ['datacenter', datacenterId],
    ]) {
      await refused(
        'restart',
        { 'job-scope': scope, 'resource-id': id },
        invalid(['/resource-id'], /no nodes/),
      );
    }
  });

  it('is refused without a repository, and without a config profile', async () => {
    const clusterId = await made('clusters/', { name: 'bare' });
    const datacenterId = await made('datacenters/', { name: 'dc1', 'cluster-id': clusterId });
    await made('nodes/', { name: 'n1', 'datacenter-id': datacenterId, 'ssh-management-address': '10.0.0.1' });
    const body = { 'job-scope': 'cluster', 'resource-id': clusterId };
    await refused(
      'install',
      body,
      invalid(['/resource-id', '/resource-id'], /repository.*config profile.*n1/s),
    );
    await refused('restart', body, invalid(['/resource-id'], /config profile.*n1/));
  });

  it('is refused where it is to set a password that no role has there', async () => {
    const body = { 'job-scope': 'cluster', 'resource-id': ids.clusterId };
    const password = { 'change-default-cassandra-password': 'new' };
    const says =
      /authenticator in cassandra-yaml is not set.*profile sound-profile of node n1.*PasswordAuthenticator/;
    await refused(
      'install',
      { ...body, ...password },
      invalid(
        Object.keys(password).map((name) => `/${name}`),
        says,
      ),
    );
    await made('actions/configure', { ...body, ...password }); // which takes it and does nothing with it
    const put = async (given: object): Promise<void> => {
      const at = `/api/v2/lcm/clusters/${ids.clusterId}`;
      expect((await coordinator.call('PUT', at, given)).status).to.equal(200);
    };
    await put({ 'new-password': 'new' });
    await refused('install', body, invalid(['/resource-id'], says));
    const strict = { prefer: 'handling=strict' };
    expect((await coordinator.call('POST', '/api/v2/lcm/actions/install', body, strict)).status).to.equal(
      400,
    );
    await put({ 'new-password': null });
  });

  it('cannot be ended when it is not there, or is over, or not named', async () => {
    await refused('terminate', { 'job-id': randomUUID() }, absent(/no job with id/));
    await refused('terminate', { 'job-id': ids.clusterId }, absent(/no job with id/));
    await refused('terminate', {}, invalid(['/job-id'], /is required/));
    await refused('terminate', { 'job-id': 12 }, invalid(['/job-id'], /must be a UUID/));
    const id = await made('actions/restart', { 'job-scope': 'cluster', 'resource-id': ids.clusterId });
    await coordinator.call('POST', 'actions/terminate', { 'job-id': id });
    await eventually(async () =>
      expect((await coordinator.call('GET', `jobs/${id}`)).body.status).to.equal('TERMINATED'),
    );
    await refused('terminate', { 'job-id': id }, conflict(/is over \(TERMINATED\)/));
  });

  it('is text where the original has no such boolean', async () => {
    const scope = { 'job-scope': 'node', 'resource-id': ids.nodeIds[0] };
    const asText = invalid(['/force', '/dry-run'], /must be true or false without quotes/);
    await refused('restart', { ...scope, force: 'true', 'dry-run': 'false' }, asText);
  });

  it('is none of these: "true" and "false" are booleans of the original, ids may be in upper case, and nulls say nothing', async () => {
    const { status, body } = await coordinator.call('POST', 'actions/install', {
      'job-type': 'install',
      'job-scope': 'node',
      'resource-id': String(ids.nodeIds[0]).toUpperCase(),
      'continue-on-error': 'false',
      'auto-bootstrap': 'true',
      'batch-size': '2',
      'idle-timeout': null,
      description: null,
    });
    expect(status).to.equal(201);
    expect(body['node-id']).to.equal(ids.nodeIds[0]);
    expect(body['job-data']).to.deep.equal({
      'job-type': 'install',
      'continue-on-error': false,
      'auto-bootstrap': true,
      'batch-size': 2,
    });
    const ended = await coordinator.call('POST', 'actions/terminate', { 'job-id': body.id.toUpperCase() });
    expect([ended.status, ended.body]).to.deep.equal([200, 'Termination in progress']);
  });
});
