// Commands whose answers get lost on the way, and commands that come after somebody else's: nothing twice, nothing overwritten.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type CliOptions, cli } from '../../support/cli.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { type LosingProxy, startLosingProxy } from '../../support/losing-proxy.ts';

describe('a command on a line that breaks, or beside somebody else', function () {
  this.timeout(30_000);
  let coordinator: TestCoordinator;
  let proxy: LosingProxy;
  let directory: string;
  let ids: Awaited<ReturnType<typeof modelCluster>>;
  beforeEach(async () => {
    coordinator = await startTestCoordinator();
    proxy = await startLosingProxy(coordinator.restUrl);
    directory = await mkdtemp(join(tmpdir(), 'manners-'));
    ids = await modelCluster(coordinator, 'prod', ['n1', 'n2']);
  });
  afterEach(async () => {
    await proxy.close();
    await coordinator.remove();
    await rm(directory, { recursive: true, force: true });
  });
  const run = (line: string, options: CliOptions = {}) => cli(proxy.url, line.split(' '), options);
  const count = async (path: string): Promise<number> => (await coordinator.call('GET', path)).body.count;
  const keys = () =>
    proxy.passed.filter(({ method }) => method === 'POST').map(({ headers }) => headers['idempotency-key']);
  const change = async (path: string, body: unknown) =>
    expect((await coordinator.call('PUT', path, body)).status).to.equal(200);

  for (const how of ['whole', 'body'] as const)
    it(`starts one job though its answer was lost twice (${how})`, async () => {
      proxy.lose(2, how);
      const { code, out, err } = await run('job run restart --cluster prod -q');
      expect([code, err]).to.deep.equal([0, '']);
      const { results } = (await coordinator.call('GET', 'jobs/')).body;
      expect(results.map(({ id }: { id: string }) => `${id}\n`)).to.deep.equal([out]);
      expect(keys()).to.have.length(3);
      expect(new Set(keys()).size).to.equal(1);
    });

  it('has another key for each thing that is wanted, on every POST', async () => {
    for (const line of [
      'job run restart --cluster prod',
      'job terminate last',
      'job run restart --cluster prod',
      'node enrol prod/dc1/n1',
      'repo create packages',
    ])
      await run(line.replace('last', (await coordinator.call('GET', 'jobs/')).body.results[0]?.id));
    expect(keys()).to.have.length(5);
    expect(new Set(keys()).size).to.equal(5);
    expect(await count('jobs/')).to.equal(2);
    for (const key of keys()) expect(key).to.match(/^[0-9a-f-]{36}$/);
  });

  it('gives up after a few times, and says that it does not know whether it was done', async () => {
    proxy.lose(100);
    const { code, out, err } = await run('repo create packages');
    expect([code, out]).to.deep.equal([7, '']);
    expect(err).to.match(/^error: lost the connection to http:\/\/127\.0\.0\.1:\d+: /);
    expect(err).to.contain('whether it was done is not known: look, before you ask for it again');
    expect(keys()).to.have.length(4);
  });

  it('sends nothing again that never arrived, nor a change that would meet itself', async () => {
    const nobody = await cli('http://127.0.0.1:1', [
      'repo',
      'create',
      'packages',
      '--server',
      'http://127.0.0.1:1',
    ]);
    expect([nobody.code, nobody.err]).to.satisfy(
      ([code, err]: [number, string]) => code === 7 && err.includes('is it running?'),
    );
    proxy.lose(1);
    const changed = await run('node set prod/dc1/n1 --comment spare');
    expect([changed.code, changed.err]).to.satisfy(
      ([code, err]: [number, string]) => code === 7 && err.includes('whether it was done is not known'),
    );
    expect(proxy.passed.filter(({ method }) => method === 'PUT')).to.have.length(1);
  });

  it('does not delete what was changed while it asked', async () => {
    const node = `nodes/${ids.nodeIds[1]}`;
    const answers = async () => {
      await change(node, { comment: 'not this one' });
      return 'y';
    };
    const { code, err } = await run('node delete prod/dc1/n2', { answers });
    expect(code).to.equal(6);
    expect(err)
      .to.contain('error: node prod/dc1/n2 was changed by somebody else in the meantime; that stands\n')
      .and.to.contain('`ringmaster node show prod/dc1/n2` shows it as it is');
    expect((await coordinator.call('GET', node)).body.comment).to.equal('not this one');
    expect((await run('node delete prod/dc1/n2', { answers: 'y' })).code).to.equal(0);
    expect((await coordinator.call('GET', node)).status).to.equal(404);
  });

  it('sets a field of the record as it was read', async () => {
    expect((await run('node set prod/dc1/n1 --comment spare')).code).to.equal(0);
    const put = proxy.passed.find(({ method }) => method === 'PUT');
    expect(put?.headers['if-match']).to.match(/^"[^"]+"$/);
  });

  const MODEL = `
config-profiles:
  - { name: prod-profile, product: cassandra, datastax-version: 5.0.8, json: { cassandra-yaml: { num_tokens: 8 } } }
cluster:
  name: prod
  repository: prod-repository
  config-profile: prod-profile
  datacenters:
    - name: dc1
      nodes:
        - { name: n1, ssh-management-address: 127.0.0.1, seed: true }
`;

  it('applies no change of a plan to what was changed since, and says how to go on', async () => {
    const file = join(directory, 'prod.yaml');
    await writeFile(file, MODEL);
    const answers = async () => {
      await change(`nodes/${ids.nodeIds[1]}`, { comment: 'wanted after all' });
      return 'y';
    };
    const { code, out, err } = await run(`apply -f ${file} --prune`, { answers });
    expect(code).to.equal(6);
    expect(out).to.contain('- node prod/dc1/n2');
    expect(err)
      .to.contain('✓ changed profile prod-profile\n')
      .and.to.contain(
        'error: could not delete node prod/dc1/n2: it was changed by somebody else in the meantime; that stands\n',
      )
      .and.to.contain('done: 1 of 2\n')
      .and.to.contain('the same command again plans anew');
    expect(await count('nodes/')).to.equal(2);
    const again = await run(`apply -f ${file} --prune --yes`);
    expect([again.code, await count('nodes/')]).to.deep.equal([0, 1]);
  });

  it('ends at Ctrl-C between two changes of a plan, with the answer to the one in hand', async () => {
    const file = join(directory, 'prod.yaml');
    const more = ['n3', 'n4'].map(
      (name, at) => `        - { name: ${name}, ssh-management-address: 127.0.0.${at + 3} }\n`,
    );
    await writeFile(file, MODEL + more.join(''));
    const interrupted = new AbortController();
    proxy.before('/api/v2/lcm/nodes/', async () => interrupted.abort());
    const { code, err } = await run(`apply -f ${file} --yes`, { interrupted: interrupted.signal });
    expect(code).to.equal(130);
    expect(err)
      .to.contain('✓ created node prod/dc1/n3\ninterrupted: stopped between two changes\n')
      .and.to.contain('  done: 2 of 3\n  not done: create node prod/dc1/n4\n');
    expect(await count('nodes/')).to.equal(3);
  });

  it('knows what it planned with from what was there a moment later', async () => {
    const file = join(directory, 'prod.yaml');
    await writeFile(file, MODEL);
    const profile = `config_profiles/${ids.profileId}`;
    // Between the list that the plan is made from and the look at the record.
    proxy.before(`/api/v2/lcm/${profile}`, () => change(profile, { comment: 'mine' }));
    const { code, err } = await run(`apply -f ${file} --yes`);
    expect(code).to.equal(6);
    expect(err).to.contain('error: profile prod-profile was changed while the plan was made\n');
    expect((await coordinator.call('GET', profile)).body.json).to.deep.equal({});
  });
});
