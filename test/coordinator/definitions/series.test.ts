// The definitions of every version: they load, they describe each setting, and say of plain files what the agent takes.
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { classStrings } from '../../../agent/config-files/class-strings.ts';
import { renderFile } from '../../../agent/config-files/render.ts';
import type { RenderInput } from '../../../agent/config-files/render-input.ts';
import { LinuxHost } from '../../../agent/host/linux-host.ts';
import {
  CASSANDRA_VERSION,
  makeCassandraTarball,
  tarballCacheDirectory,
} from '../../../coordinator/cli/quickstart/cassandra-tarball.ts';
import { runProgram } from '../../../coordinator/cli/quickstart/tarball/run-program.ts';
import type { Settings } from '../../../coordinator/definitions/definition.ts';
import { definitionsOf, listedVersions } from '../../../coordinator/definitions/series.ts';
import {
  CONFIG_FILE_IDS,
  type ConfigFileId,
  CUSTOM_FILE_IDS,
  PROFILE_FILE_IDS,
} from '../../../shared/config-files.ts';
import { isSecretName } from '../../../shared/secret-settings.ts';
import { cassandra, dse } from '../../agent/config-files/fixtures.ts';
import { problemsOf } from '../../agent/config-files/problems.ts';

const DATA = new URL('../../../coordinator/definitions/data/', import.meta.url);
const type = z.enum(['boolean', 'int', 'float', 'string', 'list', 'dict', 'user_defined', 'ternary_boolean']);
const version = z.string().regex(/^\d+\.\d+\.\d+$/);
const setting = z.strictObject({
  type,
  value_type: type.optional(),
  get fields() {
    return z.record(z.string(), setting).optional();
  },
  default_value: z.union([z.string(), z.number(), z.boolean(), z.array(z.unknown())]).optional(),
  unit: z.string().optional(),
  options: z.array(z.string()).min(1).optional(),
  suggestions: z.array(z.string()).min(1).optional(),
  format: z.string().optional(),
  plain_number: z.literal(true).optional(),
  exact: z.literal(true).optional(),
  unwritten: z.literal(true).optional(),
  password: z.literal(true).optional(),
  readonly: z.literal(true).optional(),
  deprecated: z.literal(true).optional(),
  replaced_by: z.string().optional(),
  since: version.optional(),
  until: version.optional(),
});
const series = z.strictObject({
  product: z.enum(['dse', 'cassandra']),
  series: z.string().regex(/^\d+\.\d+$/),
  source: z.string().min(20),
  versions: z.array(version).min(1),
  files: z.partialRecord(z.enum(PROFILE_FILE_IDS.dse), z.record(z.string(), setting)),
});

const known = (product: 'dse' | 'cassandra', of: string): Readonly<Record<string, Settings>> => {
  const definitions = definitionsOf(product, of);
  if (definitions === null) throw new Error(`nothing is known of ${product} ${of}`);
  return definitions;
};

