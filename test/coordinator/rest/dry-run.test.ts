// Writes that are only tried: checked and answered as if they were done, and nothing is other than before.
import { expect } from 'chai';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { databaseState, expectRefusal } from '../../support/refusals.ts';

const PROFILE = {
  name: 'base',
  product: 'cassandra',
  'datastax-version': '5.0.8',
  json: { 'cassandra-yaml': { num_tokens: 8 } },
};

describe('a dry run', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let clusterId: string;
  let stored: string;
  before(async () => {
    coordinator = await startTestCoordinator();
    ({ clusterId } = await modelCluster(coordinator, 'ring', ['10.0.0.1']));
    stored = `config_profiles/${(await coordinator.call('POST', 'config_profiles/', PROFILE)).body.id}`;
  });
  after(() => coordinator.remove());

  /** What is answered to a write that is tried, once it was seen that nothing was done. */
  const tried = async (method: string, path: string, body?: unknown) => {
    const before = await databaseState(coordinator.databaseUrl);
    const answer = await coordinator.call(method, `${path}?dry-run=true`, body);
    expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
    expect(await databaseState(coordinator.databaseUrl)).to.deep.equal(before);
    return answer;
  };

  it('shows the record that would be made, which is nowhere then', async () => {
    const { headers, body } = await tried('POST', 'config_profiles/', { ...PROFILE, name: 'tried' });
    expect([headers.get('location'), body.name, body.json]).to.deep.equal([null, 'tried', PROFILE.json]);
    expect((await coordinator.call('GET', `config_profiles/${body.id}`)).status).to.equal(404);
  });

  it('shows a record changed, cloned and deleted', async () => {
    expect((await tried('PUT', stored, { comment: 'tried' })).body.comment).to.equal('tried');
    expect((await tried('POST', `${stored}/clone`)).body.name).to.equal('base (copy)');
    expect((await tried('DELETE', stored)).body.deleted).to.equal(true);
    expect((await tried('DELETE', `clusters/${clusterId}`)).body.deleted).to.equal(true);
  });

  it('is refused for what the write would be refused for', async () => {
    const json = { 'cassandra-yaml': { num_tokns: 8 } };
    const post = { method: 'POST', path: 'config_profiles/?dry-run=true' };
    await expectRefusal(
      coordinator,
      { ...post, body: { ...PROFILE, name: 'tried', json } },
      {
        status: 400,
        type: 'InvalidConfigKeys',
        fields: ['/json/cassandra-yaml/num_tokns'],
        says: /did you mean num_tokens/,
      },
    );
    const taken = {
      status: 409,
      type: 'Conflict',
      fields: ['/name'],
      says: /already a config-profile named/,
    };
    await expectRefusal(coordinator, { ...post, body: PROFILE }, taken);
  });

  it('uses no Idempotency-Key up', async () => {
    const post = async (query: string): Promise<number> => {
      const headers = { 'idempotency-key': 'one-thing' };
      return (await coordinator.call('POST', `repositories/${query}`, { name: 'once' }, headers)).status;
    };
    expect([await post('?dry-run=true'), await post('?dry-run=false')]).to.deep.equal([200, 201]);
  });

  it('is refused where there is none, and where it is not clear whether it is meant', async () => {
    const restart = { 'job-scope': 'cluster', 'resource-id': clusterId };
    const wrong = { status: 400, type: 'InvalidInput', fields: ['/dry-run'] };
    const none = { ...wrong, says: /for records of the model alone/ };
    await expectRefusal(
      coordinator,
      { method: 'POST', path: 'actions/restart?dry-run=true', body: restart },
      none,
    );
    await expectRefusal(coordinator, { method: 'PUT', path: 'settings?dry-run=true', body: {} }, none);
    for (const query of ['dry-run=yes', 'dry-run', 'dry-run=true&dry-run=false'])
      await expectRefusal(
        coordinator,
        { method: 'POST', path: `repositories/?${query}`, body: { name: 'unclear' } },
        { ...wrong, says: /must be true or false/ },
      );
  });

  it('is refused where its name is nearly said, since the write would be done', async () => {
    const id = (await coordinator.call('POST', 'repositories/', { name: 'kept' })).body.id;
    for (const name of ['dry_run', 'Dry-Run', 'dryrun'])
      await expectRefusal(
        coordinator,
        { method: 'DELETE', path: `repositories/${id}?${name}=true` },
        { status: 400, type: 'InvalidInput', fields: [`/${name}`], says: /dry-run may be meant/ },
      );
    await expectRefusal(
      coordinator,
      { method: 'DELETE', path: `repositories/${id}?plan=true` },
      { status: 400, type: 'InvalidInput', fields: ['/plan'], says: /is for what makes a job/ },
    );
    const other = await coordinator.call('PUT', `repositories/${id}?constructor=1`, { comment: 'x' });
    expect(other.status).to.equal(200);
    const restart = { 'job-scope': 'cluster', 'resource-id': clusterId };
    for (const name of ['Plan', 'plans'])
      await expectRefusal(
        coordinator,
        { method: 'POST', path: `actions/restart?${name}=true`, body: restart },
        { status: 400, type: 'InvalidInput', fields: [`/${name}`], says: /plan may be meant/ },
      );
    expect((await coordinator.call('GET', `repositories/${id}`)).status).to.equal(200);
  });
});
