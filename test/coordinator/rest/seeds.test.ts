// The seeds of a cluster: those that the model marks, and what takes their place for clients that mark none.
import { expect } from 'chai';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { becomes } from '../../support/jobs.ts';
import { type LinkAgent, startLinkAgent } from '../../support/link-agent.ts';

describe('the seeds of a cluster', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let ids: Awaited<ReturnType<typeof modelCluster>>;
  const agents: LinkAgent[] = [];
  /** by node name: the addresses that its run was given */
  let seedsOf: Record<string, string[]>;

  const made = async (path: string, body: unknown): Promise<string> =>
    (await coordinator.call('POST', path, body)).body.id;
  const node = (name: string, address: string, datacenter = ids.datacenterId) =>
    made('nodes/', { name, rack: 'r1', 'datacenter-id': datacenter, 'ssh-management-address': address });
  async function enrol(nodeId: string): Promise<void> {
    const { body } = await coordinator.call('POST', `nodes/${nodeId}/enrolment`);
    agents.push(
      await startLinkAgent(body.bundle, (input) => [
        {
          name: 'take-note',
          async *run() {
            seedsOf[input.node.name] = input.cluster.seeds;
            yield { type: 'check', subtype: 'noted', resource: null, message: 'Noted', changes: false };
          },
        },
      ]),
    );
  }
  /** Installs all of the cluster. @returns the names in the order of the job */
  async function install(): Promise<string[]> {
    seedsOf = {};
    const { id } = (
      await coordinator.call('POST', 'actions/install', {
        'job-scope': 'cluster',
        'resource-id': ids.clusterId,
      })
    ).body;
    await becomes(coordinator, id, 'COMPLETE');
    const { results } = (await coordinator.call('GET', `jobs/${id}/job_nodes/`)).body;
    const names = new Map<string, string>();
    for (const { id: nodeId, name } of (await coordinator.call('GET', 'nodes/')).body.results)
      names.set(nodeId, name);
    return results.map((one: Record<string, string>) => names.get(one['node-id'] ?? ''));
  }

  beforeEach(async () => {
    coordinator = await startTestCoordinator();
    ids = await modelCluster(coordinator, 'c1', []);
  });
  afterEach(async () => {
    for (const agent of agents.splice(0)) await agent.stop();
    await coordinator.remove();
  });

  it('are the oldest node of each datacenter where none is marked, the same ones for every node, installed first', async () => {
    const nodes = [await node('b-older', '10.0.0.1'), await node('a-newer', '10.0.0.2')];
    const second = await made('datacenters/', { name: 'zone-2', 'cluster-id': ids.clusterId });
    nodes.push(await node('c-other', '10.0.0.3', second));
    for (const id of nodes) await enrol(id);
    expect(await install()).to.deep.equal(['b-older', 'c-other', 'a-newer']);
    const seeds = ['10.0.0.1', '10.0.0.3'];
    expect(seedsOf).to.deep.equal({ 'b-older': seeds, 'a-newer': seeds, 'c-other': seeds });
    const shown = (await coordinator.call('GET', `nodes/${nodes[0]}`)).body;
    expect([shown.seed, shown.effective.seed]).to.deep.equal([false, true]);
    expect((await coordinator.call('GET', `nodes/${nodes[1]}`)).body.effective.seed).to.equal(false);
  });

  it('are the marked ones and no others as soon as one is marked anywhere in the cluster', async () => {
    const nodes = [await node('older', '10.0.0.1'), await node('newer', '10.0.0.2')];
    await coordinator.call('PUT', `nodes/${nodes[1]}`, { seed: true });
    for (const id of nodes) await enrol(id);
    expect(await install()).to.deep.equal(['newer', 'older']);
    expect(seedsOf).to.deep.equal({ older: ['10.0.0.2'], newer: ['10.0.0.2'] });
    expect((await coordinator.call('GET', `nodes/${nodes[0]}`)).body.effective.seed).to.equal(false);
  });
});
