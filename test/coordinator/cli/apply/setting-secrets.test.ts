// Secrets among a profile's settings in a model file: said by their sources, sent where none is stored, never shown.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openedSettings } from '../../../../coordinator/store/profile-secrets.ts';
import { askDatabase } from '../../../support/ask-database.ts';
import { type CliOptions, cli } from '../../../support/cli.ts';
import { masterBox, startTestCoordinator, type TestCoordinator } from '../../../support/coordinator.ts';

describe('ringmaster apply and export, with secrets among the settings of a profile', () => {
  let coordinator: TestCoordinator;
  let directory: string;
  beforeEach(async () => {
    coordinator = await startTestCoordinator();
    directory = await mkdtemp(join(tmpdir(), 'apply-'));
    await writeFile(join(directory, 'secret'), 'hidden\n');
  });
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
    await coordinator.remove();
  });
  const apply = async (text: string, flags: string, options: CliOptions = {}) => {
    const file = join(directory, 'model.yaml');
    await writeFile(file, text);
    return await cli(
      coordinator.restUrl,
      ['apply', '-f', file, ...flags.split(' ').filter(Boolean)],
      options,
    );
  };
  const planned = async (text: string): Promise<unknown> =>
    JSON.parse((await apply(text, '--prune --dry-run -o json')).out);
  const SECRETS = `
config-profiles:
  - name: base
    product: cassandra
    datastax-version: 5.0.8
    json:
      cassandra-yaml:
        num_tokens: 8
        server_encryption_options: { keystore_password: { from-env: KEYSTORE } }
        client_encryption_options: { keystore_password: { from-file: secret, optional: true } }
      jvm-server-options:
        additional-jvm-opts: [-Dx=1, { option: -Djavax.net.ssl.keyStorePassword, from-env: KEYSTORE }]
cluster: { name: prod, config-profile: base }
`;
  const env = { KEYSTORE: 'hid=den' };
  const stored = async (): Promise<unknown> => {
    const [row] = await askDatabase(coordinator.databaseUrl, 'select * from config_profile');
    return openedSettings(masterBox(), row);
  };
  const REAL = {
    'cassandra-yaml': {
      num_tokens: 8,
      server_encryption_options: { keystore_password: 'hid=den' },
      client_encryption_options: { keystore_password: 'hidden' },
    },
    'jvm-server-options': { 'additional-jvm-opts': ['-Dx=1', '-Djavax.net.ssl.keyStorePassword=hid=den'] },
  };

  it('sends them once, shows none, and plans nothing the second time', async () => {
    const dry = await apply(SECRETS, '--dry-run', { env });
    expect(dry.out).to.contain('    json.cassandra-yaml.num_tokens: 8\n');
    expect(dry.out).to.contain('.server_encryption_options.keystore_password: (secret)\n');
    const made = await apply(SECRETS, '--yes', { env });
    expect([made.code, await stored()]).to.deep.equal([0, REAL]);
    const again = await apply(SECRETS, '');
    expect(again.err).to.contain('nothing to change').and.to.contain('3 secrets not compared');
    for (const { out, err } of [dry, made, again]) expect(out + err).not.to.match(/hid=?den/);
  });

  it('keeps what is stored beside a change, and sends what is new or told to be', async () => {
    await apply(SECRETS, '--yes', { env });
    const more = SECRETS.replace('num_tokens: 8', 'num_tokens: 16');
    expect((await apply(more, '--yes')).code).to.equal(0);
    expect(await stored()).to.have.nested.property('cassandra-yaml.num_tokens', 16);
    const other = more
      .replace('num_tokens: 16', 'num_tokens: 16\n        ours: { api_key: { from-env: OTHER } }')
      .replace('jvm-server', '  lcm-custom--cassandra-yaml: [ours]\n      jvm-server');
    const sent = await apply(other, '--yes', { env: { OTHER: 'new' } });
    expect([sent.code, sent.out]).to.satisfy(
      ([code, out]: [number, string]) =>
        code === 0 && out.includes('json.cassandra-yaml.ours.api_key: (secret)'),
    );
    const real = {
      'cassandra-yaml': { ...REAL['cassandra-yaml'], num_tokens: 16, ours: { api_key: 'new' } },
    };
    expect(await stored()).to.containSubset({ ...REAL, ...real });
    await rm(join(directory, 'secret'));
    const all = await apply(other, '--update-secrets --yes', { env: { OTHER: 'newer', KEYSTORE: 'k' } });
    expect(all.err).to.contain(
      'goes without json.cassandra-yaml.client_encryption_options.keystore_password',
    );
    expect(await stored()).to.containSubset({
      'cassandra-yaml': {
        ours: { api_key: 'newer' },
        server_encryption_options: { keystore_password: 'k' },
        client_encryption_options: { keystore_password: 'hidden' },
      },
    });
  });

  it('makes the same from an export that is given them, and without those that are optional', async () => {
    await apply(SECRETS, '--yes', { env });
    const exported = (await cli(coordinator.restUrl, ['export', 'prod'])).out;
    expect(exported).not.to.match(/hid=?den|\*{8}/);
    expect(await planned(exported)).to.deep.equal([]);
    const names = [...exported.matchAll(/from-env: (CONFIG_PROFILE_BASE_JSON_\w+)/g)].map(
      ([, name]) => name ?? '',
    );
    expect(names).to.have.length(3);
    const other = await startTestCoordinator();
    const file = join(directory, 'exported.yaml');
    await writeFile(file, exported);
    const given = { [names[0] ?? '']: 'one', [names[2] ?? '']: 'three' };
    const { code, err } = await cli(other.restUrl, ['apply', '-f', file, '--yes'], { env: given });
    const [row] = await askDatabase(other.databaseUrl, 'select * from config_profile');
    await other.remove();
    expect([code, err]).to.satisfy(
      ([is, said]: [number, string]) => is === 0 && said.includes(names[1] ?? ''),
    );
    expect(openedSettings(masterBox(), row)).to.deep.equal({
      'cassandra-yaml': {
        num_tokens: 8,
        server_encryption_options: {},
        client_encryption_options: { keystore_password: 'one' },
      },
      'jvm-server-options': {
        'additional-jvm-opts': ['-Dx=1', '-Djavax.net.ssl.keyStorePassword=three'],
      },
    });
  });

  it('sends nothing where a mask stands for nothing, or one that must be there is missing', async () => {
    const masked = SECRETS.replace('{ from-file: secret, optional: true }', '"********"');
    const { code, err } = await apply(masked, '--yes');
    expect(code).to.equal(2);
    expect(err)
      .to.match(
        /model\.yaml:3:5: json\.cassandra-yaml\.client_\w+\.keystore_password of profile base: \*{8} stands for/,
      )
      .and.to.match(/model\.yaml:9:38: json\.cassandra-yaml\.server_\w+\.keystore_password .* no KEYSTORE/)
      .and.to.match(/model\.yaml:12:38: json\.jvm-server-options\.additional-jvm-opts\.1 /);
    expect((await coordinator.call('GET', 'config_profiles/')).body.count).to.equal(0);
    await apply(SECRETS, '--yes', { env });
    expect(await planned(masked)).to.deep.equal([]);
  });
});
