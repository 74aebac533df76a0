// Settings changed while coordinators run: shown, checked, and followed at once by every coordinator.
import { expect } from 'chai';
import type { Step } from '../../../agent/steps/step.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { startLinkAgent } from '../../support/link-agent.ts';
import { expectRefusal } from '../../support/refusals.ts';

const HELD = {
  'install-idle-timeout': 900,
  'configure-idle-timeout': 300,
  'restart-idle-timeout': 300,
  'upgrade-idle-timeout': 900,
  'check-idle-timeout': 300,
  'adoption-window': 900,
};
const KEY = { RINGMASTER_MASTER_KEY: Buffer.alloc(32, 7).toString('base64') };

describe('settings', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  before(async () => {
    coordinator = await startTestCoordinator(KEY);
  });
  after(() => coordinator.remove());
  const put = async (body: unknown) => (await coordinator.call('PUT', 'settings/', body)).body;
  const shown = async (of: TestCoordinator = coordinator) =>
    (await of.call('GET', '/api/v2/lcm/settings')).body;

  it('are one flat object, changed in part, and null takes a change back', async () => {
    expect(await shown()).to.deep.equal(HELD);
    const changed = { ...HELD, 'install-idle-timeout': 60, 'adoption-window': 86_400 };
    expect(await put({ 'install-idle-timeout': '60', 'adoption-window': 86_400 })).to.deep.equal(changed);
    expect(await put({})).to.deep.equal(changed);
    expect(await put(await shown())).to.deep.equal(changed);
    expect(await put({ 'adoption-window': null })).to.deep.equal({ ...changed, 'adoption-window': 900 });
    expect(await put(Object.fromEntries(Object.keys(HELD).map((name) => [name, null])))).to.deep.equal(HELD);
  });

  it('are refused whole when one of them cannot be', async () => {
    const refused = (body: unknown, fields: string[], says: RegExp) =>
      expectRefusal(
        coordinator,
        { method: 'PUT', path: 'settings/', body },
        { status: 400, type: 'InvalidInput', fields, says },
      );
    await refused(
      { 'install-idle-timeout': 60, 'restart-idle-timeout': 0 },
      ['/restart-idle-timeout'],
      /from 1 to 86400/,
    );
    await refused(
      { 'install-idle-timeout': 60, 'adoption-window': 86_401 },
      ['/adoption-window'],
      /from 1 to 86400/,
    );
    await refused({ 'configure-idle-timeout': 'soon' }, ['/configure-idle-timeout'], /whole number/);
    await refused({ 'configure-idle-timeout': 1.5 }, ['/configure-idle-timeout'], /whole number/);
    await refused(
      { 'master-key-check': 1 },
      ['/master-key-check'],
      /is no setting; there are install-idle-timeout/,
    );
  });

  it('are followed by the coordinator that runs a job, whichever was told, jobs under way included', async () => {
    const other = await startTestCoordinator({ ...KEY, RINGMASTER_DATABASE_URL: coordinator.databaseUrl });
    let agent: Awaited<ReturnType<typeof startLinkAgent>> | null = null;
    try {
      const { clusterId, nodeIds } = await modelCluster(coordinator, 'c1', ['n1']);
      const { body } = await coordinator.call('POST', `nodes/${nodeIds[0]}/enrolment`);
      const silent: Step = {
        name: 'say-nothing',
        async *run({ aborted }) {
          yield {
            type: 'check',
            subtype: 'silent',
            resource: null,
            message: 'silent from here on',
            changes: false,
          };
          await new Promise((_, reject) => aborted.addEventListener('abort', () => reject(aborted.reason)));
        },
      };
      agent = await startLinkAgent(body.bundle, () => [silent]);
      const target = { 'job-scope': 'cluster', 'resource-id': clusterId };
      const { id } = (await coordinator.call('POST', 'actions/restart', target)).body;
      const becomes = (status: string) =>
        eventually(
          async () => expect((await coordinator.call('GET', `jobs/${id}`)).body.status).to.equal(status),
          {
            withinMs: 20_000,
          },
        );
      await becomes('RUNNING');
      await other.call('PUT', 'settings/', { 'restart-idle-timeout': 1 });
      expect(await shown()).to.deep.equal({ ...HELD, 'restart-idle-timeout': 1 });
      await becomes('IDLE');
      await other.call('PUT', 'settings/', { 'restart-idle-timeout': null });
      await becomes('RUNNING');
    } finally {
      await agent?.stop();
      await other.remove();
    }
  });
});
