// The two ways to a password of the role cassandra: fields of the cluster (v2), an option of the job (v1).
import { expect } from 'chai';
import type { Recipe } from '../../../agent/steps/step.ts';
import type { RunInput, RunSecrets } from '../../../shared/run-input.ts';
import {
  modelCluster,
  startTestCoordinator,
  type TestCoordinator,
  WITH_PASSWORDS,
} from '../../support/coordinator.ts';
import { becomes } from '../../support/jobs.ts';
import { type LinkAgent, startLinkAgent } from '../../support/link-agent.ts';

describe('the passwords of a cluster', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let ids: Awaited<ReturnType<typeof modelCluster>>;
  let agent: LinkAgent;
  /** of the newest run: what it is to do about the password, and what it was given for that */
  let given: { plan: RunInput['defaultPassword']; secrets: RunSecrets };
  const install = async (options: Record<string, unknown> = {}) => {
    const body = { 'job-scope': 'cluster', 'resource-id': ids.clusterId, ...options };
    const { id } = (await coordinator.call('POST', 'actions/install', body)).body;
    await becomes(coordinator, id, 'COMPLETE');
    return given;
  };
  const put = async (version: string, body: unknown) =>
    (await coordinator.call('PUT', `/api/${version}/lcm/clusters/${ids.clusterId}`, body)).body;

  const recipe: Recipe = (input) => [
    {
      name: 'take-note',
      async *run({ secrets }) {
        yield { type: 'check', subtype: 'noted', resource: null, message: 'Noted', changes: false };
        given = { plan: input.defaultPassword, secrets };
      },
    },
  ];

  beforeEach(async () => {
    coordinator = await startTestCoordinator();
    ids = await modelCluster(coordinator, 'c1', ['n1'], WITH_PASSWORDS);
    const { body } = await coordinator.call('POST', `nodes/${ids.nodeIds[0]}/enrolment`);
    agent = await startLinkAgent(body.bundle, recipe);
  });
  afterEach(async () => {
    await agent.stop();
    await coordinator.remove();
  });

  it('are taken, never shown, and used once, from the old one to the new one', async () => {
    expect((await install()).plan).to.equal('not-asked');
    for (const version of ['v1', 'v2']) {
      const shown = await put(version, { 'old-password': 'canary-old', 'new-password': 'canary-new' });
      expect(JSON.stringify(shown)).to.not.match(/canary|password":"/);
    }
    const { plan, secrets } = await install();
    expect(plan).to.equal('to-change');
    expect(secrets).to.include({ oldCassandraPassword: 'canary-old', newCassandraPassword: 'canary-new' });
    expect(await put('v1', {})).to.include({ 'has-default-password': false });
    const later = await install({ 'change-default-cassandra-password': 'later' });
    expect(later.plan).to.equal('changed-before');
    expect(later.secrets.newCassandraPassword).to.equal(null);
  });

  it('give way to the one that a job brings, from what a first start gave unless the cluster says otherwise', async () => {
    const { plan, secrets } = await install({ 'change-default-cassandra-password': 'of the job' });
    expect(plan).to.equal('to-change');
    expect(secrets).to.include({ oldCassandraPassword: null, newCassandraPassword: 'of the job' });
  });

  it('give way to the one that a job brings, on a cluster that has its own', async () => {
    await put('v2', { 'old-password': 'old', 'new-password': 'of the cluster' });
    const { secrets } = await install({ 'change-default-cassandra-password': 'of the job' });
    expect(secrets).to.include({ oldCassandraPassword: 'old', newCassandraPassword: 'of the job' });
  });

  it('fail an install before its first node is touched, where no role has a password on its last', async () => {
    const more = { 'datacenter-id': ids.datacenterId, 'ssh-management-address': '127.0.0.2' };
    const open = { name: 'open', 'datastax-version': '5.0.8', product: 'cassandra' };
    const yaml = { authenticator: { class_name: 'org.apache.cassandra.auth.AllowAllAuthenticator' } };
    const profile = await coordinator.call('POST', 'config_profiles/', {
      ...open,
      json: { 'cassandra-yaml': yaml },
    });
    await coordinator.call('POST', 'nodes/', { ...more, name: 'n2', 'config-profile-id': profile.body.id });
    const body = { 'job-scope': 'cluster', 'resource-id': ids.clusterId };
    const password = { 'change-default-cassandra-password': 'new' };
    const job = await coordinator.call('POST', '/api/v2/lcm/actions/install', { ...body, ...password });
    expect(job.status).to.equal(201);
    await becomes(coordinator, job.body.id, 'FAILED');
    const events = (await coordinator.call('GET', `jobs/${job.body.id}/job_events/`)).body.results;
    const told = events.map((event: Record<string, string>) => event['message']);
    expect(told.slice(1, 3)).to.deep.equal([
      'The default password of cassandra cannot be changed: authenticator in cassandra-yaml is AllowAllAuthenticator (config profile open of node n2). Set it to PasswordAuthenticator there, or give no new password',
      'Not started because n1 failed',
    ]);
  });
});
