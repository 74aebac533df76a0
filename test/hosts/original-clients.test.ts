// What a client of the original does, by the original's calls alone: three bare hosts with an sshd become a ring with the new password that it then looks after.
import { join } from 'node:path';
import { auth, Client } from 'cassandra-driver';
import { expect } from 'chai';
import type { TestCoordinator } from '../support/coordinator.ts';
import { eventually } from '../support/eventually.ts';
import { type Json, ScriptClient } from '../support/script-client.ts';
import { startGuardedCoordinator } from '../support/sign-in.ts';
import { giveDseItsJava } from './bed/dse-java.ts';
import type { TestHost } from './bed/host.ts';
import { addUser } from './bed/ssh-host.ts';
import { type Bed, startHosts } from './bed/start-hosts.ts';
import { dsePackages } from './packages/database-packages.ts';
import { ownPackage } from './packages/own-packages.ts';
import { Repository } from './packages/repository.ts';
import { SigningKey } from './packages/signing-key.ts';

const LOGIN = { name: 'ubuntu', password: 'canary login' };
const NEW_PASSWORD = 'canary cassandra';
const LCM = '/api/v2/lcm';
const YAML = { authenticator: 'PasswordAuthenticator', num_tokens: 8 };
const CASSANDRA_YAML = '/etc/dse/cassandra/cassandra.yaml';
const ENDED = ['COMPLETE', 'FAILED', 'TERMINATED'];

