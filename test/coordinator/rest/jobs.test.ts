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
    expect(text.trimEnd().split('\n').slice(-2)).to.deep.equal([
      'event: end',
      'data: {"status":"TERMINATED"}',
    ]);
    const resumed = await (await fetch(url, { headers: { 'last-event-id': '1' } })).text();
    expect(resumed).to.not.contain('event: job-event');
    expect(resumed).to.contain('event: end');
  });
});
