// What a profile may say: shown for each version, and what it may not say refused in the original's words.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { expectRefusal } from '../../support/refusals.ts';

const BASES = ['/api/v1/lcm', '/api/v2/lcm'] as const;
type Fields = Record<string, unknown>;

/** Title, profile, message, and what is said of each field. */
const REFUSALS: readonly [string, Fields, string, Record<string, RegExp>][] = [
  [
    'files and settings that DSE has not, told in order',
    {
      'datastax-version': '6.8.36',
      json: { 'spark-yaml': {}, 'cassandra-yaml': { num_tokns: 8, num_tokens: 8 }, 'jvm-options': {} },
    },
    'Invalid config keys for DSE version 6.8.36: cassandra-yaml.num_tokns, jvm-options, spark-yaml',
    {
      '/json/spark-yaml': /^is no configuration file of dse 6\.8\.36; known: cassandra-yaml, dse-yaml, /,
      '/json/cassandra-yaml/num_tokns':
        /^is no setting of cassandra-yaml in DSE 6\.8\.36; did you mean num_tokens\?$/,
      '/json/jvm-options': /known: .*jvm-server-options/,
    },
  ],
  [
    'settings that Cassandra has not, at any depth, beside a value that is wrong',
    {
      product: 'cassandra',
      'datastax-version': '5.0.8',
      json: {
        'cassandra-yaml': { rpc_port: 9160, memtable: { configuration: {} }, num_tokens: 'many' },
        'jvm17-server-options': { max_heap: '8G' },
      },
    },
    'Invalid config keys for Cassandra version 5.0.8: cassandra-yaml.memtable.configuration, cassandra-yaml.rpc_port, jvm17-server-options.max_heap',
    {
      '/json/cassandra-yaml/rpc_port': /in Cassandra 5\.0\.8/,
      '/json/cassandra-yaml/memtable/configuration': /did you mean configurations\?/,
      '/json/cassandra-yaml/num_tokens': /^must be a whole number$/,
      '/json/jvm17-server-options/max_heap': /^is no setting of jvm17-server-options in Cassandra 5\.0\.8/,
    },
  ],
  [
    'settings of another patch version, and says of which',
    {
      'datastax-version': '6.0.7',
      json: { 'cassandra-yaml': { leaks_detection_params: {}, index_summary_capacity_in_mb: 1, zzz_zzz: 1 } },
    },
    'Invalid config keys for DSE version 6.0.7: cassandra-yaml.index_summary_capacity_in_mb, cassandra-yaml.leaks_detection_params, cassandra-yaml.zzz_zzz',
    {
      '/json/cassandra-yaml/leaks_detection_params': /: it came with 6\.0\.8$/,
      '/json/cassandra-yaml/index_summary_capacity_in_mb': /: it went with 6\.0\.3$/,
      '/json/cassandra-yaml/zzz_zzz': /; if it is, name it in lcm-custom--cassandra-yaml$/,
    },
  ],
  [
    'values of another type',
    {
      product: 'cassandra',
      'datastax-version': '4.1.3',
      json: {
        'cassandra-yaml': { incremental_backups: 'maybe', read_request_timeout: 5000, storage_port: 'x' },
        'cassandra-env-sh': { 'malloc-arena-max': '4' },
        'jvm-server-options': { max_heap_size: 1073741824, use_numa: 'true' },
      },
    },
    'The config-profile is not valid',
    {
      '/json/cassandra-yaml/storage_port': /^must be a port/,
      '/json/cassandra-yaml/incremental_backups': /^must be true or false$/,
      '/json/cassandra-yaml/read_request_timeout': /^must be a duration such as 10s/,
      '/json/cassandra-env-sh/malloc-arena-max': /^must be a number, not a string$/,
      '/json/jvm-server-options/max_heap_size': /^must be a string, not a number$/,
      '/json/jvm-server-options/use_numa': /^must be a boolean, not a string$/,
    },
  ],
  [
    'a list of what is custom where it cannot be',
    {
      product: 'cassandra',
      'datastax-version': '5.0.8',
      json: {
        'cassandra-yaml': { 'lcm-custom--cassandra-yaml': 'mine', 'lcm-custom--dse-yaml': [] },
        'logback-xml': { 'lcm-custom--logback-xml': ['mine'] },
      },
    },
    'The config-profile is not valid',
    {
      '/json/cassandra-yaml/lcm-custom--cassandra-yaml': /^must be a list of names/,
      '/json/cassandra-yaml/lcm-custom--dse-yaml': /its own file/,
      '/json/logback-xml/lcm-custom--logback-xml':
        /^is possible for cassandra-yaml, dse-yaml, cassandra-rackdc-properties alone$/,
    },
  ],
];

