// What a run is told: how its node is installed (as the profile says, else as the node is, else as the repository looks), and the job's own limits.
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
import { postRestart } from '../../support/jobs.ts';

describe('the input of a run from its job and model', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let store: ReturnType<typeof openDatabase>;
  let ids: Awaited<ReturnType<typeof modelCluster>>;
  let jobNodeId: string;
  before(async () => {
    coordinator = await startTestCoordinator();
    store = openDatabase({ url: coordinator.databaseUrl }, silentLogger);
    ids = await modelCluster(coordinator, 'ring', ['n1']);
    const jobId = await postRestart(coordinator, ids.clusterId, {
      'clients-timeout': 5,
      'settle-seconds': 10,
    });
    jobNodeId = (await coordinator.call('GET', `jobs/${jobId}/job_nodes/`)).body.results[0].id;
  });
  after(async () => {
    await store.db.destroy();
    await coordinator.remove();
  });

  const told = async (
    product: 'cassandra' | 'dse',
    repoUrl: string | null,
    { given, installedAs }: { given?: string; installedAs?: string } = {},
  ): Promise<string> => {
    const json = given === undefined ? {} : { 'install-options': { 'install-type': given } };
    const version = product === 'dse' ? '5.1.40' : '5.0.8';
    const profile = { product, 'datastax-version': version, json };
    await coordinator.call('PUT', `config_profiles/${ids.profileId}`, profile);
    await coordinator.call('PUT', `repositories/${ids.repositoryId}`, { 'repo-url': repoUrl });
    const facts = {
      installed: installedAs === undefined ? null : { product, version },
      hostname: 'a\u0000b', // which PostgreSQL would not look into
      'run-context': { 'install-options': { 'install-type': installedAs ?? 'package' } },
    };
    await store.db
      .updateTable('node')
      .set({ facts: JSON.stringify(facts) })
      .execute();
    const { input } = await readRunInput(store.db, jobNodeId, masterBox());
    return `${input.product} ${input.install.type}`;
  };

  for (const [product, repoUrl, options, expected] of [
    ['cassandra', 'http://repo.example/cassandra-5.0.8-bin.tar.gz?token=1', {}, 'tarball'],
    ['cassandra', 'http://repo.example/debian', {}, 'package'],
    ['cassandra', null, {}, 'tarball'],
    ['dse', 'http://repo.example/dse-5.1.40.tgz', {}, 'tarball'],
    ['dse', 'http://repo.example/debian', {}, 'package'],
    ['dse', null, {}, 'package'],
    ['dse', 'http://repo.example/debian', { installedAs: 'tarball' }, 'tarball'],
    ['cassandra', 'http://repo.example/cassandra.tar.gz', { installedAs: 'package' }, 'package'],
    ['dse', null, { given: 'tarball', installedAs: 'package' }, 'tarball'],
    ['cassandra', 'http://repo.example/cassandra.tar.gz', { given: 'package' }, 'package'],
  ] as const)
    it(`has install type ${expected} for ${product} from ${repoUrl} with ${JSON.stringify(options)}`, async () => {
      expect(await told(product, repoUrl, options)).to.equal(`${product} ${expected}`);
    });

  it('has a recipe of its own for stale nodes alone, which an agent that does not know it refuses', async () => {
    const jobId = await postRestart(coordinator, ids.clusterId, { 'only-stale': true });
    const id = (await coordinator.call('GET', `jobs/${jobId}/job_nodes/`)).body.results[0].id;
    expect((await readRunInput(store.db, id, masterBox())).input.recipe).to.equal('restart-stale');
    expect((await readRunInput(store.db, jobNodeId, masterBox())).input.recipe).to.equal('restart');
  });

  it('has a recipe of its own where it may go back, beside what is stale and what has secrets', async () => {
    const recipe = async (options: object, json: object) => {
      await coordinator.call('PUT', `config_profiles/${ids.profileId}`, {
        ...{ product: 'cassandra', 'datastax-version': '5.0.8', json },
      });
      const { body } = await coordinator.call('POST', 'actions/configure', {
        ...{ 'job-scope': 'cluster', 'resource-id': ids.clusterId, 'revert-on-failure': true },
        ...options,
      });
      const id = (await coordinator.call('GET', `jobs/${body.id}/job_nodes/`)).body.results[0].id;
      return (await readRunInput(store.db, id, masterBox())).input.recipe;
    };
    expect(await recipe({}, {})).to.equal('configure-reverting');
    const withSecret = { 'cassandra-yaml': { client_encryption_options: { keystore_password: 's3cret' } } };
    expect(await recipe({ 'only-stale': true }, withSecret)).to.equal(
      'configure-stale-reverting-with-secrets',
    );
    expect(await recipe({ 'revert-on-failure': false }, {})).to.equal('configure');
  });

  it('is a check where the job is a dry-run, of the job that it is, and gets no secret', async () => {
    const options = { 'job-scope': 'cluster', 'resource-id': ids.clusterId, 'dry-run': true };
    const told = async (type: string, more = {}) => {
      const { body } = await coordinator.call('POST', `/api/v2/lcm/actions/${type}`, {
        ...options,
        ...more,
      });
      const id = (await coordinator.call('GET', `jobs/${body.id}/job_nodes/`)).body.results[0].id;
      const { input } = await readRunInput(store.db, id, masterBox());
      const stored = await store.db
        .selectFrom('job')
        .select('sealed_secrets')
        .where('id', '=', body.id)
        .executeTakeFirstOrThrow();
      return { ...input, isDryRun: body['dry-run'], sealed: stored.sealed_secrets };
    };
    const restart = await told('restart', { 'only-stale': true });
    expect(restart).to.deep.include({ recipe: 'check', isDryRun: true });
    expect(restart.dryRun).to.deep.equal({ of: 'restart', onlyStale: true });
    await coordinator.call('PUT', `repositories/${ids.repositoryId}`, {
      'repo-url': 'http://repo.example/cassandra-5.0.8-bin.tar.gz',
    });
    await coordinator.call('PUT', `config_profiles/${ids.profileId}`, {
      ...{ product: 'cassandra', 'datastax-version': '5.0.8' },
      json: { 'install-options': { 'install-type': 'tarball' } },
    });
    const install = await told('install', { 'change-default-cassandra-password': 'blarg' });
    expect(install).to.deep.include({ recipe: 'check', defaultPassword: 'not-asked', sealed: null });
    expect(install.dryRun).to.deep.equal({ of: 'install', onlyStale: false });
    expect(install.repository?.url).to.contain('cassandra-5.0.8');
  });

  it('has the limits of a stop and the time to settle as the job says, and what holds otherwise', async () => {
    const { input } = await readRunInput(store.db, jobNodeId, masterBox());
    expect(input.settleMs).to.equal(10_000);
    expect(input.limits).to.include({ clientsMs: 5_000, drainMs: 120_000 });
  });
});
