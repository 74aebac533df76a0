// Jobs as callers follow them: why they wait, and the live stream that resumes and ends with them.
import { expect } from 'chai';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';

describe('a job that is followed', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  before(async () => {
    coordinator = await startTestCoordinator();
  });
  after(() => coordinator.remove());

  it('says what a waiting job waits for', async () => {
    const { clusterId } = await modelCluster(coordinator, 'waiting', ['n1']);
    const first = await coordinator.call('POST', 'actions/restart', {
      'job-scope': 'cluster',
      'resource-id': clusterId,
    });
    const second = await coordinator.call('POST', 'actions/restart', {
      'job-scope': 'cluster',
      'resource-id': clusterId,
    });
    const waits = async (id: string) =>
      (await coordinator.call('GET', `jobs/${id}`)).body['waiting-for']?.kind;
    await eventually(async () => expect(await waits(first.body.id)).to.equal('agent-not-enrolled'));
    await eventually(async () => expect(await waits(second.body.id)).to.equal('job'));
  });

  it('follows a job live, resumes after an event, and ends with it', async () => {
    const { clusterId } = await modelCluster(coordinator, 'live', ['n1']);
    const job = await coordinator.call('POST', 'actions/restart', {
      'job-scope': 'cluster',
      'resource-id': clusterId,
    });
    const url = `${coordinator.restUrl}/api/v1/lcm/jobs/${job.body.id}/stream`;
    const stream = await fetch(url);
    await coordinator.call('POST', 'actions/terminate', { 'job-id': job.body.id });
    const text = await stream.text();
    expect(text).to.match(/id: 1\nevent: job-event\n/);
    expect(text).to.match(/id: 2\nevent: job-event\n/);
    expect(text.trimEnd().split('\n').slice(-2)).to.deep.equal([
      'event: end',
      'data: {"status":"TERMINATED"}',
    ]);
    const resumed = await (await fetch(url, { headers: { 'last-event-id': '2' } })).text();
    expect(resumed).to.not.contain('event: job-event');
    expect(resumed).to.contain('event: end');
    expect(await (await fetch(`${url}?after=2`)).text()).to.equal(resumed);
    expect(await (await fetch(`${url}?after=0`, { headers: { 'last-event-id': '2' } })).text()).to.equal(
      resumed,
    );
    for (const [query, headers, pointer] of [
      ['?after=-1', {}, '/after'],
      ['?after=1&after=2', {}, '/after'],
      ['?since=1', {}, '/since'],
      ['?after=-1', { 'last-event-id': '1' }, '/after'],
      ['', { 'last-event-id': '' }, '/Last-Event-ID'],
    ] as const) {
      const refused = await fetch(`${url}${query}`, { headers });
      expect(refused.status).to.equal(400);
      expect(await refused.json()).to.have.nested.property('errors[0].pointer', pointer);
    }
  });

  it('tells when it started and ended, and how its nodes stand', async () => {
    const { clusterId } = await modelCluster(coordinator, 'counted', ['n1', 'n2']);
    const { body } = await coordinator.call('POST', 'actions/restart', {
      'job-scope': 'cluster',
      'resource-id': clusterId,
    });
    const read = async () => (await coordinator.call('GET', `jobs/${body.id}`)).body;
    expect(await read()).to.deep.include({
      'started-on': null,
      'ended-on': null,
      'node-counts': { PENDING: 2 },
    });
    await coordinator.call('POST', 'actions/terminate', { 'job-id': body.id });
    const over = await eventually(async () => {
      const job = await read();
      expect(job.status).to.equal('TERMINATED');
      return job;
    });
    expect(over['node-counts']).to.deep.equal({ TERMINATED: 2 });
    expect(Date.parse(over['ended-on'])).to.be.at.least(Date.parse(over['created-on']));
  });
});