describe('definitions over REST', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  const get = (path: string) => coordinator.call('GET', path);
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
    it(`are listed by product: ${base}`, async () => {
      const { status, body } = await get(`${base}/definitions/`);
      expect(status).to.equal(200);
      expect(Object.keys(body)).to.deep.equal(['dse', 'cassandra']);
      const at = `${coordinator.restUrl}${base}/definitions`;
      expect(body.dse).to.deep.include({ version: '6.8.36', href: `${at}/6.8.36/` });
      expect(body.cassandra).to.deep.include({ version: '5.0.8', href: `${at}/5.0.8/?product=cassandra` });
    });

    it(`tell type, default and description of each setting: ${base}`, async () => {
      const { status, body } = await get(`${base}/definitions/6.8.36/`);
      expect(status).to.equal(200);
      expect(Object.keys(body)).to.deep.equal(['version', 'product', 'href', 'definitions']);
      expect([body.version, body.product]).to.deep.equal(['6.8.36', 'dse']);
      expect((await get(body.href.slice(coordinator.restUrl.length))).body).to.deep.equal(body);
      const files = body.definitions;
      const { keystore_password } = files['cassandra-yaml'].server_encryption_options.fields;
      expect(keystore_password).to.include({ type: 'string', password: true });
      expect(files['cassandra-yaml'].compaction_throughput_mb_per_sec).to.deep.include({
        type: 'int',
        description: 'Most that compaction writes a second; 0 for no limit.',
      });
      expect(files['dse-yaml'].authentication_options.fields.enabled.type).to.equal('boolean');
      expect(files).to.include.keys('jvm-server-options', 'logback-xml', 'dse-env-sh', 'install-options');
      expect(files).to.not.include.keys('jvm-options', 'jvm17-server-options');

      const own = (await get(`${base}/definitions/5.0.8`)).body;
      expect([own.product, own.definitions['cassandra-yaml'].read_request_timeout]).to.deep.equal([
        'cassandra',
        {
          type: 'string',
          format: 'duration-ms',
          default_value: '5000ms',
          description: 'How long a coordinator waits for reads.',
        },
      ]);
      expect(own.definitions['cassandra-yaml'].read_request_timeout_in_ms).to.deep.include({
        deprecated: true,
        replaced_by: 'read_request_timeout',
      });
    });

    it(`answer for a patch that is not listed as for the one before it: ${base}`, async () => {
      const answer = (await get(`${base}/definitions/6.0.99/`)).body;
      expect(answer.version).to.equal('6.0.99');
      expect(answer.definitions).to.deep.equal((await get(`${base}/definitions/6.0.18/`)).body.definitions);
    });

    it(`are not found for a version that nobody has looked at: ${base}`, async () => {
      for (const path of ['3.11.4/', '5.0.7/?product=dse', '6.8.1/?product=cassandra', 'latest', '..%2f']) {
        const path404 = `${base}/definitions/${path}`;
        await expectRefusal(
          coordinator,
          { method: 'GET', path: path404 },
          { status: 404, type: 'NotFound', says: /no definitions for version/ },
        );
      }
      for (const [query, field] of [
        ['product=scylla', '/product'],
        ['product=dse&product=cassandra', '/product'],
        ['page=1', '/page'],
      ] as const)
        await expectRefusal(
          coordinator,
          { method: 'GET', path: `${base}/definitions/6.8.36/?${query}` },
          { status: 400, type: 'InvalidInput', fields: [field], says: /must be one of|not a parameter/ },
        );
    });

    for (const [title, body, message, errors] of REFUSALS)
      it(`refuse ${title}: ${base}`, async () => {
        const answer = await coordinator.call('POST', `${base}/config_profiles/`, {
          name: 'refused',
          ...body,
        });
        const { errors: told, ...rest } = answer.body;
        const type = message.startsWith('Invalid config keys') ? 'InvalidConfigKeys' : 'InvalidInput';
        expect(rest).to.deep.equal({ code: 400, type, message, msg: message });
        expect(answer.status).to.equal(400);
        expect(told.map((one: { pointer: string }) => one.pointer)).to.deep.equal(Object.keys(errors));
        for (const one of told) expect(one.message, one.pointer).to.match(errors[one.pointer] ?? /^$/);
      });

    it(`let pass what is marked custom, or has names of its own: ${base}`, async () => {
      const json = {
        'cassandra-yaml': {
          our_own_thing: { deep: 1 },
          'lcm-custom--cassandra-yaml': ['our_own_thing', 'not_even_used'],
        },
        'dse-yaml': {
          ldap_options: { server_host: 'h', our_own: 1 },
          'lcm-custom--dse-yaml': ['ldap_options.our_own'],
        },
        'dse-env-sh': { 'custom-env-vars': { ANYTHING: '1' } },
        'cassandra-rackdc-properties': { azure: 'x', 'lcm-custom--cassandra-rackdc-properties': ['azure'] },
      };
      expect((await taken(base, dse('6.8.36', json)))['json']).to.deep.equal(json);
    });

    it(`hold for a profile as a whole, changed or cloned: ${base}`, async () => {
      const { id } = await taken(base, dse('6.8.36', { 'cassandra-yaml': { zerocopy_max_sstables: 256 } }));
      const refusal = {
        status: 400,
        type: 'InvalidConfigKeys',
        fields: ['/json/cassandra-yaml/zerocopy_max_sstables'],
        says: /^Invalid config keys for DSE version 6\.7\.1: cassandra-yaml\.zerocopy_max_sstables\n/,
      };
      const older = { 'datastax-version': '6.7.1' };
      const path = `${base}/config_profiles/${id}`;
      await expectRefusal(coordinator, { method: 'PUT', path, body: older }, refusal);
      await expectRefusal(coordinator, { method: 'POST', path: `${path}/clone`, body: older }, refusal);
      const put = await coordinator.call('PUT', path, { ...older, json: {} });
      expect([put.status, put.body['datastax-version']]).to.deep.equal([200, '6.7.1']);
    });

    it(`of a series that nobody has looked at are not held against settings, only files: ${base}`, async () => {
      await taken(base, dse('5.0.7', { 'dse-yaml': { anything: 1 }, 'jvm-options': {} }));
      const message = 'Invalid config keys for DSE version 5.0.7: dse-yml';
      const body = dse('5.0.7', { 'dse-yml': {} });
      const answer = await coordinator.call('POST', `${base}/config_profiles/`, body);
      expect([answer.body.type, answer.body.message]).to.deep.equal(['InvalidConfigKeys', message]);
    });

    it(`say that a cluster has no CA certificate: ${base}`, async () => {
      const { clusterId } = await modelCluster(coordinator, randomUUID(), []);
      const cacert = { method: 'GET', path: `${base}/clusters/${clusterId}/cacert` };
      const none = /has no CA certificate here: .* the operator's own/;
      await expectRefusal(coordinator, cacert, { status: 404, type: 'NotFound', says: none });
      await expectRefusal(
        coordinator,
        { method: 'GET', path: `${base}/clusters/${randomUUID()}/cacert` },
        { status: 404, type: 'NotFound', says: /There is no cluster with id/ },
      );
    });
  }
});
