// What a job would do, asked before there is one; and that it does so, in the batches that it was stored with.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { gatedStep } from '../../support/gated-step.ts';
import { becomes, jobOf, nodesOf } from '../../support/jobs.ts';
import { startLinkAgent } from '../../support/link-agent.ts';
import { inDatabase } from '../../support/sign-in.ts';

const RACKS = ['a', 'b', 'c'];

describe('the plan of a job', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let clusterId = '';
  /** by name: `a1` and `a2` are in rack a */
  const nodeIds = new Map<string, string>();
  const made = async (path: string, body: unknown): Promise<string> =>
    (await coordinator.call('POST', path, body)).body.id;
  const query = (statement: string) => inDatabase(coordinator.databaseUrl, statement);

  before(async () => {
    coordinator = await startTestCoordinator();
    const profile = { name: 'p', 'datastax-version': '5.0.8', product: 'cassandra' };
    const repository = { name: 'r', 'repo-url': 'file:///nowhere/cassandra.tar.gz' };
    clusterId = await made('clusters/', {
      name: 'c',
      'config-profile-id': await made('config_profiles/', profile),
      'repository-id': await made('repositories/', repository),
    });
    const datacenter = await made('datacenters/', { name: 'dc1', 'cluster-id': clusterId });
    for (const rack of RACKS)
      for (const n of [1, 2]) {
        const node = {
          name: `${rack}${n}`,
          'datacenter-id': datacenter,
          rack,
          seed: n === 1 && rack !== 'c',
        };
        const address = { 'ssh-management-address': `127.0.${RACKS.indexOf(rack)}.${n}` };
        nodeIds.set(`${rack}${n}`, await made('nodes/', { ...node, ...address }));
      }
  });
  after(() => coordinator.remove());

  const post = (action: string, options: object, plan = '?plan=true', version = 'v2') =>
    coordinator.call('POST', `/api/${version}/lcm/actions/${action}${plan}`, {
      'job-scope': 'cluster',
      'resource-id': clusterId,
      ...options,
    });
  const planOf = async (options: object, action = 'restart') => {
    const { status, body } = await post(action, options);
    expect(status, JSON.stringify(body)).to.equal(200);
    return body;
  };
  const namesIn = (plan: { batches: { nodes: { name: string }[] }[] }): string[] =>
    plan.batches.map(({ nodes }) => nodes.map(({ name }) => name).join(' '));
  const jobs = async () => (await query('select id from job')).length;
  const fastest = { 'concurrency-strategy': 'fastest-safe' };

  it('is of one node after the other while the ring has said nothing, and says so; no job is made', async () => {
    const plan = await planOf(fastest);
    expect(namesIn(plan)).to.deep.equal(['a2', 'b2', 'c1', 'c2', 'a1', 'b1']);
    expect(plan.summary).to.equal('6 batches, about 6 min, worst availability not known');
    expect(plan.notes.join(' '))
      .to.contain('No restart of these nodes has been measured yet')
      .and.to.contain('each is alone in its batch');
    expect(plan['ranges-seen-on']).to.equal(null);
    expect(await jobs()).to.equal(0);
  });

  it('has nodes of one rack together once the ring has said where its ranges are, and rests on times that were measured', async () => {
    const addressOf = (name: string) => `10.0.0.${name}`;
    for (const [name, id] of nodeIds) {
      const others = [...nodeIds.keys()].filter((other) => other[0] !== name[0] || other === name);
      const groups = [{ keyspaces: ['users'], copies: { dc1: 3 }, replicas: others.map(addressOf) }];
      await query(
        `insert into ring_sharing (node_id, address, groups) values ('${id}', '${addressOf(name)}', '${JSON.stringify(groups)}')`,
      );
    }
    const jobs = { '{}': randomUUID(), '{"only-stale": true}': randomUUID() };
    for (const [data, id] of Object.entries(jobs))
      await query(`insert into job (id, job_type, job_scope, cluster_id, cluster_name, job_data, status, ended_on)
        values ('${id}', 'restart', 'cluster', '${clusterId}', 'c', '${data}', 'COMPLETE', now())`);
    for (const [position, name, seconds, status, jobId] of [
      [0, 'a1', 1_000, 'COMPLETE', jobs['{}']],
      [1, 'b1', 100, 'COMPLETE', jobs['{}']],
      [2, 'c1', 5_000, 'FAILED', jobs['{}']],
      // It left a node that was not stale as it was.
      [0, 'a1', 2, 'COMPLETE', jobs['{"only-stale": true}']],
    ] as const)
      await query(`insert into job_node (id, job_id, node_id, node_name, datacenter_name, position, status, started_on, ended_on)
        values ('${randomUUID()}', '${jobId}', '${nodeIds.get(name)}', 'n', 'd', ${position}, '${status}', now() - interval '${seconds} s', now())`);
    const plan = await planOf(fastest);
    expect(namesIn(plan)).to.deep.equal(['a2 a1', 'b2 b1', 'c1 c2']);
    expect(plan).to.deep.include({
      summary: '3 batches, about 50 min, worst availability 2 of 3',
      'estimated-seconds': 3_000,
      'measured-nodes': 2,
      'batch-count': 3,
      'node-count': 6,
      'worst-availability': { live: 2, copies: 3 },
    });
    expect(plan.batches[0].nodes[0]).to.deep.include({
      id: nodeIds.get('a2'),
      rack: 'a',
      'datacenter-name': 'dc1',
    });
    const settling = await planOf({ ...fastest, 'settle-seconds': 600, 'only-stale': true });
    expect(settling['estimated-seconds']).to.equal(4_800);
    expect(settling.notes.join(' ')).to.contain('10 min more').and.to.contain('(only-stale)');
    const one = { 'job-scope': 'node', 'resource-id': nodeIds.get('a1') };
    const rewritten = await planOf({ ...one, 'upgrade-sstables': true }, 'upgrade');
    expect(rewritten.notes.join(' ')).to.contain('(upgrade-sstables)');
    await query(
      `update ring_sharing set seen_on = '2026-01-02T03:04:05Z' where node_id = '${nodeIds.get('b1')}'`,
    );
    const old = await planOf(fastest);
    expect(old['ranges-seen-on']).to.equal('2026-01-02T03:04:05.000Z');
    expect(old.notes.join(' ')).to.contain('is known as of 2026-01-02T03:04:05.000Z, where');
    expect(namesIn(await planOf({ ...fastest, 'batch-size': 1 }))).to.have.length(6);
    expect(namesIn(await planOf({}))).to.have.length(6);
    const install = await planOf(fastest, 'install');
    expect(install).to.deep.include({ 'strategy-in-force': 'default', 'batch-count': 6 });
  });

  it('has canaries alone before the others, none of them a seed where there is another, and counts the wait', async () => {
    const canary = { ...fastest, canary: 'node-per-rack' };
    const plan = await planOf(canary);
    expect(namesIn(plan)).to.deep.equal(['a2', 'b2', 'c1', 'c2', 'a1', 'b1']);
    const took = plan['estimated-seconds'];
    expect(plan['canary-batches']).to.equal(3);
    expect((await planOf({ ...canary, 'canary-wait': 3_600 }))['estimated-seconds']).to.equal(took + 3_300);
    const resumed = await planOf({ ...canary, 'canary-wait': 0 });
    expect(resumed['estimated-seconds']).to.equal(took - 300);
    expect(resumed.summary).to.contain('and a wait until it is resumed');
    expect(namesIn(await planOf({ canary: 'first-node' }, 'install'))[0], 'an install').to.equal('a1');
    const alone = { 'job-scope': 'node', 'resource-id': nodeIds.get('a1'), canary: 'first-node' };
    expect((await planOf(alone)).notes[1]).to.match(/all of its nodes \(a1\): .* nothing is waited for/);
  });

  it('names the keyspaces for which the gate would refuse, and those that are named in vain', async () => {
    const id = nodeIds.get('c2');
    const [row] = await query(`select groups from ring_sharing where node_id = '${id}'`);
    const once = { keyspaces: ['once'], copies: { dc1: 1 }, replicas: ['10.0.0.c2'] };
    const keep = (groups: unknown) =>
      query(`update ring_sharing set groups = '${JSON.stringify(groups)}' where node_id = '${id}'`);
    await keep([...row.groups, once]);
    const notesOf = async (options: object): Promise<string> => (await planOf(options)).notes.join('\n');
    const refused =
      'with one node away: once at LOCAL_QUORUM. Replicate it more, or name it in relaxed-keyspaces';
    expect(await notesOf({})).to.contain(refused);
    expect(await notesOf({ 'relaxed-keyspaces': 'once' })).not.to.contain('once');
    const wrong = await notesOf({ 'relaxed-keyspaces': 'Once', 'keyspace-levels': 'user=ONE' });
    expect(wrong)
      .to.contain(refused)
      .and.to.contain(
        'relaxed-keyspaces names what is no keyspace that these nodes are known to hold: Once. Known are: once, users',
      )
      .and.to.contain('keyspace-levels names what is no keyspace that these nodes are known to hold: user.');
    const trial = (await post('restart', { 'dry-run': true }, '')).body;
    const { results } = (await coordinator.call('GET', `jobs/${trial.id}/job_events/?event-subtype=plan`))
      .body;
    expect(results[0].message).to.contain(refused);
    await becomes(coordinator, trial.id, 'FAILED'); // no agent is there to look
    await keep(row.groups);
  });

  it('is asked for in the body too, which an earlier version would refuse', async () => {
    const before = await jobs();
    const { status, body } = await post('restart', { ...fastest, plan: true }, '');
    expect([status, body.type, body['concurrency-strategy']]).to.deep.equal([200, 'plan', 'fastest-safe']);
    expect(await jobs()).to.equal(before);
    const word = await post('restart', { plan: 'maybe' }, '');
    expect([word.status, word.body.errors]).to.deep.equal([
      400,
      [{ pointer: '/plan', message: 'must be true or false' }],
    ]);
    const check = await post('check', { plan: true }, '');
    expect([check.status, check.body.errors[0].pointer]).to.deep.equal([400, '/plan']);
    expect(await jobs()).to.equal(before);
    const parameters = (await coordinator.call('GET', 'actions/restart')).body.parameters;
    expect(parameters.map(({ name }: { name: string }) => name)).not.to.include('plan');
    const job = await post('restart', { plan: false }, '');
    expect([job.status, job.body['job-data']]).to.deep.equal([201, { 'job-type': 'restart' }]);
    await coordinator.call('POST', '/api/v2/lcm/actions/terminate', { 'job-id': job.body.id });
    await becomes(coordinator, job.body.id, 'TERMINATED');
    const all = await jobs();
    const retry = (sent: unknown) => coordinator.call('POST', `/api/v2/lcm/jobs/${job.body.id}/retry`, sent);
    const told = await retry({ plan: true });
    expect([told.status, told.body.type]).to.deep.equal([200, 'plan']);
    const faults = async (answer: Promise<{ status: number; body: { errors: { pointer: string }[] } }>) => {
      const { status, body } = await answer;
      return [status, ...body.errors.map(({ pointer }) => pointer)];
    };
    expect(await faults(retry({ plan: 'perhaps', nonsense: 1 }))).to.deep.equal([400, '/plan', '/nonsense']);
    const inQuery = (what: string) => coordinator.call('POST', `/api/v2/lcm/jobs/${job.body.id}/${what}`);
    expect(await faults(inQuery('retry?plan=false&force=true'))).to.deep.equal([400, '/force']);
    expect(await faults(inQuery('resume?retry=true'))).to.deep.equal([400, '/retry']);
    const pause = (sent: unknown) => coordinator.call('POST', `/api/v2/lcm/jobs/${job.body.id}/pause`, sent);
    expect(await faults(pause({ minutes: 5, '': true }))).to.deep.equal([400, '/minutes', '/']);
    expect(await jobs()).to.equal(all);
  });

  it('says what the job would end for where its caller is told by that end alone', async () => {
    const bare = await made('clusters/', { name: 'bare' });
    const datacenter = await made('datacenters/', { name: 'dc1', 'cluster-id': bare });
    await made('nodes/', {
      name: 'lonely',
      'datacenter-id': datacenter,
      'ssh-management-address': '127.0.9.1',
    });
    const { notes } = await planOf({ 'resource-id': bare }, 'install');
    expect(notes.at(-1)).to.match(
      /^It would fail as the model stands: has a cluster without a repository .*lonely\.$/,
    );
    expect((await post('install', { 'resource-id': bare }, '?plan=true', 'v1')).status).to.equal(400);
  });

  it('is refused as the job would be, and where it is no plan of a job', async () => {
    const bad = await post('restart', { 'batch-size': 0 });
    expect([bad.status, bad.body.errors[0].pointer]).to.deep.equal([400, '/batch-size']);
    expect((await post('restart', { 'resource-id': randomUUID() })).status).to.equal(404);
    const word = await post('restart', {}, '?plan=maybe');
    expect([word.status, word.body.errors[0].pointer]).to.deep.equal([400, '/plan']);
    const jobId = await made('/api/v2/lcm/actions/restart', {
      'job-scope': 'cluster',
      'resource-id': clusterId,
    });
    const path = '/api/v2/lcm/actions/terminate';
    const terminate = await coordinator.call('POST', `${path}?plan=true`, { 'job-id': jobId });
    expect([terminate.status, terminate.body.errors[0].pointer]).to.deep.equal([400, '/plan']);
    expect((await jobOf(coordinator, jobId))['terminate-requested-on']).to.equal(null);
    await coordinator.call('POST', path, { 'job-id': jobId });
    await becomes(coordinator, jobId, 'TERMINATED');
  });

  it('is what a dry-run tells first, of the job that it is a trial of', async () => {
    const { status, body } = await post('restart', { ...fastest, 'dry-run': true }, '');
    expect(status, JSON.stringify(body)).to.equal(201);
    const { results } = (await coordinator.call('GET', `jobs/${body.id}/job_events/?event-subtype=plan`))
      .body;
    expect(results).to.have.length(1);
    const event = (await coordinator.call('GET', `job_events/${results[0].id}`)).body;
    expect(event).to.deep.include({ 'event-type': 'check', 'node-id': null, changes: false });
    expect(event.message).to.match(/^Without dry-run: 3 batches, about 50 min, worst availability 2 of 3\. /);
    expect(event.after['ranges-seen-on']).to.equal('2026-01-02T03:04:05.000Z');
    expect(event.after.batches).to.deep.equal([
      ['a2', 'a1'],
      ['b2', 'b1'],
      ['c1', 'c2'],
    ]);
    await becomes(coordinator, body.id, 'FAILED'); // no agent is there to look
    const check = (await post('check', {}, '')).body;
    await becomes(coordinator, check.id, 'FAILED');
    expect(
      (await coordinator.call('GET', `jobs/${check.id}/job_events/?event-subtype=plan`)).body.count,
    ).to.equal(0);
  });

  it('is what the job does: a batch at once, and the next once all of it are over', async () => {
    const gates = new Map([...nodeIds.keys()].map((name) => [name, gatedStep()]));
    const agents: { stop(): Promise<void> }[] = [];
    for (const [name, id] of nodeIds) {
      const { bundle } = (await coordinator.call('POST', `nodes/${id}/enrolment`)).body;
      const { step } = gates.get(name) ?? gatedStep();
      agents.push(await startLinkAgent(bundle, () => [step]));
    }
    const { id } = (await post('restart', fastest, '')).body;
    const stand = (counts: string[]) =>
      eventually(async () => expect(await nodesOf(coordinator, id)).to.deep.equal(counts));
    const later = ['b2 PENDING', 'b1 PENDING', 'c1 PENDING', 'c2 PENDING'];
    await stand(['a2 RUNNING', 'a1 RUNNING', ...later]);
    const expectedEndMs = async () => Date.parse((await jobOf(coordinator, id))['expected-end-on'] ?? 'none');
    const plannedMs = await expectedEndMs();
    expect(plannedMs - Date.now(), 'as its plan has it').to.be.within(2_900_000, 3_000_000);
    gates.get('a2')?.open();
    await stand(['a2 COMPLETE', 'a1 RUNNING', ...later]);
    gates.get('a1')?.open();
    await stand(['a2 COMPLETE', 'a1 COMPLETE', 'b2 RUNNING', 'b1 RUNNING', ...later.slice(2)]);
    expect(await expectedEndMs(), 'at the pace of the first two').to.be.lessThan(plannedMs - 900_000);
    for (const { open } of gates.values()) open();
    await becomes(coordinator, id, 'COMPLETE');
    expect(await expectedEndMs(), 'over').to.deep.equal(Number.NaN);
    const { results } = (await coordinator.call('GET', `jobs/${id}/job_nodes/`)).body;
    expect(results.map(({ batch }: { batch: number }) => batch)).to.deep.equal([1, 1, 2, 2, 3, 3]);
    for (const agent of agents) await agent.stop();
  });
});
