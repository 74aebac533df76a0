// Lists as callers ask for them: every filter and order, links in the header, what comes after a record, refusals.
import { expect } from 'chai';
import { openDatabase } from '../../../coordinator/store/database.ts';
import { silentLogger } from '../../../shared/log.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { type ToldJob, tellEvents, tellJob, toldEvent } from '../../support/told-jobs.ts';

const DAY = Date.parse('2026-03-01T00:00:00Z');
const onDay = (day: number): string => new Date(DAY + day * 86_400_000).toISOString();
const ABSENT = '00000000-0000-4000-8000-000000000000';

describe('lists', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let opened: ReturnType<typeof openDatabase>;
  const jobs: ToldJob[] = [];
  const NODE = '11111111-1111-4111-8111-111111111111';
  const DATACENTER = '22222222-2222-4222-8222-222222222222';
  let clusterId: string;
  const get = async (path: string) => {
    const answer = await coordinator.call('GET', path);
    expect(answer.status, `${path} ${JSON.stringify(answer.body)}`).to.equal(200);
    return answer;
  };
  const list = async (path: string): Promise<Record<string, string>[]> => (await get(path)).body.results;
  /** Which of the jobs, by their place in the order in which they were asked for. */
  const jobsAt = async (path: string): Promise<number[]> =>
    (await list(path)).map(({ id }) => jobs.findIndex((job) => job.id === id));
  const messages = async (path: string): Promise<string[]> =>
    (await list(path)).map(({ message }) => message ?? '');

  before(async () => {
    coordinator = await startTestCoordinator();
    opened = openDatabase({ url: coordinator.databaseUrl }, silentLogger, 4);
    const { db } = opened;
    ({ clusterId } = await modelCluster(coordinator, 'c1', ['n1', 'n2', 'n3']));
    const asked = [
      { status: 'COMPLETE', job_type: 'install', cluster_id: clusterId, description: 'Nightly 100%' },
      { status: 'FAILED', job_type: 'restart', cluster_id: clusterId, datacenter_id: DATACENTER },
      {
        status: 'COMPLETE',
        job_type: 'restart',
        cluster_id: clusterId,
        datacenter_id: DATACENTER,
        node_id: NODE,
        node_name: 'night-1',
      },
      { status: 'FAILED', job_type: 'configure', cluster_name: 'Rot_ation' },
      { status: 'TERMINATED', job_type: 'restart' },
    ];
    for (const [at, columns] of asked.entries())
      jobs.push(await tellJob(db, 2, { ...columns, created_on: onDay(at) }));
    const [first, second] = jobs as [ToldJob, ToldJob];
    const at = (day: number) => DAY + day * 86_400_000;
    await tellEvents(db, [
      toldEvent(first, -1, { message: 'one', event_type: 'milestone', event_subtype: 'start', atMs: at(0) }),
      toldEvent(first, 0, { message: 'two', event_resource: '/etc/Cassandra.yaml', atMs: at(1) }),
      toldEvent(first, 0, { message: 'three', changes: true, atMs: at(2) }),
      toldEvent(first, 1, { message: 'fo_ur', event_type: 'error', event_subtype: 'disk-full', atMs: at(3) }),
    ]);
    await tellEvents(db, [
      toldEvent(second, 0, { message: 'five 100%', changes: true, atMs: at(4) }),
      toldEvent(second, 1, { message: 'SIX', event_type: 'error', event_subtype: 'MeldError', atMs: at(5) }),
    ]);
  });
  after(async () => {
    await opened.db.destroy();
    await coordinator.remove();
  });

  it('of jobs are filtered by what jobs show, and by when they were asked for', async () => {
    expect(await jobsAt('jobs/')).to.deep.equal([4, 3, 2, 1, 0]);
    for (const [query, wanted] of [
      ['status=FAILED', [3, 1]],
      ['status=PENDING', []],
      ['job-type=restart', [4, 2, 1]],
      [`cluster-id=${clusterId}`, [2, 1, 0]],
      [`datacenter-id=${DATACENTER}`, [2, 1]],
      [`node-id=${NODE.toUpperCase()}`, [2]],
      [`since=${onDay(1)}&until=${onDay(3)}`, [2, 1]],
      ['since=2026-03-03', [4, 3, 2]],
      ['until=2026-03-02T01:00:00+01:00', [0]],
      ['since=2026-03-03t00:00:00z', [4, 3, 2]],
      ['since=0001-01-01&until=9999-12-31T23:59:59-23:59', [4, 3, 2, 1, 0]],
      [`status=COMPLETE&job-type=restart&cluster-id=${clusterId}`, [2]],
      [`status=FAILED&since=${onDay(2)}&sort=created-on`, [3]],
      ['text=NIGHT', [2, 0]],
      ['text=0%25', [0]],
      ['text=t_a', [3]],
      ['text=nobody', []],
      [`text=night&cluster-id=${clusterId}&status=COMPLETE&since=${onDay(1)}&sort=created-on`, [2]],
      ['sort=created-on', [0, 1, 2, 3, 4]],
      ['sort=-created-on', [4, 3, 2, 1, 0]],
    ] as const) {
      expect(await jobsAt(`jobs/?${query}`), query).to.deep.equal(wanted);
      const { body } = await get(`jobs/?${query}`);
      expect([body.count, body['count-capped']], query).to.deep.equal([wanted.length, undefined]);
    }
    expect(await jobsAt(`clusters/${clusterId}/jobs/?status=COMPLETE`)).to.deep.equal([2, 0]);
    expect(await jobsAt(`clusters/${clusterId}/jobs/?text=nightly`)).to.deep.equal([0]);
  });

  it('of job nodes are filtered by status, node and time', async () => {
    const [first, second] = jobs as [ToldJob, ToldJob];
    const ids = async (path: string) => (await list(path)).map(({ id }) => id);
    const node = second.jobNodes[1];
    await opened.pool.query("update job_node set status = 'FAILED' where id = $1", [node?.id]);
    expect(await ids('job_nodes/')).to.have.length(10);
    expect(await ids('job_nodes/?status=FAILED')).to.deep.equal([node?.id]);
    expect((await get('job_nodes/?status=COMPLETE')).body.count).to.equal(9);
    expect(await ids(`job_nodes/?node-id=${node?.nodeId}`)).to.deep.equal([node?.id]);
    expect(await ids(`job_nodes/?node-id=${node?.nodeId}&status=COMPLETE`)).to.deep.equal([]);
    expect(await ids('job_nodes/?until=2026-01-01')).to.deep.equal([]);
    expect(await ids('job_nodes/?since=2026-01-01&sort=created-on')).to.have.length(10);
    const inOrder = first.jobNodes.map(({ id }) => id);
    expect(await ids(`jobs/${first.id}/job_nodes/`)).to.deep.equal(inOrder);
    expect(await ids(`jobs/${first.id}/job_nodes/?sort=-position`)).to.deep.equal([...inOrder].reverse());
    expect(await ids(`jobs/${second.id}/job_nodes/?status=FAILED`)).to.deep.equal([node?.id]);
    expect(await ids(`jobs/${second.id}/job_nodes/?node-id=${node?.nodeId}`)).to.deep.equal([node?.id]);
  });

  it('of events are filtered by type, subtype, change, node, time and text, among all and within a job', async () => {
    const [first] = jobs as [ToldJob];
    const nodeId = first.jobNodes[0]?.nodeId;
    for (const [query, ofAll, ofFirst] of [
      ['', ['one', 'two', 'three', 'fo_ur', 'five 100%', 'SIX'], ['one', 'two', 'three', 'fo_ur']],
      [
        'sort=-created-on',
        ['SIX', 'five 100%', 'fo_ur', 'three', 'two', 'one'],
        ['fo_ur', 'three', 'two', 'one'],
      ],
      ['event-type=error', ['fo_ur', 'SIX'], ['fo_ur']],
      ['event-type=milestone', ['one'], ['one']],
      ['event-type=check', ['two', 'three', 'five 100%'], ['two', 'three']],
      ['event-subtype=disk-full', ['fo_ur'], ['fo_ur']],
      ['event-subtype=nothing', [], []],
      ['changes=true', ['three', 'five 100%'], ['three']],
      ['changes=false', ['one', 'two', 'fo_ur', 'SIX'], ['one', 'two', 'fo_ur']],
      ['changes=true&event-type=error', [], []],
      [`node-id=${nodeId}`, ['two', 'three'], ['two', 'three']],
      [`node-id=${nodeId}&changes=true`, ['three'], ['three']],
      [`node-id=${ABSENT}`, [], []],
      [`since=${onDay(2)}&until=${onDay(4)}`, ['three', 'fo_ur'], ['three', 'fo_ur']],
      ['since=2026-03-05&event-type=error', ['SIX'], []],
      ['since=2026-03-01&text=six', ['SIX'], []],
      ['since=2026-03-01&text=cassandra.YAML', ['two'], ['two']],
      ['since=2026-03-01&text=o_u', ['fo_ur'], ['fo_ur']],
      ['since=2026-03-01&text=0%25', ['five 100%'], []],
    ] as const) {
      expect(await messages(`job_events/?${query}`), query).to.deep.equal(ofAll);
      expect(await messages(`jobs/${first.id}/job_events/?${query}`), query).to.deep.equal(ofFirst);
      const { body } = await get(`job_events/?${query}`);
      expect([body.count, body['count-capped']], query).to.deep.equal([ofAll.length, undefined]);
    }
    expect(await messages(`jobs/${first.id}/job_events/?text=THREE`)).to.deep.equal(['three']);
    const ofNode = `job_nodes/${first.jobNodes[0]?.id}/job_events/`;
    expect(await messages(ofNode)).to.deep.equal(['two', 'three']);
    expect(await messages(`${ofNode}?changes=true`)).to.deep.equal(['three']);
    expect(await messages(`${ofNode}?text=wo&sort=-created-on`)).to.deep.equal(['two']);
  });

  it('of models are filtered by name and by what they refer to, and sorted by name', async () => {
    const { datacenterId, profileId } = await modelCluster(coordinator, 'c2', ['b', 'a']);
    const names = async (path: string) => (await list(path)).map(({ name }) => name);
    expect(await names('clusters/?name=c2')).to.deep.equal(['c2']);
    expect(await names('clusters/?sort=-name')).to.deep.equal(['c2', 'c1']);
    expect(await names(`clusters/?config-profile-id=${profileId}`)).to.deep.equal(['c2']);
    expect(await names(`nodes/?datacenter-id=${datacenterId}`)).to.deep.equal(['b', 'a']);
    expect(await names(`nodes/?datacenter-id=${datacenterId}&sort=name`)).to.deep.equal(['a', 'b']);
    expect(await names(`nodes/?cluster-id=${clusterId}`)).to.deep.equal(['n1', 'n2', 'n3']);
    expect(await names(`clusters/${clusterId}/nodes/?name=n2`)).to.deep.equal(['n2']);
    expect(await names(`datacenters/?cluster-id=${clusterId}&name=dc1`)).to.deep.equal(['dc1']);
    expect(await names('repositories/?sort=-created-on')).to.deep.equal(['c2-repository', 'c1-repository']);
    expect(await names('machine_credentials/?name=nobody')).to.deep.equal([]);
  });

  it('say in a Link header where else to go, with everything that was asked for', async () => {
    const links = async (path: string) => {
      const { headers, body } = await get(path);
      const found = [...(headers.get('link') ?? '').matchAll(/<([^>]*)>; rel="(\w+)"/g)];
      const named = Object.fromEntries(found.map(([, link = '', rel = '']) => [rel, link]));
      expect([named['next'] ?? null, named['prev'] ?? null], path).to.deep.equal([body.next, body.previous]);
      return Object.fromEntries(Object.entries(named).map(([rel, link]) => [rel, link.split('/jobs/')[1]]));
    };
    const rest = 'per-page=1&sort=created-on&job-type=restart';
    expect(await links(`jobs/?page=2&${rest}`)).to.deep.equal({
      first: `?page=1&${rest}`,
      prev: `?page=1&${rest}`,
      next: `?page=3&${rest}`,
      last: `?page=3&${rest}`,
    });
    expect(Object.keys(await links(`jobs/?page=1&${rest}`))).to.deep.equal(['first', 'next', 'last']);
    expect(Object.keys(await links('jobs/'))).to.deep.equal(['first', 'last']);
    const after = jobs[1]?.id;
    expect(await links(`jobs/?after=${after}&${rest}`)).to.deep.equal({
      first: `?page=1&${rest}`,
      next: `?after=${jobs[2]?.id}&${rest}`,
    });
  });

  it('begin after a record, as a list of what is left', async () => {
    const [first] = jobs as [ToldJob];
    const events = await list(`jobs/${first.id}/job_events/`);
    const { body } = await get(`jobs/${first.id}/job_events/?after=${events[1]?.['id']}&per-page=1`);
    expect(body.results.map(({ message }: { message: string }) => message)).to.deep.equal(['three']);
    expect(body).to.deep.include({ count: 2, last: 2, current: 1, previous: null });
    expect(await messages(body.next.slice(coordinator.restUrl.length))).to.deep.equal(['fo_ur']);
    const ending = (await get(`jobs/${first.id}/job_events/?after=${events[3]?.['id']}`)).body;
    expect(ending).to.deep.include({ count: 0, last: 1, current: 1, next: null, results: [] });
    expect(await jobsAt(`jobs/?after=${jobs[2]?.id}`)).to.deep.equal([1, 0]);
    expect(await jobsAt(`jobs/?sort=created-on&status=COMPLETE&after=${jobs[1]?.id}`)).to.deep.equal([2]);
    expect(await messages(`job_events/?sort=-created-on&after=${events[2]?.['id']}`)).to.deep.equal([
      'two',
      'one',
    ]);
    const nodes = await list('nodes/?sort=name');
    expect(await list(`nodes/?sort=name&after=${nodes[0]?.['id']}`)).to.deep.equal(nodes.slice(1));
  });

  it('have no page beyond their last one, which has something on it', async () => {
    for (const path of [
      'jobs/',
      'job_events/',
      'job_nodes/',
      'nodes/',
      'jobs/?status=FAILED',
      'job_events/?changes=false',
    ]) {
      const sign = path.includes('?') ? '&' : '?';
      const { last } = (await get(`${path}${sign}per-page=2`)).body;
      const beyond = await coordinator.call('GET', `${path}${sign}per-page=2&page=${last + 1}`);
      expect([beyond.status, beyond.body.type], path).to.deep.equal([404, 'NotFound']);
      expect(beyond.body.errors, path).to.deep.equal([
        { pointer: '/page', message: `must be from 1 to ${last}` },
      ]);
      expect((await list(`${path}${sign}per-page=2&page=${last}`)).length, path).to.be.greaterThan(0);
    }
  });

  it('refuse what is no value of a parameter, by its name', async () => {
    const [first, second] = jobs as [ToldJob, ToldJob];
    const [event] = await list(`jobs/${second.id}/job_events/`);
    for (const [path, pointer, message] of [
      ['jobs/?status=DONE', '/status', /one of PENDING, RUNNING/],
      ['jobs/?status=FAILED&status=IDLE', '/status', /once/],
      ['jobs/?job-type=import', '/job-type', /one of install/],
      ['jobs/?cluster-id=c1', '/cluster-id', /UUID/],
      ['jobs/?since=yesterday', '/since', /a time like/],
      ['jobs/?since=2026-02-30', '/since', /a time like/],
      ['jobs/?since=2026-03-01T24:00:00Z', '/since', /a time like/],
      ['jobs/?since=2026-03-02&until=2026-03-02', '/until', /later than since/],
      ['jobs/?sort=status', '/sort', /-created-on, created-on/],
      ['jobs/?rack=x', '/rack', /not a parameter of this list: page, per-page, after, sort, status/],
      ['jobs/?text=', '/text', /1 to 200/],
      ['job_nodes/?text=x', '/text', /not a parameter/],
      ['jobs/?after=17', '/after', /id of a record/],
      [`jobs/?after=${ABSENT}`, '/after', /id of a job of this list/],
      [`jobs/?after=${first.id}&page=2`, '/page', /together with after/],
      [`jobs/${first.id}/job_events/?after=${event?.['id']}`, '/after', /job-event of this list/],
      ['job_events/?changes=yes', '/changes', /true or false/],
      ['job_events/?event-type=warning', '/event-type', /check, milestone, error/],
      ['job_events/?event-subtype=', '/event-subtype', /1 to 200/],
      ['job_events/?text=disk', '/text', /within a job or a time range: add since/],
      ['job_events/?text=disk&until=2026-03-02', '/text', /add since/],
      [`job_nodes/${first.jobNodes[0]?.id}/job_events/?node-id=${NODE}`, '/node-id', /not a parameter/],
      [`clusters/${clusterId}/jobs/?cluster-id=${clusterId}`, '/cluster-id', /not a parameter/],
      ['nodes/?rack=r1', '/rack', /not a parameter/],
      ['actions/?sort=name', '/sort', /not a parameter of this list: page, per-page$/],
    ] as const) {
      const { status, body } = await coordinator.call('GET', path);
      expect([status, body.errors?.[0]?.pointer], path).to.deep.equal([400, pointer]);
      expect(body.errors[0].message, path).to.match(message);
    }
  });
});