describe('a client of the original, with nothing but addresses and a credential', function () {
  this.timeout(600_000);
  let bed: Bed<'one' | 'two' | 'three'>;
  let key: SigningKey;
  let coordinator: TestCoordinator;
  let repository: Repository;
  let client: ScriptClient;
  let made: { profileId: string; datacenterId: string };
  const hosts = (): TestHost[] => Object.values<TestHost>(bed.hosts);

  before(async () => {
    bed = await startHosts({ one: 'deb', two: 'deb', three: 'deb' });
    for (const host of hosts()) {
      await addUser(host, { ...LOGIN, sudo: 'free' });
      await giveDseItsJava(host);
    }
    key = await SigningKey.make();
    const packages = [
      ...(await dsePackages('5.1.40', '4.1.7', 'deb')),
      ...(await dsePackages('5.1.41', '4.1.7', 'deb')),
    ];
    repository = await Repository.open(bed, 'apt', { flavour: 'deb', key, packages });
    const agentPackages = join(bed.directory, 'agent-packages');
    await ownPackage('agent', { format: 'deb', version: '0.1.0', into: agentPackages });
    coordinator = await startGuardedCoordinator({
      RINGMASTER_GRPC_HOST: bed.address,
      RINGMASTER_AGENT_ADDRESSES: bed.address,
      RINGMASTER_AGENT_PACKAGES: agentPackages,
      RINGMASTER_BOOTSTRAP: 'on',
    });
  });
  after(async () => {
    await coordinator?.remove();
    await bed?.stop();
    await key?.remove();
  });

  /** Waits until it is over, and well. @returns all that it told */
  async function told(id: string): Promise<Json[]> {
    const ended = await eventually(
      async () => {
        const job = await client.get(`${LCM}/jobs/${id}`);
        if (!ENDED.includes(String(job['status']))) throw new Error(JSON.stringify(job['waiting-for']));
        return job;
      },
      { withinMs: 500_000, everyMs: 250 },
    );
    const { results } = await client.get(`${LCM}/jobs/${id}/job_events/?per-page=500`);
    expect(ended['status'], JSON.stringify(results.slice(-10))).to.equal('COMPLETE');
    expect(JSON.stringify(results)).not.to.include('canary');
    return results;
  }
  const done = async (type: 'configure' | 'restart' | 'upgrade'): Promise<Json[]> => {
    const target = { 'job-type': type, 'job-scope': 'datacenter', 'resource-id': made.datacenterId };
    return await told((await client.add(`${LCM}/actions/${type}`, target)).id);
  };
  const of = (events: readonly Json[], subtype: string): Json[] =>
    events.filter((event) => event['event-subtype'] === subtype);
  const onAll = (...argv: [string, ...string[]]): Promise<string[]> =>
    Promise.all(hosts().map(async (host) => (await host.run(argv)).trim()));

  /** A model as deployment scripts make it, and the install of it. @returns the job's id */
  async function deploy(): Promise<string> {
    const [source, credential, profile] = await Promise.all([
      client.add(`${LCM}/repositories/`, {
        name: 'DSE repo',
        'repo-url': repository.url,
        'repo-key-url': `${repository.url}/key.asc`,
        'deb-dist': './',
      }),
      client.add(`${LCM}/machine_credentials/`, {
        name: 'DSE creds',
        'login-user': LOGIN.name,
        'login-password': LOGIN.password,
        'become-mode': 'sudo',
      }),
      client.add(`${LCM}/config_profiles/`, {
        name: 'Default config',
        'datastax-version': '5.1.40',
        json: { 'cassandra-yaml': YAML },
      }),
    ]);
    const cluster = await client.add(`${LCM}/clusters/`, {
      name: 'production',
      'machine-credential-id': credential.id,
      'repository-id': source.id,
      'config-profile-id': profile.id,
      'old-password': 'cassandra',
      'new-password': NEW_PASSWORD,
    });
    const datacenter = await client.add(`${LCM}/datacenters/`, {
      name: 'dc1',
      'cluster-id': cluster.id,
      'graph-enabled': true,
    });
    made = { profileId: profile.id, datacenterId: datacenter.id };
    for (const [at, host] of hosts().entries())
      await client.add(`${LCM}/nodes/`, {
        name: host.name,
        'datacenter-id': datacenter.id,
        rack: `rack${at + 1}`,
        'ssh-management-address': host.address,
      });
    const job = await client.add(`${LCM}/actions/install`, {
      'job-type': 'install',
      'job-scope': 'cluster',
      'resource-id': cluster.id,
      'auto-bootstrap': false, // as they do with a new cluster
    });
    return job.id;
  }

  it('gets a ring that answers CQL with the new password', async () => {
    client = new ScriptClient(coordinator);
    await client.connect();
    await told(await deploy());
    expect(await onAll('systemctl', 'is-active', 'dse')).to.deep.equal(Array(3).fill('active'));
    const flags = '. /etc/default/dse; echo $GRAPH_ENABLED $SOLR_ENABLED';
    expect(await onAll('sh', '-c', flags)).to.deep.equal(Array(3).fill('1 0'));
    for (const line of await onAll('head', '-1', '/etc/dse/dse.yaml'))
      expect(line).to.match(/^# This file is managed by/);

    const contactPoints = hosts().map(({ address }) => address);
    const cql = (password: string): Client =>
      new Client({
        contactPoints,
        localDataCenter: 'dc1',
        authProvider: new auth.PlainTextAuthProvider('cassandra', password),
      });
    const ring = cql(NEW_PASSWORD);
    await ring.connect();
    expect(ring.getState().getConnectedHosts()).to.have.length.above(0);
    const { rows } = await ring.execute('select peer from system.peers_v2');
    expect(rows).to.have.length(2);
    await ring.shutdown();
    // Nodes keep credentials that they have looked up for some seconds.
    await eventually(
      async () => {
        const former = cql('cassandra');
        const isLetIn = await former.connect().then(
          () => true,
          () => false,
        );
        await former.shutdown();
        expect(isLetIn).to.equal(false);
      },
      { withinMs: 20_000, everyMs: 500 },
    );
  });

  it('configures it', async () => {
    const yaml = { ...YAML, concurrent_reads: 17 };
    await client.change(`${LCM}/config_profiles/${made.profileId}`, { json: { 'cassandra-yaml': yaml } });
    expect(of(await done('configure'), 'node-started')).to.have.length(3);
    for (const text of await onAll('cat', CASSANDRA_YAML)) expect(text).to.match(/^concurrent_reads: 17$/m);
  });

  it('restarts it, node by node', async () => {
    const events = await done('restart');
    expect(of(events, 'node-started')).to.have.length(3);
    for (const closed of of(events, 'native-transport').filter(({ changes }) => changes))
      expect(closed['after'], 'as 4.1 counts').to.include({ 'connections-left': 0, 'requests-left': 0 });
  });

  it('upgrades it, all packages of a node at once', async () => {
    await client.change(`${LCM}/config_profiles/${made.profileId}`, { 'datastax-version': '5.1.41' });
    expect(of(await done('upgrade'), 'upgraded')).to.have.length(3);
    const versions = ['dse 5.1.41', 'dse-full 5.1.41', 'dse-libcassandra 5.1.41'].join('\n');
    const query = ['dpkg-query', '-W', '-f', '$' + '{Package} $' + '{Version}\n', 'dse*'] as const;
    expect(await onAll(...query)).to.deep.equal(Array(3).fill(versions));
    expect(await onAll('systemctl', 'is-active', 'dse')).to.deep.equal(Array(3).fill('active'));
    for (const text of await onAll('cat', CASSANDRA_YAML)) expect(text).to.match(/^concurrent_reads: 17$/m);
  });
});
