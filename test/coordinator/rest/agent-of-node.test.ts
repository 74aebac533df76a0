// What a node shows of its agent: connected or away, its version, and when it was last seen.
import { expect } from 'chai';
import { askDatabase } from '../../support/ask-database.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { startLinkAgent } from '../../support/link-agent.ts';

describe('the agent of a node', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let nodeId: string;
  const agentOf = async () => (await coordinator.call('GET', `nodes/${nodeId}`)).body.agent;
  before(async () => {
    coordinator = await startTestCoordinator();
    nodeId = (await modelCluster(coordinator, 'c1', ['n1'])).nodeIds[0] ?? '';
  });
  after(() => coordinator.remove());

  it('is away and was never seen before it has dialled in, then connected, then away since it left', async () => {
    expect(await agentOf()).to.deep.equal({
      connected: false,
      version: null,
      'last-seen': null,
      'contested-by': null,
    });
    const { body } = await coordinator.call('POST', `nodes/${nodeId}/enrolment`);
    const agent = await startLinkAgent(body.bundle, () => []);
    const connected = await eventually(async () => {
      const shown = await agentOf();
      expect(shown).to.include({ connected: true, version: '0' });
      return shown;
    });
    expect(connected['last-seen']).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const turns = `update agent set contested_on = now(), former_host = 'other (10.0.0.9)' where node_id = $1`;
    await askDatabase(coordinator.databaseUrl, turns, [nodeId]);
    expect((await agentOf())['contested-by']).to.satisfy(
      ([former, now]: string[]) => former === 'other (10.0.0.9)' && /^\S+ \(127\.0\.0\.1\)$/.test(now ?? ''),
    );
    const before = `update agent set contested_on = now() - interval '11 min' where node_id = $1`;
    await askDatabase(coordinator.databaseUrl, before, [nodeId]);
    expect((await agentOf())['contested-by']).to.equal(null);
    await agent.stop();
    const away = await eventually(async () => {
      const shown = await agentOf();
      expect(shown).to.include({ connected: false, version: '0' });
      return shown;
    });
    expect(Date.parse(away['last-seen'])).to.be.at.least(Date.parse(connected['last-seen']) - 5_000);
  });
});
