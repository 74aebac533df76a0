// Schedules of jobs over REST: what their records tell, when they are due, and the jobs that they make by themselves.
import { expect } from 'chai';
import { askDatabase } from '../../support/ask-database.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { jobOf, terminate } from '../../support/jobs.ts';

type Fields = Record<string, unknown>;

describe('schedules of jobs over REST', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  before(async () => {
    coordinator = await startTestCoordinator({}, { timings: { schedulesEveryMs: 50 } });
  });
  after(() => coordinator.remove());

  const made = async (clusterId: string, fields: Fields) => {
    const body = { name: 'one', 'cluster-id': clusterId, 'job-type': 'restart', ...fields };
    const answer = await coordinator.call('POST', 'job_schedules/', body);
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
    return answer.body;
  };
  const changed = async (id: string, fields: Fields) => {
    const answer = await coordinator.call('PUT', `job_schedules/${id}`, fields);
    expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
    return answer.body;
  };
  const read = async (id: string) => (await coordinator.call('GET', `job_schedules/${id}`)).body;
  const soon = () => new Date(Date.now() + 4_000).toISOString();
  /** Once its time has come. */
  const seenTo = (id: string) =>
    eventually(async () => {
      const record = await read(id);
      expect(record['last-on']).to.not.equal(null);
      return record;
    });

  it('tell what they will do, and when', async () => {
    const { clusterId } = await modelCluster(coordinator, 'told', ['n1']);
    const zone = { cron: '30 2 * * *', 'time-zone': 'Europe/Berlin' };
    const options = { 'only-stale': true, 'batch-size': 2, canary: null };
    const record = await made(clusterId, { ...zone, options });
    expect(record).to.deep.include({
      ...{ type: 'job-schedule', 'job-type': 'restart', 'job-scope': 'cluster', 'resource-id': null },
      // As the job will be asked for with them.
      ...{ options: { 'only-stale': true, 'batch-size': 2 }, ...zone, at: null, enabled: true },
      ...{ 'last-on': null, 'last-job-id': null, 'last-problem': null },
      ...{ 'created-by': 'system', 'modified-by': 'system' },
    });
    const berlin = { timeZone: 'Europe/Berlin', hour: 'numeric', minute: 'numeric' } as const;
    const said = new Intl.DateTimeFormat('en-GB', berlin).format(new Date(record['next-on']));
    expect(said).to.equal('02:30');
    expect(Date.parse(record['next-on'])).to.be.within(Date.now(), Date.now() + 25 * 3_600_000);
    // What was read can be sent back.
    expect((await changed(record.id, record))['modified-on']).to.equal(record['modified-on']);
    const list = await coordinator.call('GET', `clusters/${clusterId}/job_schedules/?name=one`);
    expect(list.body.results).to.have.length(1);
    const tried = await coordinator.call('PUT', `job_schedules/${record.id}?dry-run=true`, {
      enabled: false,
    });
    expect([tried.status, tried.body['next-on']]).to.deep.equal([200, null]);
    expect((await read(record.id)).enabled).to.equal(true);
    expect((await coordinator.call('DELETE', `clusters/${clusterId}`)).status).to.equal(200);
    expect((await coordinator.call('GET', `job_schedules/${record.id}`)).status).to.equal(404);
  });

  it('are due anew once what says when is changed, and not while they are not enabled', async () => {
    const { clusterId } = await modelCluster(coordinator, 'changed', ['n1']);
    const { id, 'next-on': first } = await made(clusterId, { cron: '0 1 1 1 *' });
    expect((await changed(id, { comment: 'x', options: { force: true } }))['next-on']).to.equal(first);
    const moved = (await changed(id, { 'time-zone': 'Asia/Tokyo' }))['next-on'];
    expect(Date.parse(first) - Date.parse(moved)).to.equal(9 * 3_600_000);
    expect((await changed(id, { enabled: false }))['next-on']).to.equal(null);
    expect((await changed(id, { enabled: true }))['next-on']).to.equal(moved);
    const once = { cron: null, at: '2126-12-24T19:00:00+01:00' };
    expect(await changed(id, once)).to.deep.include({
      at: '2126-12-24T18:00:00.000Z',
      'next-on': '2126-12-24T18:00:00.000Z',
      'time-zone': 'UTC', // which could not be said of one that is made so
    });
  });

  it('are due by the clock of the database, whatever that of the coordinator says', async () => {
    const { clusterId } = await modelCluster(coordinator, 'clock', ['n1']);
    const real = Date.now;
    const yearly = { cron: '0 1 1 1 *' };
    try {
      for (const wrongByMs of [-400 * 86_400_000, 400 * 86_400_000]) {
        Date.now = () => real() + wrongByMs;
        const name = `wrong by ${wrongByMs}`;
        const { id, 'next-on': due } = await made(clusterId, { ...yearly, name });
        const inMs = Date.parse(due) - real();
        expect(inMs).to.be.within(0, 366 * 86_400_000);
        const moved = await changed(id, { cron: '1 1 1 1 *' });
        expect(Date.parse(moved['next-on']) - Date.parse(due)).to.equal(60_000);
        const at = new Date(real() + 86_400_000).toISOString();
        expect((await changed(id, { cron: null, at }))['next-on']).to.equal(at);
      }
    } finally {
      Date.now = real;
    }
  });

  it('make a job once, which tells of its schedule', async () => {
    const { clusterId, datacenterId } = await modelCluster(coordinator, 'once', ['n1']);
    const scope = { 'job-scope': 'datacenter', 'resource-id': datacenterId };
    const options = { description: 'for the certificates', 'hold-on-error': true };
    const at = soon();
    const { id } = await made(clusterId, { ...scope, at, options });
    const record = await seenTo(id);
    expect(record).to.deep.include({ at, enabled: true, 'next-on': null, 'last-problem': null });
    const job = await jobOf(coordinator, record['last-job-id']);
    expect(job).to.deep.include({
      'schedule-id': id,
      'job-type': 'restart',
      'datacenter-id': datacenterId,
      description: 'for the certificates',
      'job-data': { 'job-type': 'restart', 'hold-on-error': true },
    });
    const { results } = (await coordinator.call('GET', `jobs/?schedule-id=${id}`)).body;
    expect(results.map((one: { id: string }) => one.id)).to.deep.equal([record['last-job-id']]);
    // What says when is over, and stands for that: anything else can be changed.
    expect((await changed(id, { comment: 'done', at }))['next-on']).to.equal(null);
    const again = await coordinator.call('PUT', `job_schedules/${id}`, { enabled: false });
    expect(again.status).to.equal(200);
    const refused = await coordinator.call('PUT', `job_schedules/${id}`, { enabled: true });
    expect([refused.status, refused.body.errors[0].pointer]).to.deep.equal([400, '/at']);
    await terminate(coordinator, record['last-job-id']);
  });

  it('say why they made no job, as its caller would have been told', async () => {
    const { clusterId, nodeIds } = await modelCluster(coordinator, 'none', ['n1', 'n2']);
    const target = { 'job-scope': 'node', 'resource-id': nodeIds[1] };
    const { id } = await made(clusterId, { ...target, at: soon() });
    expect((await coordinator.call('DELETE', `nodes/${nodeIds[1]}`)).status).to.equal(200);
    expect(await seenTo(id)).to.deep.include({
      'last-job-id': null,
      'last-problem': `There is no node with id ${nodeIds[1]}`,
    });
    const { body } = await coordinator.call('GET', `clusters/${clusterId}/jobs/`);
    expect(body.count).to.equal(0);
    // The node is gone, and is in nobody's way who changes something else, also by sending back all that was read.
    await changed(id, { comment: 'kept' });
    expect(await changed(id, { ...(await read(id)), comment: 'again' })).to.deep.include({
      comment: 'again',
      'resource-id': nodeIds[1],
    });
    const moved = await coordinator.call('PUT', `job_schedules/${id}`, { 'job-scope': 'datacenter' });
    expect([moved.status, moved.body.errors[0].message]).to.deep.equal([
      400,
      'names no datacenter of its cluster',
    ]);
  });

  it('may be put off with options that their action does not take any more, and be taken up again with others', async () => {
    const { clusterId } = await modelCluster(coordinator, 'older', ['n1']);
    const { id } = await made(clusterId, { cron: '0 1 * * *' });
    const older = `update job_schedule set options = '{"of-before": 1}' where id = $1`;
    await askDatabase(coordinator.databaseUrl, older, [id]);
    const refused = async (fields: Fields) => {
      const { status, body } = await coordinator.call('PUT', `job_schedules/${id}`, fields);
      return [status, body.errors[0].pointer];
    };
    expect(await refused({ comment: 'x' })).to.deep.equal([400, '/options/of-before']);
    await changed(id, { enabled: false });
    const { options } = await changed(id, { ...(await read(id)), comment: 'x' });
    expect(options).to.deep.equal({ 'of-before': 1 });
    expect(await refused({ enabled: true })).to.deep.equal([400, '/options/of-before']);
    expect(await refused({ options: { 'of-before': 2 } })).to.deep.equal([400, '/options/of-before']);
    expect(await refused({ 'job-type': 'check' })).to.deep.equal([400, '/options/of-before']);
    await changed(id, { enabled: true, options: { 'only-stale': true } });
  });

  it('are of one cluster, also after a change', async () => {
    const { clusterId } = await modelCluster(coordinator, 'own', ['n1']);
    const other = await modelCluster(coordinator, 'other', ['n1']);
    const { id } = await made(clusterId, { cron: '0 1 * * *' });
    const answer = await coordinator.call('PUT', `job_schedules/${id}`, {
      'job-scope': 'node',
      'resource-id': other.nodeIds[0],
    });
    expect([answer.status, answer.body.errors]).to.deep.equal([
      400,
      [{ pointer: '/resource-id', message: 'names no node of its cluster' }],
    ]);
    expect(await read(id)).to.deep.include({ 'job-scope': 'cluster', 'resource-id': null });
  });
});
