// A job that a schedule made, from the command line.
import { expect } from 'chai';
import { cli } from '../../../support/cli.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../../support/coordinator.ts';
import { inDatabase } from '../../../support/sign-in.ts';

describe('ringmaster job show', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  before(async () => {
    coordinator = await startTestCoordinator();
  });
  after(() => coordinator.remove());

  it('names the schedule that made a job, also once that is deleted', async () => {
    const { clusterId } = await modelCluster(coordinator, 'c1', ['n1']);
    const target = { 'job-scope': 'cluster', 'resource-id': clusterId };
    const job = (await coordinator.call('POST', 'actions/restart', target)).body;
    const show = async () => (await cli(coordinator.restUrl, ['job', 'show', job.id])).out;
    expect(await show())
      .to.contain(job.id)
      .and.not.match(/^schedule/m);
    const nightly = { name: 'nights', 'cluster-id': clusterId, 'job-type': 'restart', cron: '0 1 * * *' };
    const schedule = (await coordinator.call('POST', 'job_schedules/', nightly)).body;
    const made = `update job set schedule_id = '${schedule.id}' where id = '${job.id}'`;
    await inDatabase(coordinator.databaseUrl, made);
    const line = async () => /^schedule +(.*)$/m.exec(await show())?.[1];
    expect(await line()).to.equal(`nights  (${schedule.id})`);
    const another = (await coordinator.call('POST', 'actions/restart', target)).body;
    const list = async (...by: string[]) =>
      (await cli(coordinator.restUrl, ['job', 'list', '--quiet', ...by])).out.trim().split('\n');
    expect(await list()).to.deep.equal([another.id, job.id]);
    expect(await list('--schedule', 'nights')).to.deep.equal([job.id]);
    await coordinator.call('DELETE', `job_schedules/${schedule.id}`);
    expect(await line()).to.equal(`${schedule.id}  (deleted)`);
  });
});
