// Maintenance windows and freezes over REST: what their records tell, and what they do to the jobs of their cluster.
import { expect } from 'chai';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { becomes, jobOf, postRestart, subtypesOf, terminate, waitsFor } from '../../support/jobs.ts';
import { startLinkAgent } from '../../support/link-agent.ts';

const HOUR = 3_600_000;
const inHours = (hours: number): string => new Date(Date.now() + hours * HOUR).toISOString();

describe('maintenance windows', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  before(async () => {
    // Nothing but wakes has a job looked at.
    coordinator = await startTestCoordinator({}, { timings: { sweepEveryMs: 600_000 } });
  });
  after(() => coordinator.remove());

  const made = async (clusterId: string, fields: object) => {
    const answer = await coordinator.call('POST', 'maintenance_windows/', {
      name: 'one',
      'cluster-id': clusterId,
      ...fields,
    });
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
    return answer.body;
  };
  const timesOf = (record: Record<string, unknown>) => [
    record['open'],
    record['next-open-on'],
    record['next-close-on'],
  ];
  const freeze = () => ({ kind: 'freeze', from: inHours(-1) });

  it('tell whether they are open, and when they are next', async () => {
    const { clusterId } = await modelCluster(coordinator, 'told', []);
    const [from, until] = [inHours(-1), inHours(1)];
    const now = await made(clusterId, { ...freeze(), from, until });
    expect(timesOf(now)).to.deep.equal([true, null, until]);
    expect([now['kind'], now['from'], now['until'], now['time-zone'], now['cron']]).to.deep.equal([
      ...['freeze', from, until, 'UTC', null],
    ]);
    // Mornings of a place where it is 13:45 now, and of one where it never is.
    const hour = (new Date().getUTCHours() + 12) % 24;
    const later = await made(clusterId, { name: 'later', cron: `0 ${hour} * * *`, duration: 90 });
    expect(later['open']).to.equal(false);
    const opens = Date.parse(later['next-open-on']);
    expect(new Date(opens).getUTCHours()).to.equal(hour);
    expect(Date.parse(later['next-close-on']) - opens).to.equal(1.5 * HOUR);
    const list = await coordinator.call('GET', `clusters/${clusterId}/maintenance_windows/?sort=name`);
    expect(list.body.results.map(({ name }: { name: string }) => name)).to.deep.equal(['later', 'one']);
    // What was read can be sent back.
    const back = await coordinator.call('PUT', `maintenance_windows/${now['id']}`, now);
    expect([back.status, back.body['modified-on']]).to.deep.equal([200, now['modified-on']]);
    expect((await coordinator.call('DELETE', `clusters/${clusterId}`)).status).to.equal(200);
    expect((await coordinator.call('GET', `maintenance_windows/${now['id']}`)).status).to.equal(404);
  });

  it('are no freezes that are over before they began; one that is in force may be ended', async () => {
    const { clusterId } = await modelCluster(coordinator, 'over', []);
    const fields = { name: 'one', 'cluster-id': clusterId, ...freeze() };
    const over = { ...fields, from: inHours(-2), until: inHours(-1) };
    const refused = await coordinator.call('POST', 'maintenance_windows/', over);
    expect([refused.status, refused.body.errors]).to.deep.equal([
      400,
      [{ pointer: '/until', message: 'must be later than now: this freeze is over already' }],
    ]);
    const { id } = await made(clusterId, { ...fields, from: inHours(-2) });
    const ended = await coordinator.call('PUT', `maintenance_windows/${id}`, { until: inHours(-1) });
    expect([ended.status, ended.body.open]).to.deep.equal([200, false]);
    const coming = await made(clusterId, { ...fields, name: 'two', from: inHours(1), until: inHours(2) });
    const moved = { from: inHours(-2), until: inHours(-1) };
    const back = await coordinator.call('PUT', `maintenance_windows/${coming.id}`, moved);
    expect([back.status, back.body.errors[0].pointer]).to.deep.equal([400, '/until']);
  });

  it('keep no clock of a cron that they have no longer, which nobody could make anew', async () => {
    const { clusterId } = await modelCluster(coordinator, 'clock', []);
    const zone = { 'time-zone': 'Europe/Berlin' };
    const often = await made(clusterId, { kind: 'freeze', cron: '0 1 * * *', duration: 60, ...zone });
    const once = { ...often, cron: null, duration: null, from: inHours(1) };
    const changed = await coordinator.call('PUT', `maintenance_windows/${often['id']}`, once);
    expect([changed.status, changed.body['time-zone']]).to.deep.equal([200, 'UTC']);
  });

  it('keep a job of their cluster from beginning, until they are changed', async () => {
    const { clusterId } = await modelCluster(coordinator, 'frozen', ['n1']);
    const { id } = await made(clusterId, freeze());
    const job = await postRestart(coordinator, clusterId);
    await waitsFor(coordinator, job, 'window');
    const { 'waiting-for': waiting } = await jobOf(coordinator, job);
    expect(waiting.ids).to.deep.equal([id]);
    expect(waiting.what).to.match(/^Frozen since .*, by freeze one: .* as they are, it never opens; /);
    const until = inHours(2);
    await coordinator.call('PUT', `maintenance_windows/${id}`, { until });
    await eventually(async () =>
      expect((await jobOf(coordinator, job))['waiting-for'].what).to.include(`until ${until};`),
    );
    await coordinator.call('DELETE', `maintenance_windows/${id}`);
    await waitsFor(coordinator, job, 'agent-not-enrolled');
    await made(clusterId, freeze());
    await waitsFor(coordinator, job, 'window');
    await terminate(coordinator, job);
    await becomes(coordinator, job, 'TERMINATED');
  });

  it('let it go on by themselves once their time has come', async () => {
    const { clusterId } = await modelCluster(coordinator, 'short', ['n1']);
    const { id } = await made(clusterId, { ...freeze(), until: inHours(1) });
    const job = await postRestart(coordinator, clusterId);
    await waitsFor(coordinator, job, 'window');
    const until = new Date(Date.now() + 300).toISOString();
    await coordinator.call('PUT', `maintenance_windows/${id}`, { until });
    await waitsFor(coordinator, job, 'agent-not-enrolled');
    await terminate(coordinator, job);
  });

  it('are ignored by a job that is asked for so, and that says so', async () => {
    const { clusterId, nodeIds } = await modelCluster(coordinator, 'ignored', ['n1']);
    const { body } = await coordinator.call('POST', `nodes/${nodeIds[0]}/enrolment`);
    const agent = await startLinkAgent(body.bundle, () => []);
    await made(clusterId, freeze());
    const job = await postRestart(coordinator, clusterId, { 'ignore-windows': true });
    await becomes(coordinator, job, 'COMPLETE');
    expect(await subtypesOf(coordinator, job)).to.deep.equal(['start', 'window-ignored', 'end']);
    await agent.stop();
  });

  it('are told by the plan of a job', async () => {
    const { clusterId } = await modelCluster(coordinator, 'planned', ['n1']);
    const planOf = async (options = {}) => {
      const scope = { 'job-scope': 'cluster', 'resource-id': clusterId, ...options };
      return (await coordinator.call('POST', 'actions/restart?plan=true', scope)).body;
    };
    expect((await planOf()).window).to.equal(null);
    const until = inHours(1);
    await made(clusterId, { ...freeze(), until });
    const plan = await planOf();
    expect(plan.window).to.deep.equal({ 'begins-on': until, 'shuts-on': null, fits: true });
    expect(plan.notes.at(-1)).to.equal(`It waits until its cluster opens at ${until}.`);
    expect((await planOf({ 'ignore-windows': true })).window).to.equal(null);
  });
});
