// An upgrade of a real ring: from one series of Cassandra to the next with its data, an agent killed in the middle, and what is refused.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import cassandra from 'cassandra-driver';
import { expect } from 'chai';
import {
  CASSANDRA_VERSION,
  makeCassandraTarball,
  tarballCacheDirectory,
} from '../../coordinator/cli/quickstart/cassandra-tarball.ts';
import { ApiRefusal } from '../../coordinator/cli/rest-client.ts';
import { ADDRESSES, TestRing } from '../support/ring.ts';
import { refusesSetting } from './refused-setting.ts';

const OLD = '4.1.7';

describe('an upgrade of a real ring', function () {
  this.timeout(300_000);
  const ring = new TestRing({ version: OLD, addresses: ADDRESSES.slice(0, 2) });
  let tarballs: Record<string, string> = {};
  before(async () => {
    const made = async (version: string): Promise<[string, string]> => {
      const options = { version, cacheDirectory: tarballCacheDirectory(), log: () => {} };
      return [version, pathToFileURL((await makeCassandraTarball(options)).path).href];
    };
    tarballs = Object.fromEntries([await made(OLD), await made(CASSANDRA_VERSION)]);
    await ring.start();
    await ring.waitFor(await ring.post('install'), 'COMPLETE');
  });
  after(() => ring.stop());
  afterEach(function () {
    if (this.currentTest?.state === 'failed') console.error(ring.logs());
  });

  const upgrade = async (options: object = {}): Promise<string> => {
    const target = { 'job-scope': 'datacenter', 'resource-id': ring.ring.datacenterId };
    return String((await ring.rest.post('/api/v2/lcm/actions/upgrade', { ...target, ...options }))['id']);
  };
  /** A client of the original gets a job, which then fails. */
  const upgradeAsOriginal = async (): Promise<string> => {
    const answer = await fetch(`${ring.url}/api/v2/lcm/actions/upgrade`, {
      method: 'POST',
      body: JSON.stringify({ 'job-scope': 'datacenter', 'resource-id': ring.ring.datacenterId }),
    });
    expect(answer.status).to.equal(201);
    return String(((await answer.json()) as { id: unknown }).id);
  };
  const want = async (version: string, tarball = tarballs[version]) => {
    const [repository] = await ring.rest.list('repositories/');
    await ring.put(`repositories/${String(repository?.['id'])}`, { 'repo-url': tarball });
    for (const { profileId } of ring.ring.nodes)
      await ring.put(`config_profiles/${profileId}`, { 'datastax-version': version });
  };
  const installed = () =>
    ring.ring.nodes.map(
      ({ directory }) => JSON.parse(readFileSync(join(directory, 'installed.json'), 'utf8')).version,
    );
  /** Asks the database node itself. */
  const ask = async <T>(at: number, work: (client: cassandra.Client) => Promise<T>): Promise<T> => {
    const contactPoints = [ADDRESSES[at] ?? ''];
    const client = new cassandra.Client({
      contactPoints,
      localDataCenter: 'dc1',
      protocolOptions: { port: ring.nativePort },
      policies: {
        loadBalancing: new cassandra.policies.loadBalancing.AllowListPolicy(
          new cassandra.policies.loadBalancing.RoundRobinPolicy(),
          contactPoints.map((address) => `${address}:${ring.nativePort}`),
        ),
      },
    });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.shutdown();
    }
  };
  const versionOf = (at: number): Promise<string> =>
    ask(at, async (client) =>
      String((await client.execute('select release_version from system.local')).first()?.['release_version']),
    );

  it('stops no node of the old version for a setting that this refuses', () => refusesSetting(ring, OLD));

  it('refuses another series and an earlier version before anything is stopped', async () => {
    const pids = ring.pids();
    for (const [version, says] of [
      ['5.1.0', /a later version of 4\.1 or of 5\.0/],
      ['4.1.6', /earlier/],
    ] as const) {
      await want(version, tarballs[OLD]);
      const refused = await upgrade().catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(ApiRefusal);
      expect((refused as ApiRefusal).problems[0]?.message).to.match(says);
      const id = await upgradeAsOriginal();
      await ring.waitFor(id, 'FAILED');
      expect(await ring.nodeStatuses(id)).to.deep.equal({ node2: 'FAILED', node1: 'TERMINATED' });
      const error = (await ring.events(id)).find(({ type }) => type === 'error');
      expect(error?.subtype).to.equal('upgrade-refused');
      expect(error?.message).to.match(says);
    }
    expect(ring.pids()).to.deep.equal(pids);
  });

  it('finds that the repository still names the old tarball while the node serves', async () => {
    const pids = ring.pids();
    await want(CASSANDRA_VERSION, tarballs[OLD]);
    const id = await upgrade();
    await ring.waitFor(id, 'FAILED');
    const error = (await ring.events(id)).find(({ type }) => type === 'error');
    expect(error?.subtype).to.equal('tarball-of-other-version');
    expect(error?.message).to.contain(`holds cassandra ${OLD}`);
    expect(ring.pids()).to.deep.equal(pids);
  });

  it('upgrades node by node, with a snapshot and the data, though an agent is killed in the middle', async () => {
    await ask(0, async (client) => {
      const replication = "{'class': 'NetworkTopologyStrategy', 'dc1': 2}";
      await client.execute(`create keyspace kept with replication = ${replication}`);
      await client.execute('create table kept.kv (k int primary key, v text)');
      await client.execute("insert into kept.kv (k, v) values (1, 'before')");
    });
    await want(CASSANDRA_VERSION);
    const id = await upgrade({ 'upgrade-sstables': true, 'keyspace-levels': 'kept=ONE' }); // of two replicas one is away
    await ring.sawEvent(id, 'node-stopped');
    const first = ring.ring.nodes[1]?.id ?? '';
    ring.agents.get(first)?.child.kill('SIGKILL');
    ring.startAgent(first);
    await ring.waitFor(id, 'COMPLETE');
    const events = await ring.events(id);
    const takes = events.filter(({ message }) => message === `cassandra ${CASSANDRA_VERSION} takes it`);
    expect(takes, 'tried by the new version while the old one serves').to.have.length(2);
    const order = [1, 0].map((at) => ring.ring.nodes[at]?.id);
    // An agent that is killed between a start and its event finds the node running, and tells of no start.
    for (const subtype of ['snapshot-taken', 'node-drained', 'node-stopped', 'upgraded'])
      expect(events.filter((event) => event.subtype === subtype).map(({ nodeId }) => nodeId)).to.deep.equal(
        order,
      );
    expect(events.filter(({ subtype }) => subtype === 'node-started').map(({ nodeId }) => nodeId)).to.include(
      order[1],
    );
    expect(installed()).to.deep.equal([CASSANDRA_VERSION, CASSANDRA_VERSION]);
    for (const at of [0, 1]) expect(await versionOf(at)).to.equal(CASSANDRA_VERSION);
    const row = await ask(1, async (client) =>
      (await client.execute('select v from kept.kv where k = 1')).first(),
    );
    expect(row?.['v']).to.equal('before');
    // As 5.0's own file has it, it goes on writing what 4.1 reads.
    const written = events.filter(
      ({ message }) => message === `All sstables are in the format that ${CASSANDRA_VERSION} writes`,
    );
    expect(written.map(({ nodeId }) => nodeId)).to.deep.equal(order);
    for (const { directory } of ring.ring.nodes) {
      const yaml = readFileSync(
        join(directory, `cassandra-${CASSANDRA_VERSION}/conf/cassandra.yaml`),
        'utf8',
      );
      expect(yaml).to.match(/^# storage_compatibility_mode: CASSANDRA_4$/m);
      expect(existsSync(join(directory, `cassandra-${OLD}/conf/cassandra.yaml`))).to.equal(true);
      const folders = readdirSync(join(directory, 'data/data/kept'), { recursive: true }).map(String);
      expect(folders.filter((name) => /snapshots\/upgrade-[^/]+$/.test(name))).to.have.length(1);
    }
  });

  it('leaves a ring alone that has the version already', async () => {
    const pids = ring.pids();
    const id = await upgrade();
    await ring.waitFor(id, 'COMPLETE');
    expect((await ring.events(id)).filter(({ changes }) => changes)).to.deep.equal([]);
    expect(ring.pids()).to.deep.equal(pids);
  });
});
