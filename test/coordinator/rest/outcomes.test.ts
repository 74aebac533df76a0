// What jobs leave in the model: facts, what is converged since when, and what became of the default password.
import { expect } from 'chai';
import type { Recipe, Step } from '../../../agent/steps/step.ts';
import { StepFailed } from '../../../shared/errors.ts';
import {
  modelCluster,
  startTestCoordinator,
  type TestCoordinator,
  WITH_PASSWORDS,
} from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { startLinkAgent } from '../../support/link-agent.ts';
import { expectRefusal } from '../../support/refusals.ts';

/** What a node's agent does in place of a recipe; a test changes it. */
interface Role {
  facts: Record<string, unknown>;
  fails: boolean;
  /** tells that it wrote configuration files, as an upgrade does when there is something to upgrade */
  writes: boolean;
  /** events of a wait before that */
  waits: number;
  /** looked at last */
  factsAtEnd?: Record<string, unknown>;
  /** the versions that it was given, one a run */
  versions: string[];
}

const WROTE = { resource: null, changes: false };

const roleOf = (role: Role): Recipe =>
  function recipe(input) {
    role.versions.push(input.version);
    const step: Step = {
      name: 'tell-facts',
      async *run() {
        yield { type: 'check', subtype: 'facts', resource: null, message: 'Looking', changes: false };
        const after = {
          ...role.facts,
          'run-context': { 'install-options': { 'install-directory': input.install.directory } },
        };
        yield {
          type: 'milestone',
          subtype: 'facts',
          resource: null,
          message: 'Looked',
          changes: false,
          after,
        };
        const wrote = { ...WROTE, message: 'Wrote 9 files' };
        for (let n = 1; n <= role.waits; n += 1)
          yield { ...WROTE, type: 'check', subtype: 'gate', message: `Waiting, ${n}` };
        if (role.writes) yield { type: 'milestone', subtype: 'config-files-written', ...wrote };
        if (role.factsAtEnd !== undefined)
          yield {
            ...WROTE,
            type: 'milestone',
            subtype: 'facts',
            message: 'Looked again',
            after: role.factsAtEnd,
          };
        if (role.fails) throw new StepFailed('as-asked', 'This one fails');
      },
    };
    return [step];
  };

