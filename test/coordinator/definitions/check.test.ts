// A profile's settings held against their definitions: unknown names with the nearest known one, values of the wrong type.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { checkSettings } from '../../../coordinator/definitions/check.ts';
import type { Settings } from '../../../coordinator/definitions/definition.ts';
import { definitionsOf, listedVersions } from '../../../coordinator/definitions/series.ts';
import type { Product } from '../../../shared/config-files.ts';

const check = (
  product: Product,
  version: string,
  fileId: string,
  values: Record<string, unknown>,
  custom: string[] = [],
) =>
  checkSettings(definitionsOf(product, version)?.[fileId] ?? {}, values, new Set(custom), ['json', fileId]);
const yaml = (values: Record<string, unknown>, custom: string[] = []) =>
  check('cassandra', '5.0.8', 'cassandra-yaml', values, custom);
const nothing = { unknown: [], wrong: [] };

/** Setting, value that is good, value that is not, what is said of that. */
const VALUES: readonly [string, unknown, unknown, RegExp][] = [
  ['num_tokens', 16, 1.5, /whole number/],
  ['num_tokens', '16', 'many', /whole number/],
  ['num_tokens', null, [16], /whole number/],
  ['incremental_backups', true, 'yes', /true or false/],
  ['incremental_backups', 'false', ['true'], /true or false/],
  ['phi_convict_threshold', 8.5, false, /must be a number/],
  ['memtable_cleanup_threshold', '.11', '', /must be a number/],
  ['partitioner', 'org.apache.cassandra.dht.Murmur3Partitioner', {}, /must be a string/],
  ['data_file_directories', ['/a', '/b'], '/a', /must be a list/],
  ['read_request_timeout', '5000ms', 5000, /duration such as 10s.* ms, s, m, h, d/],
  ['read_request_timeout', '1d', '5 s', /duration/],
  ['repair_request_timeout', '2m', '5us', /duration/],
  ['read_request_timeout_in_ms', 5000, '5s', /whole number/],
  ['key_cache_save_period', '4h', '-1s', /duration/],
  ['key_cache_save_period', 14400, 'often', /duration/],
  ['commitlog_segment_size', '32MiB', '32MB', /size such as 16MiB.* MiB, GiB$/],
  ['commitlog_segment_size', '1GiB', '32KiB', /size/],
  ['stream_throughput_outbound', '24MiB/s', '24MiB', /rate/],
  ['commitlog_sync', 'periodic', 'now and then', /must be one of periodic, batch, group/],
  ['server_encryption_options', { internode_encryption: 'all' }, true, /must be an object/],
  ['startup_checks', { check_data_resurrection: { enabled: true } }, [], /must be an object/],
  ['authenticator', 'PasswordAuthenticator', 7, /name of a class/],
  ['authenticator', { class_name: 'PasswordAuthenticator' }, ['PasswordAuthenticator'], /name of a class/],
  ['commitlog_compression', [{ class_name: 'LZ4Compressor' }], [{}, {}], /name of a class/],
];

