// Addresses of nodes: never one for two nodes of a cluster, whatever field it comes from; other clusters may have it.
import { expect } from 'chai';
import { startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';

describe('addresses of nodes', () => {
  let coordinator: TestCoordinator;
  let made = 0;
  before(async () => {
    coordinator = await startTestCoordinator();
  });
  after(() => coordinator.remove());

  const idOf = async (path: string, body: unknown): Promise<string> =>
    (await coordinator.call('POST', path, body)).body.id;
  /** A cluster with two datacenters. */
  async function cluster() {
    made += 1;
    const clusterId = await idOf('clusters/', { name: `c${made}` });
    const [a, b] = [
      await idOf('datacenters/', { name: 'a', 'cluster-id': clusterId }),
      await idOf('datacenters/', { name: 'b', 'cluster-id': clusterId }),
    ];
    return { a, b };
  }
  const node = (datacenterId: string, name: string, fields: object) =>
    coordinator.call('POST', 'nodes/', { name, 'datacenter-id': datacenterId, ...fields });

  it('are refused when another node of the cluster has them, by field and by that node', async () => {
    const { a, b } = await cluster();
    await node(a, 'one', { 'ssh-management-address': '10.1.0.1' });
    const { status, body } = await node(b, 'two', { 'ssh-management-address': '10.1.0.1' });
    expect(status).to.equal(409);
    expect(body.message).to.equal(
      'The node\'s ssh-management-address is that of node "one" in datacenter "a" of this cluster',
    );
    expect(body.errors[0].pointer).to.equal('/ssh-management-address');
    for (const field of ['listen-address', 'rpc-address', 'broadcast-address'])
      expect(
        (await node(a, 'two', { 'ssh-management-address': '10.1.0.2', [field]: '10.1.0.1' })).status,
        field,
      ).to.equal(409);
    expect((await coordinator.call('GET', `datacenters/${b}/nodes/`)).body.count).to.equal(0);
  });

  it('are refused when a node is changed to them, and it may keep its own', async () => {
    const { a } = await cluster();
    await node(a, 'one', { 'ssh-management-address': '10.2.0.1' });
    const id = (await node(a, 'two', { 'ssh-management-address': '10.2.0.2' })).body.id;
    const put = async (body: object) => (await coordinator.call('PUT', `nodes/${id}`, body)).status;
    expect(await put({ 'ssh-management-address': '10.2.0.2', comment: 'same' })).to.equal(200);
    expect(await put({ 'ssh-management-address': '10.2.0.1' })).to.equal(409);
    expect((await coordinator.call('GET', `nodes/${id}`)).body['ssh-management-address']).to.equal(
      '10.2.0.2',
    );
  });

  it('are compared as addresses: IPv6 has many ways to write one', async () => {
    const { a } = await cluster();
    await node(a, 'one', { 'ssh-management-address': '2001:db8::1' });
    for (const same of ['2001:0db8::1', '2001:DB8:0:0:0:0:0:1', '2001:db8::0.0.0.1'])
      expect((await node(a, 'two', { 'ssh-management-address': same })).status, same).to.equal(409);
    expect((await node(a, 'two', { 'ssh-management-address': '2001:db8::2' })).status).to.equal(201);
  });

  it('may be those of nodes in other clusters, and of private networks in another datacenter', async () => {
    const [one, other] = [await cluster(), await cluster()];
    const wild = { 'native-transport-address': '0.0.0.0' };
    const at = (address: string, broadcast: string) => ({
      'ssh-management-address': broadcast,
      'listen-address': address,
      'broadcast-address': broadcast,
      'native-transport-broadcast-address': broadcast,
      ...wild,
    });
    expect((await node(one.a, 'one', at('10.3.0.1', '192.0.2.1'))).status).to.equal(201);
    expect((await node(one.b, 'two', at('10.3.0.1', '192.0.2.2'))).status).to.equal(201);
    expect((await node(one.b, 'three', at('10.3.0.1', '192.0.2.3'))).status).to.equal(409);
    expect((await node(other.a, 'one', at('10.3.0.1', '192.0.2.1'))).status).to.equal(201);
  });

  it('are given to one of two nodes that are made at once', async () => {
    const { a, b } = await cluster();
    const fields = { 'ssh-management-address': '10.4.0.1' };
    const answers = await Promise.all([a, b, a, b].map((id, at) => node(id, `n${at}`, fields)));
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([201, 409, 409, 409]);
  });
});
