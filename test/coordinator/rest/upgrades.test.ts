// Upgrades as they are asked for by REST, and as agents are given them.
import { expect } from 'chai';
import type { RunInput, RunSecrets } from '../../../shared/run-input.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { becomes, jobOf, nodesOf } from '../../support/jobs.ts';
import { type LinkAgent, startLinkAgent } from '../../support/link-agent.ts';

describe('an upgrade asked for by REST', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let ids: Awaited<ReturnType<typeof modelCluster>>;
  const given: { input: RunInput; secrets: RunSecrets }[] = [];
  const agents: LinkAgent[] = [];
  /** what agents see on their hosts */
  let installed: { product: string; version: string } | null = null;
  const path = '/api/v2/lcm/actions/upgrade';
  const upgrade = (body: object, headers = {}) => coordinator.call('POST', path, body, headers);
  const datacenter = (options: object = {}) => ({
    'job-scope': 'datacenter',
    'resource-id': ids.datacenterId,
    ...options,
  });
  const put = async (at: string, body: unknown) => {
    const answer = await coordinator.call('PUT', at, body);
    expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
  };

  before(async () => {
    coordinator = await startTestCoordinator();
    ids = await modelCluster(coordinator, 'c1', ['seed', 'other']);
    await put(`repositories/${ids.repositoryId}`, { username: 'me', password: 'of-repository' });
    for (const nodeId of ids.nodeIds) {
      const { body } = await coordinator.call('POST', `nodes/${nodeId}/enrolment`);
      const agent = await startLinkAgent(body.bundle, (input) => [
        {
          name: 'take',
          async *run({ secrets }) {
            given.push({ input, secrets });
            const after = { installed };
            yield {
              type: 'milestone',
              subtype: 'facts',
              resource: null,
              message: 'Seen',
              changes: false,
              after,
            };
          },
        },
      ]);
      agents.push(agent);
    }
  });
  beforeEach(() => given.splice(0));
  after(async () => {
    for (const agent of agents) await agent.stop();
    await coordinator.remove();
  });

  it('is a job of its own type on the nodes of the datacenter, seeds last, and shows its options', async () => {
    const { status, body } = await upgrade(
      datacenter({ 'take-snapshot': true, 'continue-on-error': 'true' }),
    );
    expect(status).to.equal(201);
    expect(body).to.include({
      'job-type': 'upgrade',
      'datacenter-id': ids.datacenterId,
    });
    await becomes(coordinator, body.id, 'COMPLETE');
    expect(await nodesOf(coordinator, body.id)).to.deep.equal(['other COMPLETE', 'seed COMPLETE']);
    expect((await jobOf(coordinator, body.id))['job-data']).to.deep.equal({
      'job-type': 'upgrade',
      'take-snapshot': true,
      'continue-on-error': true,
    });
    const listed = await coordinator.call('GET', 'jobs/?job-type=upgrade');
    expect(listed.body.results.map(({ id }: { id: string }) => id)).to.deep.equal([body.id]);
  });

  it('gives agents the version of the profile, where to get it from and the password for that', async () => {
    await put(`config_profiles/${ids.profileId}`, { 'datastax-version': '5.0.9' });
    const { body } = await upgrade(datacenter());
    await becomes(coordinator, body.id, 'COMPLETE');
    expect(given).to.have.length(2);
    for (const { input, secrets } of given) {
      expect(input).to.deep.include({
        recipe: 'upgrade',
        product: 'cassandra',
        version: '5.0.9',
        repository: { name: 'c1-repository', url: 'file:///nowhere/cassandra.tar.gz', username: 'me' },
        defaultPassword: 'not-asked',
      });
      expect([input.snapshot, input.sstables], 'the agent decides').to.deep.equal([undefined, undefined]);
      expect(secrets.repositoryPassword).to.equal('of-repository');
    }
  });

  it('takes the secrets of a profile along, under a name that earlier agents refuse', async () => {
    const options = { keystore_password: 'hush' };
    await put(`config_profiles/${ids.profileId}`, {
      json: { 'cassandra-yaml': { server_encryption_options: options } },
    });
    const node = {
      'job-scope': 'node',
      'resource-id': ids.nodeIds[0],
      'take-snapshot': false,
      'upgrade-sstables': true,
    };
    await becomes(coordinator, (await upgrade(node)).body.id, 'COMPLETE');
    expect(
      given.map(({ input: { recipe, snapshot, sstables } }) => [recipe, snapshot, sstables]),
    ).to.deep.equal([['upgrade-with-secrets', false, true]]);
    expect(JSON.stringify(given[0]?.input)).to.not.contain('hush');
    expect(Object.values(given[0]?.secrets.profile ?? {})).to.deep.equal(['hush']);
    await put(`config_profiles/${ids.profileId}`, { json: {} });
  });

  it('gives agents the repository of the packages where the profile says that these are installed', async () => {
    await put(`repositories/${ids.repositoryId}`, { 'deb-dist': './' });
    await put(`config_profiles/${ids.profileId}`, {
      json: { 'install-options': { 'install-type': 'package' } },
    });
    await becomes(coordinator, (await upgrade(datacenter())).body.id, 'COMPLETE');
    expect(given).to.have.length(2);
    for (const { input, secrets } of given) {
      expect(input).to.deep.include({
        recipe: 'upgrade',
        version: '5.0.9',
        install: { type: 'package', directory: '/usr/share/cassandra' },
        repository: null,
      });
      expect(input.packageRepository).to.include({
        manual: false,
        url: 'file:///nowhere/cassandra.tar.gz',
        username: 'me',
        dist: './',
      });
      expect(secrets.repositoryPassword).to.equal('of-repository');
    }
    await put(`config_profiles/${ids.profileId}`, { json: {} });
  });

  it('fails with the reason where there is no repository, or is refused when that is asked for', async () => {
    await put(`clusters/${ids.clusterId}`, { 'repository-id': null });
    const strict = await upgrade(datacenter(), { prefer: 'handling=strict' });
    expect([strict.status, strict.body.errors[0].pointer]).to.deep.equal([400, '/resource-id']);
    expect(strict.body.errors[0].message).to.match(/without a repository/);
    const { status, body } = await upgrade(datacenter());
    expect(status).to.equal(201);
    await becomes(coordinator, body.id, 'FAILED');
    const events = (await coordinator.call('GET', `jobs/${body.id}/job_events/`)).body.results;
    expect(JSON.stringify(events)).to.contain('no repository with a repo-url');
    expect(given).to.deep.equal([]);
    await put(`clusters/${ids.clusterId}`, { 'repository-id': ids.repositoryId });
  });

  it('is refused where jobs saw a version on a node from which there is no way, when that is asked for', async () => {
    const strict = { prefer: 'handling=strict' };
    const seen = async (product: string, version: string) => {
      installed = { product, version };
      await becomes(coordinator, (await upgrade(datacenter())).body.id, 'COMPLETE');
    };
    await put(`config_profiles/${ids.profileId}`, { 'datastax-version': '5.0.8' });
    for (const [product, version, says] of [
      [
        'cassandra',
        '4.0.12',
        /: seed \(cassandra 4\.0\.12 to cassandra 5\.0\.8: .* but for 4\.1 to 5\.0 of cassandra; what can/,
      ],
      ['cassandra', '5.0.9', /earlier version; what can be asked for is a later one than 5\.0\.9/],
      ['dse', '5.1.40', /does not change the product/],
    ] as const) {
      await seen(product, version);
      const one = { 'job-scope': 'node', 'resource-id': ids.nodeIds[0] };
      const { status, body } = await upgrade(one, strict);
      expect([status, body.errors[0].pointer]).to.deep.equal([400, '/resource-id']);
      expect(body.errors[0].message).to.match(says).and.contain('datastax-version');
    }
    for (const version of ['4.1.7', '5.0.8', '5.0.7-1', 'unclear']) {
      await seen('cassandra', version);
      expect((await upgrade(datacenter(), strict)).status, version).to.equal(201);
    }
  });
});