describe('settings held against definitions', () => {
  for (const [key, good, bad, says] of VALUES)
    it(`take ${key}: ${JSON.stringify(good)}, and refuse ${JSON.stringify(bad)}`, () => {
      expect(yaml({ [key]: good })).to.deep.equal(nothing);
      const { unknown, wrong } = yaml({ [key]: bad });
      expect(unknown).to.deep.equal([]);
      expect(wrong.map(({ pointer }) => pointer)).to.deep.equal([`/json/cassandra-yaml/${key}`]);
      expect(wrong[0]?.message).to.match(says);
    });

  it('find what is wrong at any depth, and say where', () => {
    const { unknown, wrong } = yaml({
      client_encryption_options: { enabled: 'perhaps', keystor: 'x' },
      'audit_logging_options.block': 'no',
      'audit_logging_options.blok': true,
      data_file_directories: ['/a', {}],
    });
    expect(wrong.map(({ pointer, message }) => `${pointer} ${message}`)).to.deep.equal([
      '/json/cassandra-yaml/client_encryption_options/enabled must be true or false',
      '/json/cassandra-yaml/audit_logging_options.block must be true or false',
      '/json/cassandra-yaml/data_file_directories/1 must be a string',
    ]);
    expect(unknown).to.deep.equal([
      {
        name: 'client_encryption_options.keystor',
        pointer: '/json/cassandra-yaml/client_encryption_options/keystor',
        near: 'keystore',
      },
      {
        name: 'audit_logging_options.blok',
        pointer: '/json/cassandra-yaml/audit_logging_options.blok',
        near: 'audit_logging_options.block',
      },
    ]);
    const dse = check('dse', '6.8.36', 'dse-yaml', {
      kmip_hosts: { mine: { hosts: 'a', hots: 'b' }, yours: [] },
      tiered_storage_options: { hot: { tiers: [{ paths: 'no list' }] } },
    });
    expect(dse.unknown.map(({ name }) => name)).to.deep.equal(['kmip_hosts.mine.hots']);
    expect(dse.wrong.map(({ pointer }) => pointer)).to.deep.equal([
      '/json/dse-yaml/kmip_hosts/yours',
      '/json/dse-yaml/tiered_storage_options/hot/tiers/0/paths',
    ]);
  });

  it('let pass what is marked custom, with all below it, and nothing else', () => {
    const values = {
      my_plugin: { a: 1 },
      my_plugins: 1,
      num_tokens: 'many',
      memtable: { mine: 1, yours: 1 },
    };
    const { unknown, wrong } = yaml(values, ['my_plugin', 'num_tokens', 'memtable.mine']);
    expect(unknown.map(({ name }) => name)).to.deep.equal(['my_plugins', 'memtable.yours']);
    expect(wrong).to.deep.equal([]);
    const below = { client_encryption_options: { ours: 1, enabled: 'ours' } };
    expect(yaml(below, ['client_encryption_options'])).to.deep.equal(nothing);
  });

  it('take a part of an object by a name with dots, also below a name of its own', () => {
    expect(yaml({ 'memtable.configurations.mine': { class_name: 'x' } })).to.deep.equal(nothing);
    expect(yaml({ 'memtable.configurations.mine': 1 }).wrong).to.have.length(1);
    expect(yaml({ 'client_error_reporting_exclusions.subnets': ['10.0.0.0/8'] })).to.deep.equal(nothing);
  });

  it('take null for what there is not: it only takes a key out', () => {
    expect(yaml({ no_such_key: null })).to.deep.equal(nothing);
  });

  it('look for near words only so often, however many names are wrong', () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`num_token${at}`, 1]));
    const fromMs = performance.now();
    expect(yaml(many).unknown).to.have.length(20_000);
    expect(performance.now() - fromMs).to.be.below(15_000);
  });

  it('know nothing else than keys of a prototype do', () => {
    expect(yaml({ toString: 1, hasOwnProperty: 1 }).unknown.map(({ name }) => name)).to.deep.equal([
      'toString',
      'hasOwnProperty',
    ]);
  });

  it("take every line of the tarball's own cassandra.yaml", () => {
    const own = new URL('../../../coordinator/cli/quickstart/tarball/conf/cassandra.yaml', import.meta.url);
    const values = parse(readFileSync(own, 'utf8'));
    expect(Object.keys(values).length).to.be.above(50);
    expect(yaml(values)).to.deep.equal(nothing);
  });

  it('take every default that they name themselves', () => {
    const defaults = (settings: Settings): Record<string, unknown> =>
      Object.fromEntries(
        Object.entries(settings).flatMap(([key, { type, default_value: value, fields }]) => {
          if (value !== undefined) return [[key, value]];
          return type === 'dict' && fields !== undefined ? [[key, defaults(fields)]] : [];
        }),
      );
    for (const product of ['dse', 'cassandra'] as const)
      for (const version of listedVersions(product))
        for (const [fileId, settings] of Object.entries(definitionsOf(product, version) ?? {}))
          expect(
            checkSettings(settings, defaults(settings), new Set(), []),
            `${version} ${fileId}`,
          ).to.deep.equal(nothing);
  });
});
