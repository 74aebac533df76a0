// Profiles as clients of the original write them: what is taken though we do not write it, and what agents and callers are told of it.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { openDatabase } from '../../../coordinator/store/database.ts';
import { readRunInput } from '../../../coordinator/store/run-input.ts';
import { silentLogger } from '../../../shared/log.ts';
import {
  masterBox,
  modelCluster,
  startTestCoordinator,
  type TestCoordinator,
} from '../../support/coordinator.ts';
import { expectRefusal } from '../../support/refusals.ts';

const BASES = ['/api/v1/lcm', '/api/v2/lcm'] as const;
type Fields = Record<string, unknown>;

describe('profiles with more than is written', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  const dse = (version: string, json: Fields): Fields => ({
    name: randomUUID(),
    'datastax-version': version,
    json,
  });
  const taken = async (base: string, body: Fields): Promise<Fields> => {
    const answer = await coordinator.call('POST', `${base}/config_profiles/`, body);
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
    return answer.body;
  };
  before(async () => {
    coordinator = await startTestCoordinator();
  });
  after(() => coordinator.remove());

  for (const base of BASES) {
    it(`take the files that the original wrote and we do not, each value of its type: ${base}`, async () => {
      const json = {
        'spark-env-sh': { 'spark-master-webui-port': 7081, 'lcm-manage--spark-env-sh': true },
        'hive-site-xml': { 'hive-metastore-warehouse-dir': 'dsefs:///warehouse' },
        'address-yaml': { 'stomp-interface': '10.0.0.9' },
        'jvm-options': { 'jmx-port': 7299 },
      };
      for (const version of ['6.7.3', '5.0.7'])
        expect((await taken(base, dse(version, json)))['json']).to.deep.equal(json);
      const wrong = { 'spark-env-sh': { 'spark-worker-port': 'any' }, 'jvm-options': { 'jmx-port': 0 } };
      await expectRefusal(
        coordinator,
        { method: 'POST', path: `${base}/config_profiles/`, body: dse('6.7.3', wrong) },
        {
          status: 400,
          type: 'InvalidInput',
          fields: ['/json/spark-env-sh/spark-worker-port', '/json/jvm-options/jmx-port'],
          says: /whole number.*from 1 to 65535/s,
        },
      );
    });

    it(`refuse what only jobs would tell to those who prefer that: ${base}`, async () => {
      const json = {
        'cassandra-env-sh': { num_tokens: 8 },
        'dse-env-sh': { authentication_options: { enabled: true } },
        'spark-env-sh': { 'spark-worker-cores': 2 }, // as up to 5.1
        'install-options': { 'install-type': 'package' },
      };
      const { id } = await taken(base, dse('6.7.3', json));
      const strict = { prefer: 'handling=strict' };
      for (const [method, path] of [
        ['POST', `${base}/config_profiles/`],
        ['POST', `${base}/config_profiles/${id}/clone`],
        ['PUT', `${base}/config_profiles/${id}`],
      ] as const) {
        const answer = await coordinator.call(method, path, dse('6.7.3', json), strict);
        expect([answer.status, answer.body.type], path).to.deep.equal([400, 'InvalidConfigKeys']);
        expect(answer.body.errors, path).to.deep.equal([
          {
            pointer: '/json/cassandra-env-sh/num_tokens',
            message: 'is no setting of cassandra-env-sh in DSE 6.7.3, but of cassandra-yaml',
          },
          {
            pointer: '/json/dse-env-sh/authentication_options',
            message: 'is no setting of dse-env-sh in DSE 6.7.3, but of dse-yaml',
          },
          {
            pointer: '/json/spark-env-sh/spark-worker-cores',
            message: 'is no setting of spark-env-sh in DSE 6.7.3; did you mean spark-worker-opts?',
          },
        ]);
      }
    });

    it(`refuse a setting that no file has, and in YAML one of another file: ${base}`, async () => {
      const json = {
        'dse-env-sh': { no_such_setting: 1 },
        'cassandra-yaml': { authentication_options: { enabled: true } },
      };
      const answer = await coordinator.call('POST', `${base}/config_profiles/`, dse('6.7.3', json));
      expect(answer.body.message).to.equal(
        'Invalid config keys for DSE version 6.7.3: cassandra-yaml.authentication_options, dse-env-sh.no_such_setting',
      );
    });
  }

  /** What the first node of a job would be given under that profile. */
  const inputUnder = async (profile: Fields): ReturnType<typeof readRunInput> => {
    const { profileId, clusterId } = await modelCluster(coordinator, randomUUID(), ['n1']);
    expect((await coordinator.call('PUT', `config_profiles/${profileId}`, profile)).status).to.equal(200);
    const body = { 'job-scope': 'cluster', 'resource-id': clusterId };
    const job = (await coordinator.call('POST', 'actions/install', body)).body.id;
    const jobNode = (await coordinator.call('GET', `jobs/${job}/job_nodes/`)).body.results[0].id;
    const { db } = openDatabase({ url: coordinator.databaseUrl }, silentLogger);
    try {
      return await readRunInput(db, jobNode, masterBox());
    } finally {
      await db.destroy();
    }
  };

  it('go to agents without the list of what is custom', async () => {
    const settings = { our_own_thing: 1, num_tokens: 4 };
    const json = { 'cassandra-yaml': { ...settings, 'lcm-custom--cassandra-yaml': ['our_own_thing'] } };
    expect((await inputUnder({ json })).input.profile).to.deep.equal({ 'cassandra-yaml': settings });
  });

  it('go to agents without what is not written, but with its names', async () => {
    const json = {
      'dse-yaml': {},
      'spark-env-sh': { 'spark-worker-cores': 2 },
      'jvm-options': { 'jmx-port': 7299 },
    };
    const { input } = await inputUnder({ product: 'dse', 'datastax-version': '6.7.3', json });
    expect(input.profile).to.deep.equal({
      'dse-yaml': {},
      'jvm-options': {},
      'cassandra-env-sh': { 'jmx-port': 7299 },
    });
    expect([input.unwritten, input.ports.jmx]).to.deep.equal([
      { 'spark-env-sh': ['spark-worker-cores'] },
      7299,
    ]);
  });

  it('send agents no secret of what is not written', async () => {
    const unwritten = { 'package-proxy': { password: 'canary-proxy' } };
    const proxied = await inputUnder({ json: unwritten });
    expect([proxied.input.recipe, proxied.secrets]).to.deep.equal(['install', {}]);
    const stores = { keystore_password: 'canary-keystore', truststore_password: 'canary-truststore' };
    const json = { ...unwritten, 'cassandra-yaml': { client_encryption_options: stores } };
    const both = await inputUnder({ json });
    const at = '/cassandra-yaml/client_encryption_options';
    expect([both.input.recipe, both.secrets]).to.deep.equal([
      'install-with-secrets',
      { [`${at}/keystore_password`]: 'canary-keystore', [`${at}/truststore_password`]: 'canary-truststore' },
    ]);
  });

  it('have a job install packages from the repository of the cluster', async () => {
    const json = { 'install-options': { 'install-type': 'package', 'install-directory': '/srv/ignored' } };
    const { input } = await inputUnder({ product: 'dse', 'datastax-version': '6.7.3', json });
    expect(input.install).to.deep.equal({ type: 'package', directory: '/usr/share/dse' });
    expect(input.repository).to.equal(null);
    expect(input.packageRepository).to.include({ manual: false, keyUrl: null, dist: 'stable' });
    expect(input.packageRepository?.components).to.deep.equal(['main']);
  });
});
