// Entity tags of model records: nobody overwrites or deletes what he has not seen, and nobody reads again what he has.
import { expect } from 'chai';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { becomes, postRestart, terminate } from '../../support/jobs.ts';

describe('entity tags of the model', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let ids: Awaited<ReturnType<typeof modelCluster>>;
  const paths: Record<string, string> = {};
  const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: unknown) =>
    fetch(`${coordinator.restUrl}/api/v2/lcm/${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const tagOf = async (path: string): Promise<string> => {
    const answer = await ask('GET', path);
    await answer.arrayBuffer();
    return answer.headers.get('etag') ?? 'none';
  };
  const refused = async (answer: Response, field: string) => {
    const { code, type, message, msg, errors } = (await answer.json()) as Record<string, unknown>;
    expect([answer.status, code, type]).to.deep.equal([412, 412, 'PreconditionFailed']);
    expect(msg).to.equal(message);
    expect((errors as { pointer: string }[]).map(({ pointer }) => pointer)).to.deep.equal([`/${field}`]);
  };

  before(async () => {
    coordinator = await startTestCoordinator();
    ids = await modelCluster(coordinator, 'c1', ['n1']);
    const { body } = await coordinator.call('POST', 'machine_credentials/', { name: 'ops' });
    paths['machine_credentials'] = `machine_credentials/${body.id}`;
    paths['repositories'] = `repositories/${ids.repositoryId}`;
    paths['config_profiles'] = `config_profiles/${ids.profileId}`;
    paths['clusters'] = `clusters/${ids.clusterId}`;
    paths['datacenters'] = `datacenters/${ids.datacenterId}`;
    paths['nodes'] = `nodes/${ids.nodeIds[0]}`;
    const freeze = { name: 'f', kind: 'freeze', from: '2026-01-01T00:00:00Z', 'cluster-id': ids.clusterId };
    paths['maintenance_windows'] =
      `maintenance_windows/${(await coordinator.call('POST', 'maintenance_windows/', freeze)).body.id}`;
    const nightly = { name: 's', 'job-type': 'restart', cron: '0 1 * * *', 'cluster-id': ids.clusterId };
    paths['job_schedules'] =
      `job_schedules/${(await coordinator.call('POST', 'job_schedules/', nightly)).body.id}`;
  });
  after(() => coordinator.remove());

  for (const kind of [
    'machine_credentials',
    'repositories',
    'config_profiles',
    'clusters',
    'datacenters',
    'nodes',
    'maintenance_windows',
    'job_schedules',
  ]) {
    it(`refuses a change of ${kind} by who has not seen the last one`, async () => {
      const path = paths[kind] ?? '';
      const tag = await tagOf(path);
      expect(tag).to.match(/^"[\w.-]+"$/);
      expect(await tagOf(path)).to.equal(tag);
      const first = await ask('PUT', path, { 'if-match': tag }, { comment: 'first' });
      expect(first.status).to.equal(200);
      expect(first.headers.get('etag')).to.equal(await tagOf(path));
      await refused(await ask('PUT', path, { 'if-match': tag }, { comment: 'second' }), 'if-match');
      await refused(await ask('DELETE', path, { 'if-match': tag }), 'if-match');
      expect(await (await ask('GET', path)).json()).to.have.property('comment', 'first');
    });

    it(`answers 304 for ${kind} to who has it already`, async () => {
      const path = paths[kind] ?? '';
      const tag = await tagOf(path);
      for (const header of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
        const answer = await ask('GET', path, { 'if-none-match': header });
        expect([answer.status, await answer.text(), answer.headers.get('etag')], header).to.deep.equal([
          304,
          '',
          tag,
        ]);
      }
      expect((await ask('GET', path, { 'if-none-match': '"other"' })).status).to.equal(200);
    });
  }

  it('takes a change without a precondition, with *, with one of several tags, and with a tag of the other version', async () => {
    const path = `nodes/${ids.nodeIds[0]}`;
    const taken = async (headers: Record<string, string>, method = 'PUT') => {
      const answer = await ask(method, path, headers, { comment: `${Math.random()}` });
      expect(answer.status, JSON.stringify(headers)).to.equal(200);
    };
    await taken({});
    await taken({ 'if-match': '*' });
    await taken({ 'if-match': `"other", ${await tagOf(path)}` });
    await taken({ 'if-match': (await coordinator.call('GET', path)).headers.get('etag') ?? '' });
    await taken({ 'if-match': await tagOf(path) }, 'POST');
    await refused(await ask('PUT', path, { 'if-match': `W/${await tagOf(path)}` }, {}), 'if-match');
    await refused(await ask('POST', path, { 'if-match': '"other"' }, {}), 'if-match');
    await refused(await ask('PUT', path, { 'if-none-match': '*' }, {}), 'if-none-match');
  });

  it('lets one of many changes through that were all meant for the same state', async () => {
    const path = `clusters/${ids.clusterId}`;
    const tag = await tagOf(path);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) => ask('PUT', path, { 'if-match': tag }, { comment: `${at}` })),
    );
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([200, ...Array(11).fill(412)]);
  });

  it('has a new tag after a change of a secret, which no answer shows', async () => {
    const path = paths['machine_credentials'] ?? '';
    const tag = await tagOf(path);
    await ask('PUT', path, {}, { 'login-password': 'another' });
    await refused(await ask('PUT', path, { 'if-match': tag }, { comment: 'x' }), 'if-match');
  });

  it('shows what jobs did as new, and does not hold it against a change', async () => {
    const path = `clusters/${ids.clusterId}`;
    const tag = await tagOf(path);
    const job = await postRestart(coordinator, ids.clusterId);
    expect(await tagOf(path)).not.to.equal(tag);
    expect((await ask('GET', path, { 'if-none-match': tag })).status).to.equal(200);
    expect((await ask('PUT', path, { 'if-match': tag }, { comment: 'beside the job' })).status).to.equal(200);
    await terminate(coordinator, job);
    await becomes(coordinator, job, 'TERMINATED');
  });

  it('answers 404 before it looks at a tag, and 400 for what is none', async () => {
    const absent = 'clusters/00000000-0000-4000-8000-000000000000';
    expect((await ask('PUT', absent, { 'if-match': '*' }, {})).status).to.equal(404);
    for (const header of ['', 'abc', '"a" "b"', '"a",', `"${'a'.repeat(5_000)}"`])
      for (const [method, name] of [
        ['PUT', 'if-match'],
        ['GET', 'if-none-match'],
      ] as const) {
        const answer = await ask(
          method,
          `clusters/${ids.clusterId}`,
          { [name]: header },
          method === 'PUT' ? {} : undefined,
        );
        const { errors } = (await answer.json()) as { errors: { pointer: string }[] };
        expect([answer.status, errors[0]?.pointer], header).to.deep.equal([400, `/${name}`]);
      }
  });

  it('gives a new record its tag, and deletes only what is as it was seen', async () => {
    const made = await ask('POST', 'repositories/', {}, { name: 'short-lived' });
    const path = `repositories/${((await made.json()) as { id: string }).id}`;
    const tag = made.headers.get('etag') ?? '';
    expect(tag).to.equal(await tagOf(path));
    await refused(await ask('DELETE', path, { 'if-match': '"other"' }), 'if-match');
    expect((await ask('DELETE', path, { 'if-match': tag })).status).to.equal(200);
    expect((await ask('DELETE', path, { 'if-match': tag })).status).to.equal(404);
  });
});