describe('what jobs leave in the model', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let ids: Awaited<ReturnType<typeof modelCluster>>;
  const roles: Role[] = [];
  const agents: Awaited<ReturnType<typeof startLinkAgent>>[] = [];
  const get = async (path: string) => (await coordinator.call('GET', path)).body;
  const node = (at: number) => get(`nodes/${ids.nodeIds[at]}`);
  const cluster = () => get(`clusters/${ids.clusterId}`);
  const convergedOn = async () => (await get(`datacenters/${ids.datacenterId}`))['converged-on'];
  const put = async (path: string, body: unknown) => {
    const answer = await coordinator.call('PUT', path, body);
    expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
  };
  const run = async (action: string, status: string, body: Record<string, unknown> = {}) => {
    const target = { 'job-scope': 'cluster', 'resource-id': ids.clusterId, ...body };
    const { id } = (await coordinator.call('POST', `/api/v2/lcm/actions/${action}`, target)).body;
    return await eventually(async () => {
      const job = await get(`jobs/${id}`);
      expect(job.status).to.equal(status);
      return job;
    });
  };

  before(async () => {
    coordinator = await startTestCoordinator();
    ids = await modelCluster(coordinator, 'c1', ['n1', 'n2'], WITH_PASSWORDS);
    for (const nodeId of ids.nodeIds) {
      const role: Role = {
        facts: { hostname: `host of ${nodeId}` },
        fails: false,
        writes: false,
        waits: 0,
        versions: [],
      };
      roles.push(role);
      const { body } = await coordinator.call('POST', `nodes/${nodeId}/enrolment`);
      agents.push(await startLinkAgent(body.bundle, roleOf(role)));
    }
  });
  after(async () => {
    for (const agent of agents) await agent.stop();
    await coordinator.remove();
  });
  const role = (at: number): Role => roles[at] as Role;

  it("keeps the facts of a node, of a failed run too, and its time of change stays the operator's", async () => {
    const before = await node(0);
    expect(before.facts).to.equal(null);
    Object.assign(role(0), {
      fails: true,
      facts: { odd: 'NUL \0, half \ud800', huge: 1e300, deep: { a: [null] } },
    });
    await run('install', 'FAILED');
    const { facts, 'modified-on': modified, 'converged-on': converged } = await node(0);
    expect(facts).to.deep.equal({
      ...role(0).facts,
      'run-context': { 'install-options': { 'install-directory': '/opt/cassandra' } },
    });
    expect([modified, converged]).to.deep.equal([before['modified-on'], null]);
    expect(await cluster()).to.include({ 'opsc-cluster-id': null, 'has-default-password': true });
  });

  it('knows a node as converged once an install succeeded, and the datacenter once all its nodes are', async () => {
    Object.assign(role(0), { fails: false, facts: { hostname: 'again' } });
    await run('install', 'COMPLETE', { 'job-scope': 'node', 'resource-id': ids.nodeIds[0] });
    expect((await node(0)).facts.hostname).to.equal('again');
    expect(await convergedOn()).to.equal(null);
    const job = await run('install', 'COMPLETE');
    const [first, second] = [(await node(0))['converged-on'], (await node(1))['converged-on']];
    expect(first >= job['created-on'] && first <= second).to.equal(true);
    expect(await convergedOn()).to.equal(first);
    expect(await cluster()).to.include({ 'opsc-cluster-id': ids.clusterId, 'has-default-password': true });
  });

  it('moves neither with a restart, nor with a configure that fails', async () => {
    const before = [await node(0), await node(1), await convergedOn()];
    await run('restart', 'COMPLETE');
    role(0).fails = true;
    await run('configure', 'FAILED', { 'job-scope': 'node', 'resource-id': ids.nodeIds[0] });
    role(0).fails = false;
    const jobs = (record: Record<string, unknown>) => ({
      ...record,
      'last-job-id': null,
      'job-status': null,
      agent: null, // seen again meanwhile
    });
    expect([jobs(await node(0)), jobs(await node(1)), await convergedOn()]).to.deep.equal([
      jobs(before[0]),
      jobs(before[1]),
      before[2],
    ]);
  });

  it('counts a configuration from when the node was given it, so that a change meanwhile shows', async () => {
    const before = await convergedOn();
    await run('configure', 'COMPLETE', { 'job-scope': 'node', 'resource-id': ids.nodeIds[0] });
    expect((await node(0))['converged-on'] > before).to.equal(true);
    await run('configure', 'COMPLETE', { 'job-scope': 'node', 'resource-id': ids.nodeIds[1] });
    expect(await convergedOn()).to.equal((await node(0))['converged-on']);
  });

  it('counts an upgrade as a configuration where there was something to upgrade, and nowhere else', async () => {
    const upgrade = (status: string, scope: string, id = '') =>
      run('upgrade', status, { 'job-scope': scope, 'resource-id': id });
    const dates = async () => [(await node(0))['converged-on'], (await node(1))['converged-on']];
    const before = await dates();
    await upgrade('COMPLETE', 'datacenter', ids.datacenterId);
    expect(await dates()).to.deep.equal(before);
    role(1).writes = true;
    role(1).fails = true;
    await upgrade('FAILED', 'node', ids.nodeIds[1]);
    expect(await dates()).to.deep.equal(before);
    expect(await node(1)).to.include({ 'job-status': 'FAILED' });
    role(1).fails = false;
    role(1).waits = 300; // as before a stop that nobody allows for long
    role(1).factsAtEnd = { installed: { version: '5.0.9' } };
    const { id } = await upgrade('COMPLETE', 'datacenter', ids.datacenterId);
    role(1).writes = false;
    role(1).waits = 0;
    expect((await node(1)).facts, 'the last that were told').to.deep.equal(role(1).factsAtEnd);
    delete role(1).factsAtEnd;
    const after = await dates();
    expect(after[0]).to.equal(before[0]);
    expect(after[1] > before[1]).to.equal(true);
    expect(await node(1)).to.include({ 'job-status': 'COMPLETE', 'last-job-id': id });
    expect(await convergedOn()).to.equal(after[0]);
  });

  it('keeps what a check saw, and takes it for no attempt, whether it fails or not; all nodes are looked at', async () => {
    const before = [await node(0), await node(1), await cluster()];
    const kept = ({
      'job-status': status,
      'last-job-id': id,
      'converged-on': on,
    }: (typeof before)[number]) => [...[status, id, on]];
    role(0).facts = { hostname: 'as checked' };
    role(0).fails = true;
    role(1).fails = true;
    const { id, ...job } = await run('check', 'FAILED');
    Object.assign(role(0), { fails: false });
    Object.assign(role(1), { fails: false });
    expect(job['dry-run']).to.equal(true);
    const { results } = await get(`jobs/${id}/job_nodes/`);
    expect(results.map(({ status, batch }: Record<string, unknown>) => [status, batch])).to.deep.equal([
      ['FAILED', 1],
      ['FAILED', 1],
    ]);
    const after = [await node(0), await node(1), await cluster()];
    expect(after.map(kept)).to.deep.equal(before.map(kept));
    expect(after[0].facts.hostname).to.equal('as checked');
    const target = { 'job-scope': 'cluster', 'resource-id': ids.clusterId };
    const plan = await coordinator.call('POST', 'actions/check?plan=true', target);
    expect([plan.status, plan.body.errors?.[0]?.pointer]).to.deep.equal([400, '/plan']);
  });

  it('takes a dry-run for no install or configure: nothing is converged, and no password was changed', async () => {
    const state = async () => {
      const { agent: _, ...one } = await node(0);
      return [one, await cluster(), await convergedOn()];
    };
    const before = await state();
    for (const type of ['install', 'configure', 'restart']) {
      const job = await run(type, 'COMPLETE', { 'dry-run': true });
      const { results } = await get('jobs/');
      expect([job['dry-run'], results[0]['dry-run'], job['job-type']]).to.deep.equal([true, true, type]);
    }
    expect(await state()).to.deep.equal(before);
  });

  it('knows that a job changed the default password, on v1 alone', async () => {
    await run('install', 'COMPLETE', { 'change-default-cassandra-password': 'blarg' });
    expect(await cluster()).to.include({ 'has-default-password': false });
    expect(await get(`/api/v2/lcm/clusters/${ids.clusterId}`)).to.not.have.property('has-default-password');
  });

  it('refuses another datacenter name or rack once a database node was started with it', async () => {
    const refused = (path: string, field: string, body: unknown) =>
      expectRefusal(
        coordinator,
        { method: 'PUT', path, body },
        { status: 409, type: 'Conflict', fields: [field], says: /once it was installed.*refuse to start/s },
      );
    await refused(`datacenters/${ids.datacenterId}`, '/name', { name: 'dc2' });
    await refused(`nodes/${ids.nodeIds[0]}`, '/rack', { rack: 'rack2' });
    await put(`datacenters/${ids.datacenterId}`, { name: 'dc1', comment: 'as it was' });
  });

  it("gives each node the nearest profile: its own, its datacenter's, its cluster's", async () => {
    const other = async (name: string, version: string): Promise<string> => {
      const body = { name, product: 'cassandra', 'datastax-version': version };
      return (await coordinator.call('POST', 'config_profiles/', body)).body.id;
    };
    await put(`datacenters/${ids.datacenterId}`, { 'config-profile-id': await other('of dc', '5.0.7') });
    await run('restart', 'COMPLETE');
    await put(`nodes/${ids.nodeIds[1]}`, { 'config-profile-id': await other('of node', '5.0.6') });
    await run('restart', 'COMPLETE');
    expect(role(0).versions.slice(-3)).to.deep.equal(['5.0.8', '5.0.7', '5.0.7']);
    expect(role(1).versions.slice(-3)).to.deep.equal(['5.0.8', '5.0.7', '5.0.6']);
  });
});
