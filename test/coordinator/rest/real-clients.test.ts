// Whole sequences as real clients of the LCM API send them: deployment scripts of both versions, and a library with its tests.
import { expect } from 'chai';
import { startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { type Json, ScriptClient } from '../../support/script-client.ts';
import { startGuardedCoordinator } from '../../support/sign-in.ts';

const PROFILE = {
  authenticator: 'com.datastax.bdp.cassandra.auth.DseAuthenticator',
  num_tokens: 8,
  allocate_tokens_for_local_replication_factor: 3,
  endpoint_snitch: 'org.apache.cassandra.locator.GossipingPropertyFileSnitch',
  compaction_throughput_mb_per_sec: 64,
  data_file_directories: ['/data/cassandra/data'],
};

/** What sets a cluster up, adds each node from the node itself, and asks for the install. */
async function deployByScripts(client: ScriptClient, version: 'v1' | 'v2'): Promise<void> {
  const at = `/api/${version}/lcm`;
  await client.connect();
  for (const list of ['machine_credentials', 'repositories', 'config_profiles', 'clusters'])
    expect((await client.get(`${at}/${list}/`))['count']).to.equal(0);
  const repository = await client.add(`${at}/repositories/`, {
    name: 'DSE repo',
    username: 'buyer',
    password: 'canary-repository',
  });
  const credential = await client.add(`${at}/machine_credentials/`, {
    'become-mode': 'sudo',
    'use-ssh-keys': true,
    name: 'DSE creds',
    'login-user': 'ubuntu',
    'ssh-private-key': '-----BEGIN OPENSSH PRIVATE KEY-----\ncanary\n-----END OPENSSH PRIVATE KEY-----\n',
    'become-user': null,
  });
  const profile = await client.add(`${at}/config_profiles/`, {
    name: 'Default config',
    'datastax-version': version === 'v2' ? '6.7.3' : '5.1.5',
    json: {
      'cassandra-yaml':
        version === 'v2' ? PROFILE : { num_tokens: 32, endpoint_snitch: 'GossipingPropertyFileSnitch' },
      'dse-yaml': { authorization_options: { enabled: true }, authentication_options: { enabled: true } },
      'java-setup': { 'manage-java': true },
    },
  });
  await client.add(`${at}/clusters/`, {
    name: 'production',
    'machine-credential-id': credential.id,
    'repository-id': repository.id,
    'config-profile-id': profile.id,
    ...(version === 'v2' ? { 'old-password': 'cassandra', 'new-password': 'canary-cluster' } : {}),
  });
  for (const number of [1, 2, 3]) {
    const cluster = (await client.get(`${at}/clusters/`)).results.find(({ name }) => name === 'production');
    const datacenters = (await client.get(`${at}/datacenters/`)).results;
    let datacenter = datacenters.find(({ name }) => name === 'dc1');
    const wanted = {
      name: 'dc1',
      'cluster-id': cluster?.id,
      'graph-enabled': true,
      'solr-enabled': true,
      'spark-enabled': true,
    };
    if (datacenter === undefined) datacenter = await client.add(`${at}/datacenters/`, wanted);
    // Two nodes that come up together both find no datacenter: the second one takes that of the first.
    else expect((await client.refused(`${at}/datacenters/`, wanted))['code']).to.equal(409);
    await client.add(`${at}/nodes/`, {
      name: `node-${number}`,
      'datacenter-id': datacenter.id,
      rack: 'rack1',
      'ssh-management-address': `203.0.113.${number}`,
      'listen-address': `10.0.0.${number}`,
      'broadcast-address': `203.0.113.${number}`,
      ...(version === 'v2'
        ? {
            'native-transport-address': '0.0.0.0',
            'native-transport-broadcast-address': `203.0.113.${number}`,
          }
        : { 'rpc-address': '0.0.0.0', 'broadcast-rpc-address': `203.0.113.${number}` }),
    });
    expect((await client.get(`${at}/datacenters/${datacenter.id}/nodes/`))['count']).to.equal(number);
  }
  const cluster = (await client.get(`${at}/clusters/`)).results.find(({ name }) => name === 'production');
  const job = await client.add(`${at}/actions/install`, {
    'job-type': 'install',
    'job-scope': 'cluster',
    'resource-id': cluster?.id,
    'auto-bootstrap': false,
    'continue-on-error': true,
    ...(version === 'v1' ? { 'change-default-cassandra-password': 'canary-job' } : {}),
  });
  const jobs = await client.get(`${at}/jobs/`);
  expect(jobs['count']).to.equal(1);
  // No agent is there yet, so that the job waits; a script that waits for jobs knows this word.
  expect(jobs.results.map(({ id }) => id)).to.deep.equal([job.id]);
  // Where the host has no agent and a credential is there, one is being brought already.
  expect(jobs.results[0]?.['status']).to.be.oneOf(['PENDING', 'RUNNING']);
}

/** A cluster with nothing but names: the library takes no other answer than 201, and reads the datacenters off the cluster. */
async function deployByLibrary(client: ScriptClient): Promise<void> {
  const at = '/api/v2/lcm';
  await client.connect();
  const cluster = await client.add(`${at}/clusters/`, { name: 'cluster-b' });
  expect(cluster['datacenter']).to.deep.equal([]);
  const datacenter = await client.add(`${at}/datacenters/`, {
    name: 'datacenter-cluster-b',
    'cluster-id': cluster.id,
  });
  const shown = (await client.get(`${at}/clusters/`)).results.map((one) => one['datacenter'] as Json[]);
  expect(shown.map(([only]) => only?.id)).to.deep.equal([datacenter.id]);
  await client.add(`${at}/nodes/`, {
    name: 'datanode-01b',
    'datacenter-id': datacenter.id,
    'ssh-management-address': '203.0.113.12',
    seed: true,
    rack: 'rack-01',
  });
  const { id } = await client.add(`${at}/actions/install`, {
    'job-type': 'install',
    'job-scope': 'cluster',
    'resource-id': cluster.id,
    'auto-bootstrap': false,
    'continue-on-error': false,
    'concurrency-strategy': 'default',
  });
  await eventually(async () => expect((await client.get(`${at}/jobs/${id}`))['status']).to.equal('FAILED'));
  const events = (await client.get(`${at}/jobs/${id}/job_events/`)).results;
  expect(
    events.filter((event) => event['event-type'] === 'error').map(({ message }) => message),
  ).to.deep.equal(['Node datanode-01b has no config profile']);
}

describe('clients written for the original', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  afterEach(() => coordinator.remove());

  for (const [auth, start] of [
    ['off', () => startTestCoordinator()],
    ['on', () => startGuardedCoordinator()],
  ] as const) {
    for (const version of ['v1', 'v2'] as const) {
      it(`deploy a cluster by scripts that speak ${version}, with auth ${auth}`, async () => {
        coordinator = await start();
        await deployByScripts(new ScriptClient(coordinator), version);
      });
    }

    it(`make a bare cluster and its job by a library, with auth ${auth}`, async () => {
      coordinator = await start();
      await deployByLibrary(new ScriptClient(coordinator));
    });
  }

  it('of v2 are told at once what a model lacks, and no job is made, when they prefer that', async () => {
    coordinator = await startTestCoordinator();
    const client = new ScriptClient(coordinator);
    const { id: cluster } = await client.add('/api/v2/lcm/clusters/', { name: 'bare' });
    const dc = await client.add('/api/v2/lcm/datacenters/', { name: 'dc1', 'cluster-id': cluster });
    await client.add('/api/v2/lcm/nodes/', {
      name: 'n1',
      'datacenter-id': dc.id,
      'ssh-management-address': '10.0.0.1',
    });
    const answer = await fetch(`${coordinator.restUrl}/api/v2/lcm/actions/install`, {
      method: 'POST',
      headers: { prefer: 'respond-async, handling=strict' },
      body: JSON.stringify({ 'job-scope': 'cluster', 'resource-id': cluster }),
    });
    expect(answer.status).to.equal(400);
    expect(await answer.text()).to.match(/repository.*config profile.*n1/s);
    expect((await client.get('/api/v2/lcm/jobs/'))['count']).to.equal(0);
  });
});
