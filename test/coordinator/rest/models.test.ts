// The resources of the model: the fields of the API, what real clients send, partial changes, inheritance, deletion.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';

const read = <T>(path: string): T => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as T;
const additions = read<Record<string, { detail?: string[] }>>('./additions.json');
const { every, ...FIELDS } = read<
  { every: string[] } & Record<string, { type: string; both: string[]; v1?: string[]; v2?: string[] }>
>('./lcm-api/fields.json');
const BODIES = read<{ of: string; path: string; body: { name: string } }[]>('./lcm-api/bodies.json');

describe('the model over REST', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let ids: Awaited<ReturnType<typeof modelCluster>>;
  const paths: Record<string, string> = {};
  const get = async (path: string) => (await coordinator.call('GET', path)).body;
  const put = async (path: string, body: unknown) => {
    const answer = await coordinator.call('PUT', path, body);
    expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
    return answer.body;
  };
  const made = async (path: string, body: unknown): Promise<string> => {
    const answer = await coordinator.call('POST', path, body);
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
    return answer.body.id;
  };

  before(async () => {
    coordinator = await startTestCoordinator();
    ids = await modelCluster(coordinator, 'c1', ['n1', 'n2']);
    const credential = { name: 'credential', 'login-user': 'root', 'login-password': 'canary' };
    paths['machine_credentials'] = `machine_credentials/${await made('machine_credentials/', credential)}`;
    paths['repositories'] = `repositories/${ids.repositoryId}`;
    paths['config_profiles'] = `config_profiles/${ids.profileId}`;
    paths['clusters'] = `clusters/${ids.clusterId}`;
    paths['datacenters'] = `datacenters/${ids.datacenterId}`;
    paths['nodes'] = `nodes/${ids.nodeIds[0]}`;
  });
  after(() => coordinator.remove());

  for (const version of ['v1', 'v2'] as const) {
    for (const [path, { type, both, ...versions }] of Object.entries(FIELDS)) {
      it(`shows ${path} with the fields that ${version} has for them, and ours`, async () => {
        const record = await get(`/api/${version}/lcm/${paths[path]}`);
        const ours = additions[type]?.detail ?? [];
        expect(record).to.have.all.keys([...every, ...both, ...(versions[version] ?? []), ...ours]);
        expect(record.type).to.equal(type);
        expect(record.href).to.equal(`${coordinator.restUrl}/api/${version}/lcm/${paths[path]}`);
        expect(
          (await get(`/api/${version}/lcm/${path}/`)).results.map((one: { id: string }) => one.id),
        ).to.include(record.id);
      });
    }
    for (const { of, path, body } of BODIES) {
      it(`takes on ${version} what is sent by ${of}`, async () => {
        const named = { ...body, name: `${body.name} ${version}` };
        const { status, body: record } = await coordinator.call('POST', `/api/${version}/lcm/${path}`, named);
        expect([status, record.name]).to.deep.equal([201, named.name]);
        if (path === 'clusters/') expect(record.datacenter).to.deep.equal(version === 'v2' ? [] : undefined);
      });
    }
  }

  it('takes back what it gave, on both versions, and nothing is different then', async () => {
    for (const version of ['v1', 'v2']) {
      for (const path of Object.values(paths)) {
        const at = `/api/${version}/lcm/${path}`;
        const before = await get(at);
        expect(await put(at, before)).to.deep.equal(before);
      }
    }
    const before = await get(paths['datacenters'] ?? '');
    expect(
      await put(paths['datacenters'] ?? '', { 'cluster-id': ids.clusterId.toUpperCase() }),
    ).to.deep.equal(before);
  });

  it('changes only what is given, and null means what absence means', async () => {
    const at = paths['nodes'] ?? '';
    const changed = await put(at, { rack: 'r2', comment: 'here', seed: 'true', 'listen-address': 'host-1' });
    expect(changed).to.include({
      rack: 'r2',
      comment: 'here',
      seed: true,
      'listen-address': 'host-1',
      name: 'n1',
    });
    const cleared = await put(at, { rack: null, comment: null, 'listen-address': '', name: null });
    expect(cleared).to.include({
      rack: 'rack1',
      comment: null,
      seed: true,
      'listen-address': null,
      name: 'n1',
    });
    expect(Date.parse(cleared['modified-on'])).to.be.above(Date.parse(cleared['created-on']));
    expect((await put(at, {}))['modified-on']).to.equal(cleared['modified-on']);
  });

  it('ignores what is read-only: jobs tell it, not clients', async () => {
    const told = { facts: { os: 'x' }, 'converged-on': '2016-06-21T17:21:30.357Z', 'job-status': 'COMPLETE' };
    expect(await put(paths['nodes'] ?? '', told)).to.include({
      facts: null,
      'converged-on': null,
      'job-status': null,
    });
    const cluster = await put(paths['clusters'] ?? '', {
      'opsc-cluster-id': 'x',
      'has-default-password': false,
    });
    expect(cluster).to.include({ 'opsc-cluster-id': null, 'has-default-password': true });
  });

  it('renames what may be renamed, an unconverged datacenter and its rack included', async () => {
    expect((await put(paths['repositories'] ?? '', { name: 'new name' })).name).to.equal('new name');
    expect((await put(paths['datacenters'] ?? '', { name: 'dc2' })).name).to.equal('dc2');
    expect((await put(paths['nodes'] ?? '', { name: 'n1.example.org', rack: 'r1' })).name).to.equal(
      'n1.example.org',
    );
  });

  it('gives a node its address for a name unless it has one', async () => {
    const node = { 'datacenter-id': ids.datacenterId.toUpperCase(), 'ssh-management-address': '10.0.3.132' };
    expect(await get(`nodes/${await made('nodes/', node)}`)).to.include({ name: '10.0.3.132' });
  });

  it('names addresses as each version does, and changes a node by POST too', async () => {
    const id = ids.nodeIds[1];
    await put(`/api/v2/lcm/nodes/${id}`, { 'rpc-address': '10.0.0.1', 'native-transport-address': null });
    const changed = await coordinator.call('POST', `/api/v1/lcm/nodes/${id}`, {
      'broadcast-rpc-address': '10.0.0.2',
    });
    expect(changed.body).to.include({ 'rpc-address': '10.0.0.1', 'broadcast-rpc-address': '10.0.0.2' });
    expect(await get(`/api/v2/lcm/nodes/${id}`)).to.include({
      'native-transport-address': '10.0.0.1',
      'native-transport-broadcast-address': '10.0.0.2',
    });
  });

  it('keeps secrets to itself, and keeps them when others are changed', async () => {
    const at = paths['machine_credentials'] ?? '';
    const changed = await put(at, { comment: 'x', 'become-mode': 'sudo' });
    expect(changed).to.include({ 'login-name': 'root', 'become-mode': 'sudo' });
    const { 'secrets-set': set, ...rest } = changed;
    expect(set).to.deep.equal(['login-password']);
    expect(JSON.stringify(rest)).to.not.match(/canary|password/);
    // Written back as it was read it changes nothing; a null takes a secret away.
    expect((await put(at, changed))['secrets-set']).to.deep.equal(set);
    expect((await put(at, { 'login-password': null }))['secrets-set']).to.deep.equal([]);
  });

  it('inherits profile, credential and port from the nearest: node, datacenter, cluster', async () => {
    const [node, dc, cluster] = [paths['nodes'] ?? '', paths['datacenters'] ?? '', paths['clusters'] ?? ''];
    const other = await made('config_profiles/', {
      name: 'other',
      'datastax-version': '5.0.8',
      product: 'cassandra',
    });
    const credential = (paths['machine_credentials'] ?? '').split('/')[1];
    const effective = async () => {
      const { effective: found } = await get(node);
      return [found['config-profile-id'], found['machine-credential-id'], found['ssh-management-port']];
    };
    expect(await effective()).to.deep.equal([ids.profileId, null, 22]);
    await put(dc, { 'config-profile-id': other, 'ssh-management-port': 2222 });
    await put(cluster, { 'machine-credential-id': credential });
    expect(await effective()).to.deep.equal([other, credential, 2222]);
    await put(node, { 'config-profile-id': ids.profileId, 'ssh-management-port': 2200 });
    expect(await effective()).to.deep.equal([ids.profileId, credential, 2200]);
    await put(node, { 'config-profile-id': null, 'ssh-management-port': null });
    expect(await effective()).to.deep.equal([other, credential, 2222]);
    const below = await get(`config_profiles/${other}/datacenters/`);
    expect(below.results.map(({ id }: { id: string }) => id)).to.deep.equal([ids.datacenterId]);
  });

  it('refuses to delete what an open job uses; deletes a cluster with all below it once the job is over', async () => {
    const doomed = await modelCluster(coordinator, 'doomed', ['n1']);
    const job = await made('actions/restart', { 'job-scope': 'cluster', 'resource-id': doomed.clusterId });
    for (const path of [
      `clusters/${doomed.clusterId}`,
      `datacenters/${doomed.datacenterId}`,
      `nodes/${doomed.nodeIds[0]}`,
      `config_profiles/${doomed.profileId}`,
      `repositories/${doomed.repositoryId}`,
    ]) {
      const { status, body } = await coordinator.call('DELETE', path);
      expect([status, body.code, body.type], path).to.deep.equal([409, 409, 'Conflict']);
    }
    await coordinator.call('POST', 'actions/terminate', { 'job-id': job });
    const deleted = await eventually(async () => {
      const answer = await coordinator.call('DELETE', `clusters/${doomed.clusterId}`);
      expect(answer.status).to.equal(200);
      return answer.body;
    });
    expect(deleted).to.deep.equal({ id: doomed.clusterId, type: 'cluster', deleted: true });
    for (const path of [
      `clusters/${doomed.clusterId}`,
      `datacenters/${doomed.datacenterId}`,
      `nodes/${doomed.nodeIds[0]}`,
    ])
      expect((await coordinator.call('GET', path)).status, path).to.equal(404);
    expect((await get(`jobs/${job}`))['cluster-name']).to.equal('doomed');
    expect((await get(`clusters/${doomed.clusterId}/jobs/`)).count).to.equal(1);
  });
});
