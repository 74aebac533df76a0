// apply and export against a coordinator: the plan first, then a model that is what the file says.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { askDatabase } from '../../../support/ask-database.ts';
import { type CliOptions, cli } from '../../../support/cli.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../../support/coordinator.ts';

const MODEL = `
repositories:
  - name: packages
    repo-url: https://repo.example.com/
    username: me
    password: { from-file: secret }
machine-credentials:
  - name: ops
    login-name: ops
    ssh-private-key: { from-env: OPS_KEY, optional: true }
config-profiles:
  - name: base
    product: cassandra
    datastax-version: 5.0.8
    json: { cassandra-yaml: { num_tokens: 8 } }
cluster:
  name: prod
  repository: packages
  machine-credential: ops
  config-profile: base
  datacenters:
    - name: dc1
      spark-enabled: true
      nodes:
        - { name: n1, ssh-management-address: 10.0.0.1, seed: true, comment: "a #1" }
        - { ssh-management-address: 10.0.0.2, rack: r2 }
    - name: dc2
      nodes: []
  maintenance-windows:
    - { name: nights, cron: "0 22 * * *", duration: 480, time-zone: Europe/Vienna }
    - { name: holidays, kind: freeze, from: 2026-12-24T00:00:00+01:00, until: 2099-01-07T00:00:00+01:00 }
  job-schedules:
    - { name: weekly, job-type: restart, cron: "0 0 29 2 *", options: { concurrency-strategy: fastest-safe } }
    - { name: first, job-type: check, cron: "0 0 29 2 *", datacenter: dc1, node: n1, enabled: false }
`;

