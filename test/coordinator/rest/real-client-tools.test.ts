// Sequences of smaller tools for the LCM API: deployments from a configuration file, profiles brought to a version, cleaning up.
import { expect } from 'chai';
import { startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { type Json, ScriptClient } from '../../support/script-client.ts';
import { startGuardedCoordinator } from '../../support/sign-in.ts';

const V1 = '/api/v1/lcm';
const V2 = '/api/v2/lcm';

/** Looks for a name in a list before it makes anything, as scripts do that may run again. */
async function findOrAdd(client: ScriptClient, path: string, body: Json | object): Promise<string> {
  const wanted = body as { name: string };
  const found = (await client.get(path)).results.find(({ name }) => name === wanted.name);
  return found?.id ?? (await client.add(path, body)).id;
}

/** Everything from one file, whose settings of cassandra.yaml go into the shell files too. */
async function deployFromFile(client: ScriptClient): Promise<string> {
  const yaml = { num_tokens: 16, server_encryption_options: { internode_encryption: 'dc' } };
  const repository = await findOrAdd(client, `${V2}/repositories/`, {
    name: 'packages',
    username: 'buyer',
    password: 'canary-repository',
    comment: 'made by a script',
  });
  const credential = await findOrAdd(client, `${V2}/machine_credentials/`, {
    name: 'operator',
    'login-user': 'operator',
    'login-password': 'canary-login',
    'become-mode': 'sudo',
    'use-ssh-keys': false,
  });
  await findOrAdd(client, `${V2}/config_profiles/`, {
    name: 'everywhere',
    'datastax-version': '6.8.36',
    json: { 'cassandra-env-sh': yaml, 'cassandra-yaml': yaml, 'dse-env-sh': yaml },
    comment: 'made by a script',
  });
  const profiles = (await client.get(`${V2}/config_profiles/`)).results;
  const profile = profiles.find(({ name }) => name === 'everywhere');
  expect((await client.get(`${V2}/config_profiles/${profile?.id}`))['json']).to.deep.equal({
    'cassandra-env-sh': yaml,
    'cassandra-yaml': yaml,
    'dse-env-sh': yaml,
  });
  const cluster = await findOrAdd(client, `${V2}/clusters/`, {
    name: 'Ring of one file',
    'repository-id': repository,
    'machine-credential-id': credential,
    'config-profile-id': profile?.id,
    'old-password': 'cassandra',
    'new-password': 'canary-cluster',
  });
  const workloads = { 'solr-enabled': false, 'spark-enabled': true, 'graph-enabled': false };
  const datacenter = await findOrAdd(client, `${V2}/datacenters/`, {
    name: 'DC-A',
    'cluster-id': cluster,
    'config-profile-id': profile?.id,
    ...workloads,
  });
  const [shown] = (await client.get(`${V2}/datacenters/`)).results;
  expect(shown).to.include({ id: datacenter, 'cluster-id': cluster, ...workloads });
  for (const number of [1, 2])
    await findOrAdd(client, `${V2}/nodes/`, {
      name: `node${number}`,
      'datacenter-id': datacenter,
      'config-profile-id': profile?.id,
      rack: `rack${number}`,
      'listen-address': `10.0.0.${number}`,
      'native-transport-address': '0.0.0.0',
      'broadcast-address': `203.0.113.${number}`,
      'native-transport-broadcast-address': `203.0.113.${number}`,
      'ssh-management-address': `203.0.113.${number}`,
    });
  return cluster;
}

describe('tools written for the original', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  const startWith = async (auth: 'on' | 'off'): Promise<ScriptClient> => {
    coordinator = await (auth === 'on' ? startGuardedCoordinator() : startTestCoordinator());
    return new ScriptClient(coordinator);
  };
  afterEach(() => coordinator.remove());

  for (const auth of ['off', 'on'] as const) {
    it(`deploy from a file, twice, and watch the job, with auth ${auth}`, async () => {
      const client = await startWith(auth);
      await client.connectByHeader(auth);
      const cluster = await deployFromFile(client);
      expect(await deployFromFile(client)).to.equal(cluster);
      expect((await client.get(`${V2}/nodes/`))['count']).to.equal(2);
      // A word for a boolean, and the one strategy that these scripts know.
      const job = await client.add(`${V2}/actions/install`, {
        'job-type': 'install',
        'job-scope': 'cluster',
        'resource-id': cluster,
        'concurrency-strategy': 'cluster-at-a-time',
        'continue-on-error': 'false',
      });
      // Its hosts have no agent, and the scripts give what it takes to bring one there.
      expect((await client.get(`${V2}/jobs/${job.id}`))['status']).to.be.oneOf(['PENDING', 'RUNNING']);
    });

    it(`go through the monitored clusters, of which there are none, with auth ${auth}`, async () => {
      const client = await startWith(auth);
      await client.connect();
      await findOrAdd(client, `${V2}/clusters/`, { name: 'not monitored' });
      expect(await client.get('/cluster-configs')).to.deep.equal({});
    });
  }

  it('hand over profiles with settings of Spark that nothing is written from, on v1', async () => {
    const client = await startWith('off');
    const json = {
      'cassandra-yaml': { num_tokens: 64, authenticator: 'AllowAllAuthenticator' },
      'dse-yaml': { initial_spark_worker_resources: 0.6 },
      'spark-env-sh': { 'spark-master-webui-port': 7082 },
    };
    for (const version of ['5.0.5', '5.1.11']) {
      const { id } = await client.add(`${V1}/config_profiles/`, {
        name: version,
        'datastax-version': version,
        json,
      });
      expect((await client.get(`${V1}/config_profiles/${id}`))['json'], version).to.deep.equal(json);
    }
  });

  it('bring a profile to another version: read, taken to pieces, and made again under another name', async () => {
    const client = await startWith('off');
    const json = { 'cassandra-yaml': { num_tokens: 32 }, 'spark-env-sh': { 'spark-worker-cores': 3 } };
    await client.add(`${V1}/config_profiles/`, { name: 'old', 'datastax-version': '5.1.2', json });
    const versions = (await client.get(`${V1}/definitions/`))['dse'] as { version: string }[];
    expect(versions.map(({ version }) => version)).to.include('6.0.2');
    const [listed] = (await client.get(`${V1}/config_profiles/`)).results;
    const whole = await client.get(`${V1}/config_profiles/${listed?.id}`);
    const { id, href, 'related-resources': _, 'created-on': __, 'created-by': ___, ...rest } = whole;
    const { 'modified-on': ____, 'modified-by': _____, ...kept } = rest;
    const made = await client.add(`${V1}/config_profiles/`, {
      ...kept,
      name: 'new',
      'datastax-version': '6.0.2',
    });
    expect(made).to.deep.include({ name: 'new', 'datastax-version': '6.0.2', json });
    expect([made.id, made['href']]).to.not.have.members([id, href]);
  });

  it("use the first version's words for addresses on v2 with a profile and repository of their own", async () => {
    const client = await startWith('off');
    await client.connectByHeader('off');
    const repository = await client.add(`${V2}/repositories/`, {
      name: 'nightly',
      'repo-url': 'http://packages.example.com/deb/nightly',
      'repo-key-url': 'http://packages.example.com/deb/key',
    });
    const profile = await client.add(`${V2}/config_profiles/`, {
      name: 'nightly',
      'datastax-version': '6.0.0',
      json: {
        'cassandra-yaml': { endpoint_snitch: 'org.apache.cassandra.locator.GossipingPropertyFileSnitch' },
        'logback-xml': { loggers: [{ name: 'org.apache.cassandra.gms', level: 'WARN' }] },
        'dse-yaml': { back_pressure_threshold_per_core: 400 },
      },
      comment: 'nightly',
    });
    const cluster = await client.add(`${V2}/clusters/`, {
      name: 'nightly',
      'repository-id': repository.id,
      'config-profile-id': profile.id,
    });
    const datacenter = await client.add(`${V2}/datacenters/`, {
      name: 'east',
      'cluster-id': cluster.id,
      'config-profile-id': profile.id,
    });
    const node = await client.add(`${V2}/nodes/`, {
      name: 'node0_203.0.113.7',
      'listen-address': '10.0.0.7',
      'rpc-address': '0.0.0.0',
      'broadcast-address': '203.0.113.7',
      'broadcast-rpc-address': '203.0.113.7',
      'ssh-management-address': '203.0.113.7',
      'datacenter-id': datacenter.id,
      rack: 'rack1',
    });
    expect(await client.get(`${V2}/nodes/${node.id}`)).to.include({
      'native-transport-address': '0.0.0.0',
      'native-transport-broadcast-address': '203.0.113.7',
    });
  });

  it('delete all that there is by its links, list after list', async () => {
    const client = await startWith('off');
    await client.connectByHeader('off');
    await deployFromFile(client);
    const lists = [
      'nodes',
      'datacenters',
      'clusters',
      'machine_credentials',
      'config_profiles',
      'repositories',
    ];
    for (const list of lists) {
      const { results } = await client.get(`${V1}/${list}/`);
      expect(results, list).to.not.deep.equal([]);
      for (const { href } of results)
        expect((await client.send('DELETE', String(href))).status, list).to.equal(200);
    }
    for (const list of lists) expect((await client.get(`${V1}/${list}/`))['count'], list).to.equal(0);
  });
});