describe('definitions', () => {
  for (const name of readdirSync(DATA).filter((file) => file !== 'descriptions.json')) {
    it(`are sound: ${name}`, () => {
      const file = JSON.parse(readFileSync(new URL(name, DATA), 'utf8'));
      const parsed = series.parse(file);
      expect(name).to.equal(`${parsed.product}-${parsed.series}.json`);
      for (const listed of parsed.versions) expect(listed).to.match(new RegExp(`^${parsed.series}\\.`));
      const inSeries = JSON.stringify(parsed.files).matchAll(/"(?:since|until)":"([^"]+)"/g);
      for (const [, change] of inSeries) expect(change).to.match(new RegExp(`^${parsed.series}\\.`));
    });
  }

  for (const product of ['dse', 'cassandra'] as const)
    it(`mark as passwords what goes by a secret's name, and nothing else, in every version of ${product}`, () => {
      const differing = (settings: Settings): string[] =>
        Object.entries(settings).flatMap(([key, { type: of, password, fields }]) => [
          ...(of !== 'boolean' && isSecretName(key) !== (password === true) ? [key] : []),
          ...differing(fields ?? {}),
        ]);
      for (const listed of listedVersions(product))
        for (const [fileId, settings] of Object.entries(known(product, listed)))
          expect(differing(settings), `${listed} ${fileId}`).to.deep.equal([]);
    });

  for (const product of ['dse', 'cassandra'] as const) {
    it(`describe each setting of each file in every listed version of ${product}`, () => {
      const versions = listedVersions(product);
      expect(versions).to.include.members(product === 'dse' ? ['5.1.0', '6.9.18'] : ['4.0.0', '5.0.8']);
      expect(new Set(versions).size).to.equal(versions.length);
      for (const listed of versions) {
        const definitions = known(product, listed);
        expect(PROFILE_FILE_IDS[product]).to.include.members(Object.keys(definitions));
        for (const [fileId, settings] of Object.entries(definitions))
          for (const [key, { description }] of Object.entries(settings))
            expect(description, `${listed} ${fileId} ${key}`).to.match(/^[A-Zh].+\.$/);
      }
    });
  }

  it('are listed oldest first, by number', () => {
    expect(listedVersions('cassandra').slice(0, 3)).to.deep.equal(['4.0.0', '4.0.1', '4.0.2']);
    const order = ['5.1.0', '6.8.9', '6.8.10', '6.9.0', '6.9.24'];
    expect(listedVersions('dse').filter((version) => order.includes(version))).to.deep.equal(order);
  });

  it('come and go with patch versions, and a later patch than any listed is like the last', () => {
    const has = (of: string, key: string) => Object.hasOwn(known('dse', of)['cassandra-yaml'] ?? {}, key);
    expect([
      has('6.0.2', 'index_summary_capacity_in_mb'),
      has('6.0.3', 'index_summary_capacity_in_mb'),
    ]).to.deep.equal([true, false]);
    expect([has('6.0.7', 'leaks_detection_params'), has('6.0.8', 'leaks_detection_params')]).to.deep.equal([
      false,
      true,
    ]);
    expect(known('dse', '6.8.999')).to.deep.equal(
      known(
        'dse',
        listedVersions('dse')
          .filter((one) => one.startsWith('6.8.'))
          .at(-1) ?? '',
      ),
    );
    expect(known('cassandra', '4.1-beta1')).to.deep.equal(known('cassandra', '4.1.0'));
    const ldap = (of: string) => known('dse', of)['dse-yaml']?.['ldap_options']?.fields ?? {};
    expect([
      Object.hasOwn(ldap('6.8.0'), 'ssl_protocol'),
      Object.hasOwn(ldap('6.8.1'), 'ssl_protocol'),
    ]).to.deep.equal([false, true]);
  });

  it('are those of the newest patch for a version that names none', () => {
    expect(Object.hasOwn(known('dse', '6.0')['cassandra-yaml'] ?? {}, 'leaks_detection_params')).to.equal(
      true,
    );
  });

  it('are unknown for a series that nobody has looked at', () => {
    expect([
      definitionsOf('dse', '5.0.7'),
      definitionsOf('cassandra', '3.11.4'),
      definitionsOf('cassandra', '6.8.1'),
    ]).to.deep.equal([null, null, null]);
  });

  it('name the JVM files that the version has', () => {
    const files = (product: 'dse' | 'cassandra', of: string) =>
      Object.keys(known(product, of)).filter((fileId) => fileId.startsWith('jvm'));
    expect(files('dse', '6.7.1')).to.deep.equal(['jvm-options']);
    expect(files('dse', '6.8.0')).to.deep.equal([
      'jvm-server-options',
      'jvm8-server-options',
      'jvm11-server-options',
    ]);
    expect(files('cassandra', '4.1.0')).to.deep.equal([
      'jvm-server-options',
      'jvm8-server-options',
      'jvm11-server-options',
    ]);
    expect(files('cassandra', '5.0.0')).to.deep.equal([
      'jvm-server-options',
      'jvm11-server-options',
      'jvm17-server-options',
    ]);
  });

  /** What the agent says it can set in that file, when it is given something else. */
  const renderable = (input: RenderInput, fileId: ConfigFileId): string[] => {
    const profile = { [fileId]: { 'no such setting': 1 } };
    const [problem] = problemsOf(() =>
      renderFile(fileId, '<configuration></configuration>', { ...input, profile }),
    );
    return /; known: (.*)$/.exec(problem?.message ?? '')?.[1]?.split(', ') ?? [];
  };
  const writtenOf = (input: RenderInput, fileId: string): string[] =>
    Object.entries(known(input.product, input.version)[fileId] ?? {}).flatMap(([key, { unwritten }]) =>
      unwritten ? [] : [key],
    );

  for (const fileId of [
    'cassandra-env-sh',
    'jvm-server-options',
    'logback-xml',
    'dse-default',
    'dse-env-sh',
  ] as const) {
    it(`say of ${fileId} what the agent renders, no more and no less`, () => {
      const input = fileId.startsWith('dse') ? dse('6.8.36') : cassandra();
      expect(writtenOf(input, fileId).sort()).to.deep.equal(renderable(input, fileId).sort());
    });
  }

  it("have no setting of any version of DSE's that the agent cannot write and that is not said to be unwritten", () => {
    // JMX's port goes to cassandra-env-sh before an agent sees it.
    const moved = ['jmx-port'];
    for (const listed of listedVersions('dse')) {
      const files = CONFIG_FILE_IDS.dse.filter(
        (id) => !CUSTOM_FILE_IDS.includes(id) && Object.hasOwn(known('dse', listed), id),
      );
      for (const fileId of files)
        expect([...renderable(dse(listed), fileId), ...moved], `${listed} ${fileId}`).to.include.members(
          writtenOf(dse(listed), fileId),
        );
    }
  });

  it('say of what is kept and not written that it is so', () => {
    const { 'spark-env-sh': spark, 'cassandra-env-sh': env } = known('dse', '5.1.6');
    expect(spark?.['spark-master-webui-port']).to.deep.include({ type: 'int', unwritten: true });
    expect(env?.['on_out_of_memory_error']?.unwritten).to.equal(true);
    expect(env?.['jmx-port']).to.not.include.keys('unwritten');
    expect(Object.keys(known('dse', '5.1.5'))).to.include('spark-env-sh');
    expect(Object.keys(known('cassandra', '5.0.8'))).to.not.include('spark-env-sh');
  });

  it('have no file in a patch version that came with a later one', () => {
    const has = (of: string) => Object.hasOwn(known('dse', of), '10-write-prom-conf');
    expect([has('5.1.13'), has('5.1.14')]).to.deep.equal([false, true]);
  });

  it('name what the class of a real Cassandra 5.0 reads cassandra.yaml into', async function () {
    this.timeout(120_000);
    const { path } = await makeCassandraTarball({
      version: CASSANDRA_VERSION,
      cacheDirectory: tarballCacheDirectory(),
      log: () => {},
    });
    const directory = await mkdtemp(join(tmpdir(), 'definitions-'));
    try {
      const jar = `apache-cassandra-${CASSANDRA_VERSION}/lib/cassandra-all-${CASSANDRA_VERSION}.jar`;
      await runProgram('tar', ['-xzf', path, jar], { cwd: directory });
      const bytes = await new LinuxHost().zipEntry(
        join(directory, jar),
        'org/apache/cassandra/config/Config.class',
      );
      const words = bytes === null ? null : classStrings(bytes);
      const unknown = Object.keys(known('cassandra', CASSANDRA_VERSION)['cassandra-yaml'] ?? {}).filter(
        (key) => !words?.has(key),
      );
      expect(unknown).to.deep.equal([]);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