describe('ringmaster apply and export', () => {
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
  const run = (line: string, options: CliOptions = {}) => cli(coordinator.restUrl, line.split(' '), options);
  const apply = async (text: string, flags: string, options: CliOptions = {}) => {
    const file = join(directory, 'model.yaml');
    await writeFile(file, text);
    return await run(`apply -f ${file} ${flags}`.trim(), options);
  };
  const planned = async (text: string, flags = ''): Promise<string[]> =>
    JSON.parse((await apply(text, `--dry-run -o json ${flags}`.trim())).out).map(
      ({ action, kind, path }: Record<string, string>) => `${action} ${kind} ${path}`,
    );
  const count = async (path: string): Promise<number> =>
    (await coordinator.call('GET', `${path}/`)).body.count;

  it('shows what it would do and does nothing in a dry run', async () => {
    const { code, out, err } = await apply(MODEL, '--dry-run');
    expect(code).to.equal(0);
    expect(out).to.contain('+ repo packages\n').and.to.contain('    password: (secret)\n');
    expect(out)
      .to.contain('    json.cassandra-yaml.num_tokens: 8\n')
      .and.to.contain('+ node prod/dc1/10.0.0.2\n    ssh-management-address: "10.0.0.2"\n    rack: "r2"\n');
    expect(err)
      .to.contain('credential ops goes without ssh-private-key')
      .and.to.contain('12 to create, 0 to change, 0 to delete');
    expect(await count('clusters')).to.equal(0);
  });

  it('tells in a dry run which settings the coordinator would refuse, and where they stand', async () => {
    const wrong = MODEL.replace('{ num_tokens: 8 }', '{ num_tokns: 8, concurrent_reads: many }');
    for (const flags of ['--dry-run', '--yes']) {
      const { code, err } = await apply(wrong, flags);
      expect(code, err).to.equal(2);
      expect(err)
        .to.contain('has 2 problems; nothing was sent')
        .and.to.match(/model\.yaml:15:31: json\.cassandra-yaml\.num_tokns .*did you mean num_tokens/)
        .and.to.match(/model\.yaml:15:45: json\.cassandra-yaml\.concurrent_reads of profile base must be/);
    }
    expect(await count('repositories')).to.equal(0);
  });

  it('makes the model what the file says, and changes nothing the second time', async () => {
    const first = await apply(MODEL, '--yes');
    expect([first.code, first.err]).to.satisfy(
      ([code, err]: [number, string]) => code === 0 && err.includes('✓ created node prod/dc1/n1'),
    );
    expect(JSON.parse((await run('node show n1 -o json')).out)).to.deep.include({
      comment: 'a #1',
      seed: true,
    });
    const second = await apply(MODEL, '');
    expect([second.code, second.out]).to.deep.equal([0, '']);
    expect(second.err).to.contain('nothing to change').and.to.contain('2 secrets not compared');
    expect(first.out + first.err + second.err).not.to.contain('hidden');
  });

  it('changes nothing with what export printed, and makes the same cluster elsewhere', async () => {
    await apply(MODEL, '--yes');
    const exported = (await run('export prod')).out;
    expect(exported).not.to.contain('hidden');
    expect(await planned(exported, '--prune')).to.deep.equal([]);
    const other = await startTestCoordinator();
    const file = join(directory, 'exported.yaml');
    await writeFile(file, exported);
    const env = { REPOSITORY_PACKAGES_PASSWORD: 'hidden' };
    const made = await cli(other.restUrl, ['apply', '-f', file, '--yes'], { env });
    const again = await cli(other.restUrl, ['export', 'prod']);
    await other.remove();
    expect(made.code).to.equal(0);
    expect(again.out.replaceAll(other.restUrl, coordinator.restUrl)).to.equal(exported);
    const asJson = JSON.parse((await run('export prod -o json')).out);
    expect(await planned(JSON.stringify(asJson), '--prune')).to.deep.equal([]);
  });

  it('asks, of an export, for no secret that was never set', async () => {
    await apply(MODEL, '--yes');
    const exported = (await run('export prod')).out;
    expect([...exported.matchAll(/from-env: (\S+)/g)].map(([, name]) => name)).to.deep.equal([
      'REPOSITORY_PACKAGES_PASSWORD',
    ]);
    const other = await startTestCoordinator();
    const env = { REPOSITORY_PACKAGES_PASSWORD: 'hidden', CLUSTER_PROD_NEW_PASSWORD: 'of something else' };
    const made = await cli(other.restUrl, ['apply', '-f', '-', '--yes'], { stdin: exported, env });
    const set = async (path: string) => (await other.call('GET', `${path}/`)).body.results[0]['secrets-set'];
    const stored = await Promise.all(['repositories', 'machine_credentials', 'clusters'].map(set));
    await other.remove();
    expect([made.code, made.err]).to.satisfy(
      ([code, err]: [number, string]) => code === 0 && !err.includes('goes without'),
    );
    expect(stored).to.deep.equal([['password'], [], []]);
    expect((await run('repo show packages')).out).to.match(/^password +\(set\)$/m);
    expect((await run('credential show ops')).out).to.match(/^ssh-private-key +-$/m);
  });

  it('exports and leaves alone what was made without it', async () => {
    await modelCluster(coordinator, 'older', ['n1', 'n2']);
    expect(await planned((await run('export older')).out, '--prune')).to.deep.equal([]);
  });

  it('sets back what the file no longer says, and deletes only when it is told to', async () => {
    await apply(MODEL, '--yes');
    const less = MODEL.replace('      spark-enabled: true\n', '')
      .replace(/ {8}- \{ ssh.*\n/, '')
      .replace('num_tokens: 8', 'num_tokens: 16');
    const kept = await apply(less, '--dry-run');
    expect(kept.out).to.equal(
      '~ profile base\n    json.cassandra-yaml.num_tokens: 8 -> 16\n~ dc prod/dc1\n    spark-enabled: true -> false\n',
    );
    expect(kept.err).to.contain('left alone: node prod/dc1/10.0.0.2 (--prune would delete it)');
    expect((await apply(less, '--prune --yes')).code).to.equal(0);
    expect(await count('nodes')).to.equal(1);
    const noDc = less
      .replace(/ {4}- name: dc1\n(.*\n)*?(?= {4}- name: dc2)/, '')
      .replace(/.*name: first.*\n/, '');
    expect((await apply(noDc, '--prune --dry-run')).out).to.contain('- dc prod/dc1 with its 1 node');
  });

  it('deletes nothing where the file has no list, and says so', async () => {
    await apply(MODEL, '--yes');
    const noDcs = MODEL.replace(/ {2}datacenters:\n(.*\n)*/, '');
    const noNodes = MODEL.replace(/ {6}nodes:\n( {8}.*\n)*/, '');
    for (const [text, left] of [
      [noDcs, 'datacenters of cluster prod (with "datacenters: []" --prune would delete them)\n'],
      [noNodes, 'nodes of dc prod/dc1 (with "nodes: []" --prune would delete them)\n'],
    ] as const) {
      const { code, err } = await apply(text, '--prune --yes');
      expect([code, err]).to.satisfy(
        ([is, said]: [number, string]) => is === 0 && said.includes(`left alone: ${left}`),
      );
      expect((await apply(text, '--yes')).err).not.to.contain('left alone');
    }
    expect(await count('nodes')).to.equal(2);
  });

  it('sends secrets of records that are there only when it is told to', async () => {
    await apply(MODEL, '--yes');
    expect(await planned(MODEL, '--update-secrets')).to.deep.equal(['update repo packages']);
    expect((await apply(MODEL, '--update-secrets --yes')).err).to.contain('✓ changed repo packages');
  });

  it('asks on a terminal, and does nothing without a yes', async () => {
    for (const [options, code] of [
      [{ answers: 'n' }, 1],
      [{ answers: '' }, 1],
      [{}, 2],
    ] as const)
      expect((await apply(MODEL, '', options)).code).to.equal(code);
    expect(await count('repositories')).to.equal(0);
    expect((await apply(MODEL, '', { answers: 'yes' })).code).to.equal(0);
    expect(await count('nodes')).to.equal(2);
  });

  it('sends nothing when a secret or a record that is named is missing, and says on which line', async () => {
    await rm(join(directory, 'secret'));
    const secret = await apply(MODEL, '--yes');
    expect(secret.code).to.equal(2);
    expect(secret.err).to.match(/model\.yaml:6:5: password of repo packages: .*secret cannot be read/);
    const name = await apply(MODEL.replace('config-profile: base', 'config-profile: bas'), '--yes');
    expect(name.code).to.equal(2);
    expect(name.err).to.match(/model\.yaml:20:3: config-profile: there is no profile bas,/);
    expect(await count('repositories')).to.equal(0);
  });

  it('tells an address that two nodes would have, by both, before anything is sent', async () => {
    const twice = MODEL.replace('10.0.0.2', '10.0.0.1');
    const shown = await apply(twice.replace('{ ssh', '{ name: n2, ssh'), '--dry-run');
    expect([shown.code, shown.out]).to.deep.equal([2, '']);
    expect(shown.err).to.match(
      /model\.yaml:\d+:11: node prod\/dc1\/n2 has the ssh-management-address of node prod\/dc1\/n1 \(.*model\.yaml:\d+:11\)/,
    );
    await apply(MODEL, '--yes');
    const text = MODEL.replace(/ {8}- \{ name: n1.*\n/, '').replace(
      'ssh-management-address: 10.0.0.2',
      'name: n3, ssh-management-address: 10.0.0.1',
    );
    expect((await apply(text, '--dry-run')).err).to.contain(
      'node prod/dc1/n3 has the ssh-management-address of node prod/dc1/n1 (not in the file)',
    );
  });

  it('tells what stands against a change before anything is sent, and tries none that waits for another', async () => {
    const named = MODEL.replace('{ ssh', '{ name: n2, ssh');
    await apply(named, '--yes');
    await askDatabase(coordinator.databaseUrl, "update node set converged_on = now() where name = 'n1'");
    const other = named
      .replace('num_tokens: 8', 'num_tokens: 16')
      .replace('n1, ssh', 'n1, rack: r9, ssh')
      .replace('r2 }', 'r7 }');
    for (const flags of ['--dry-run', '--yes']) {
      const { code, out, err } = await apply(other, flags);
      expect([code, out], err).to.deep.equal([6, '']);
      expect(err)
        .to.contain('nothing was sent\n')
        .and.to.match(
          /model\.yaml:25:29: rack of node prod\/dc1\/n1 cannot be changed once it was installed/,
        );
    }
    expect(await planned(named)).to.deep.equal([]);
    const handsOver = named
      .replace('cluster:', '  - { name: other, product: cassandra, datastax-version: 5.0.8 }\ncluster:')
      .replace('config-profile: base', 'config-profile: other')
      .replace('10.0.0.1', '10.0.0.3')
      .replace('10.0.0.2', '10.0.0.1');
    const done = await apply(handsOver, '--yes');
    expect(done.code, done.err).to.equal(0);
    expect(await planned(handsOver)).to.deep.equal([]);
  });

  it('says what was done and what was not when it fails half-way, and goes on from there the next time', async () => {
    // Only the coordinator knows that clients would have no address.
    const bad = MODEL.replace('10.0.0.1, seed', '10.0.0.1, native-transport-address: 0.0.0.0, seed');
    const { code, err } = await apply(bad, '--yes');
    expect(code).to.equal(1);
    expect(err).to.contain('✓ created credential ops\n');
    expect(err)
      .to.contain('could not create node prod/dc1/n1')
      .and.to.contain('is required while the node listens on 0.0.0.0');
    expect(err)
      .to.contain('done: 6 of 12')
      .and.to.contain('not done: create node prod/dc1/n1\n')
      .and.to.contain('not done: create node prod/dc1/10.0.0.2\n');
    expect(await planned(MODEL)).to.deep.equal([
      'create node prod/dc1/n1',
      'create node prod/dc1/10.0.0.2',
      'create window prod/nights',
      'create window prod/holidays',
      'create schedule prod/weekly',
      'create schedule prod/first',
    ]);
    expect((await apply(MODEL, '--yes')).code).to.equal(0);
    expect(await planned(MODEL)).to.deep.equal([]);
  });

  it('prints the ids of what it changed alone when it is quiet, and takes the file from standard input', async () => {
    const text = MODEL.replace('{ from-file: secret }', '{ from-env: SECRET }');
    const { code, out } = await run('apply -f - --yes -q', { stdin: text, env: { SECRET: 'hidden' } });
    expect(code).to.equal(0);
    expect(out.trim().split('\n')).to.have.length(12);
  });
});
