// Every operation of the API's document, asked for on a running coordinator: what comes back is what the document promises.
import { expect } from 'chai';
import { MODELS } from '../../../shared/models.ts';
import { modelCluster, type TestCoordinator } from '../../support/coordinator.ts';
import { Judge } from '../../support/document.ts';
import { eventually } from '../../support/eventually.ts';
import { becomes, terminate } from '../../support/jobs.ts';
import { header, inDatabase, logIn, PASSWORD, startGuardedCoordinator } from '../../support/sign-in.ts';

describe('what the document promises', function () {
  this.timeout(120_000);
  let coordinator: TestCoordinator;
  let session: Record<string, string>;
  let judge: Judge;
  /** operation ids that were answered as it was wished */
  const done = new Set<string>();
  const faults: string[] = [];

  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${coordinator.restUrl}${path}`, {
      method,
      headers: { ...session, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const copy = answer.clone();
    faults.push(...(await judge.answerFaults(method, path, answer)));
    const found = judge.operation(method.toLowerCase(), new URL(path, 'http://x').pathname);
    // What never succeeds is looked at by being refused.
    const neverOk = Object.keys(found?.[1].responses ?? {}).every((status) => !status.startsWith('2'));
    if (found !== null && (copy.ok || neverOk)) done.add(found[1].operationId);
    return copy;
  };
  const made = async (path: string, body?: unknown): Promise<string> => {
    const answer = await ask('POST', path, body);
    expect(answer.status, path).to.equal(201);
    return ((await answer.json()) as { id: string }).id;
  };
  const call = (method: string, path: string, body?: unknown) =>
    coordinator.call(method, path, body, session);

  before(async () => {
    coordinator = await startGuardedCoordinator();
    session = header(await logIn(coordinator));
    judge = new Judge((await coordinator.call('GET', '/openapi.json')).body);
  });
  after(() => coordinator.remove());

  for (const version of ['v1', 'v2']) {
    it(`holds for every operation of ${version}`, async () => {
      const base = `/api/${version}/lcm`;
      const ids = await modelCluster({ call }, `c-${version}`, ['n1', 'n2']);
      const { clusterId, datacenterId, nodeIds, profileId, repositoryId } = ids;
      const scope = { 'job-scope': 'cluster', 'resource-id': clusterId };
      const below = { 'job-scope': 'datacenter', 'resource-id': datacenterId };
      const jobs: string[] = [];
      for (const action of [
        'restart',
        'configure',
        'check',
        'install',
        ...(version === 'v1' ? [] : ['upgrade']),
      ]) {
        const target = action === 'upgrade' ? below : scope;
        jobs.push(await made(`${base}/actions/${action}`, target));
        await ask('POST', `${base}/actions/${action}`, {});
        await ask('POST', `${base}/actions/${action}?plan=true`, target);
        await ask('POST', `${base}/actions/${action}?plan=x`, target);
        await ask('GET', `${base}/actions/${action}`);
      }
      await ask('GET', `${base}/actions/terminate`);
      const [job = ''] = jobs;
      for (const path of ['jobs', 'clusters', 'nodes', 'datacenters']) await ask('GET', `${base}/${path}/`);
      for (const what of ['pause', 'resume', 'retry']) await ask('POST', `${base}/jobs/${job}/${what}`);
      await ask('POST', `${base}/actions/terminate`, { 'job-id': job });
      await becomes({ call }, job, 'TERMINATED');
      await ask('POST', `${base}/jobs/${job}/pause`);
      expect((await ask('POST', `${base}/jobs/${job}/retry?plan=true`)).status).to.equal(200);
      jobs.push(((await (await ask('POST', `${base}/jobs/${job}/retry`)).json()) as { id: string }).id);
      await ask('POST', `${base}/actions/terminate`, { 'job-id': job }); // it is over
      for (const other of jobs.slice(1)) {
        await terminate({ call }, other);
        // A check that comes to its turn between the two ends by itself: nobody can look.
        const ends = other === jobs[2] ? ['TERMINATED', 'FAILED'] : ['TERMINATED'];
        await eventually(async () =>
          expect((await call('GET', `${base}/jobs/${other}`)).body.status).to.be.oneOf(ends),
        );
      }
      const [jobNode] = (await call('GET', `${base}/jobs/${job}/job_nodes/`)).body.results;
      const [event] = (await call('GET', `${base}/jobs/${job}/job_events/`)).body.results;
      const { id: jobNodeId, 'node-id': nodeId } = jobNode;
      const states = [{ path: '/x', state: 'edited', 'pushed-on': null, stale: null }];
      const told = JSON.stringify({ 'checked-on': '2026-11-02T10:00:00.000Z', states });
      await inDatabase(
        coordinator.databaseUrl,
        `insert into run (id, job_id, job_node_id, node_id, input, file_states)
          values (gen_random_uuid(), '${job}', '${jobNodeId}', '${nodeId}', '{}', '${told}')`,
      );
      for (const path of [
        '',
        'actions/',
        'settings/',
        'jobs/',
        'jobs/?per-page=1&page=2',
        'jobs/?per-page=0',
        `jobs/${job}`,
        `jobs/${job}/stream`,
        `jobs/${job}/stream?after=x`,
        `jobs/${job}/job_nodes/`,
        `jobs/${job}/job_events/`,
        'job_nodes/',
        `job_nodes/${jobNode.id}`,
        `job_nodes/${jobNode.id}/job_events/`,
        'job_events/',
        `job_events/${event.id}`,
        `clusters/${clusterId}/jobs/`,
        `clusters/${clusterId}/datacenters/`,
        `clusters/${clusterId}/nodes/`,
        `datacenters/${datacenterId}/nodes/`,
        `clusters/${clusterId}/maintenance_windows/`,
        `clusters/${clusterId}/job_schedules/`,
        `config_profiles/${profileId}/clusters/`,
        `config_profiles/${profileId}/datacenters/`,
        `config_profiles/${profileId}/nodes/`,
        'jobs/none',
        'definitions/',
        'definitions/6.8.36/',
        'definitions/5.0.8/?product=cassandra',
        'definitions/0.1/',
        'definitions/?product=x',
        `clusters/${clusterId}/cacert`,
        `nodes/${nodeId}/drift`,
        `nodes/${nodeIds.find((id) => id !== nodeId)}/drift`,
      ])
        await ask('GET', `${base}/${path}`);
      await ask('PUT', `${base}/settings/`, { 'install-idle-timeout': 901 });
      await ask('PUT', `${base}/settings/`, { 'install-idle-timeout': 'x' });
      await made(`${base}/config_profiles/${profileId}/clone`);
      await ask('POST', `${base}/config_profiles/${profileId}/clone?dry-run=true`);
      await ask('POST', `${base}/nodes/${nodeIds[0]}/enrolment`);
      await ask('POST', `${base}/nodes/${nodeIds[0]}`, { comment: 'changed' });

      const sound: Record<string, object> = {
        repositories: { name: 'r' },
        machine_credentials: { name: 'm', 'login-user': 'root' },
        config_profiles: { name: 'p', 'datastax-version': '6.8.36' },
        clusters: { name: 'c' },
        datacenters: { name: 'd', 'cluster-id': clusterId },
        nodes: { 'datacenter-id': datacenterId, 'ssh-management-address': '10.0.0.1' },
        maintenance_windows: { name: 'w', 'cluster-id': clusterId, cron: '0 1 * * *', duration: 240 },
        job_schedules: { name: 's', 'cluster-id': clusterId, 'job-type': 'check', cron: '0 1 * * *' },
      };
      for (const { path } of MODELS) {
        const key = { 'idempotency-key': `${version}-${path}` };
        const body = { ...sound[path] };
        const first = await ask('POST', `${base}/${path}/`, body, key);
        const { id } = (await first.json()) as { id: string };
        await ask('POST', `${base}/${path}/`, body, key);
        await ask('POST', `${base}/${path}/`, { ...body, comment: 'x' }, key);
        await ask('POST', `${base}/${path}/`, { ...body, unknown: 1 });
        await ask('POST', `${base}/${path}/?dry-run=true`, { ...body, name: 'tried' });
        await ask('GET', `${base}/${path}/`);
        const at = `${base}/${path}/${id}`;
        const tag = (await ask('GET', at)).headers.get('etag') ?? '';
        expect((await ask('GET', at, undefined, { 'if-none-match': tag })).status).to.equal(304);
        await ask('PUT', at, { comment: 'changed' }, { 'if-match': tag });
        await ask('PUT', at, { comment: 'changed' }, { 'if-match': tag });
        await ask('DELETE', at, undefined, { 'if-match': tag, accept: 'application/problem+json' });
        await ask('DELETE', at);
        await ask('GET', at, undefined, { accept: 'application/problem+json' });
      }
      await ask('DELETE', `${base}/repositories/${repositoryId}`); // still referred to
      await ask('POST', `${base}/clusters/`, `{"name":"${'x'.repeat(300_000)}"}`);
      await ask('POST', `${base}/clusters/`, { name: 'evil' }, { origin: 'http://evil.example' });
      await ask('GET', `${base}/jobs/`, undefined, { 'opscenter-session': 'none' });
    });
  }

  it('holds for the routes at the root', async () => {
    for (const path of ['/meta', '/cluster-configs', '/livez', '/readyz', '/openapi.json'])
      await ask('GET', path);
    await ask('POST', '/login', { username: 'admin', password: 'wrong' });
    await ask('POST', '/login', { username: 'admin' });
    await ask('POST', '/login', `username=admin&password=${encodeURIComponent(PASSWORD)}`);
    await ask('PUT', '/users/nobody', { password: 'long enough', old_password: 'x' });
    await ask('PUT', '/users/admin', { password: 'short', old_password: PASSWORD });
    await ask('PUT', '/users/admin', { password: `${PASSWORD}!`, old_password: PASSWORD });
    await ask('GET', '/logout');
    await ask('POST', '/logout');
    await ask('GET', '/meta');
  });

  it('was looked at for all of it', () => {
    const all = Object.values(judge.document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(all.filter((id) => !done.has(id))).to.deep.equal([]);
    expect([...new Set(faults)]).to.deep.equal([]);
  });
});
