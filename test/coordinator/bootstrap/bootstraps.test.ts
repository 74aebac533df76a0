// Agents that are being brought to a host which does not answer: what their jobs say, and what ends it. Real hosts are in test/hosts.

import { createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { askDatabase } from '../../support/ask-database.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { startCoordinatorProgram } from '../../support/coordinator-program.ts';
import { eventually } from '../../support/eventually.ts';
import {
  becomes,
  callerOf,
  jobOf,
  nodesOf,
  postRestart,
  subtypesOf,
  terminate,
  waitsFor,
} from '../../support/jobs.ts';
import { startLinkAgent } from '../../support/link-agent.ts';

const ON = { RINGMASTER_BOOTSTRAP: 'on' };

describe('agents that are brought', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let silent: Server;
  const sockets: Socket[] = [];
  let port: number;
  const timings = (connectWithinMs: number) => ({
    bootstrapTry: {
      connectWithinMs,
      commandWithinMs: 1_000,
      installWithinMs: 1_000,
      lockWithinMs: 1_000,
      connectedWithinMs: 1_000,
    },
    bootstrapAgainMs: 50,
  });

  before(async () => {
    silent = createServer((socket) => {
      sockets.push(socket);
      socket.resume(); // else its end is never seen
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  after(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  afterEach(() => coordinator?.remove());

  let models = 0;
  /** A cluster with a machine credential, whose hosts take connections and say nothing. */
  const modelled = async (
    at: Pick<TestCoordinator, 'call'>,
    nodes: readonly string[],
    login: Readonly<Record<string, string>> = { 'login-user': 'admin', 'login-password': 'canary' },
  ) => {
    models += 1;
    const ids = await modelCluster(at, `silent ${models}`, nodes);
    const credential = { name: `way ${models}`, ...login };
    const credentialId = (await at.call('POST', 'machine_credentials/', credential)).body.id;
    for (const nodeId of ids.nodeIds)
      await at.call('PUT', `nodes/${nodeId}`, {
        'ssh-management-address': nodeId === ids.nodeIds.at(-1) ? '127.0.0.1' : '127.0.0.9',
        'ssh-management-port': port,
      });
    await at.call('PUT', `clusters/${ids.clusterId}`, { 'machine-credential-id': credentialId });
    return ids;
  };

  it('fail their node after three tries, and nodes behind it are not started', async () => {
    coordinator = await startTestCoordinator(ON, { timings: timings(1_000) });
    const { clusterId } = await modelled(coordinator, ['n1', 'n2']);
    const id = await postRestart(coordinator, clusterId);
    await becomes(coordinator, id, 'FAILED');
    expect(await nodesOf(coordinator, id)).to.deep.equal(['n2 FAILED', 'n1 TERMINATED']);
    const failed = ['bootstrap-started', 'bootstrap-timeout'];
    expect(await subtypesOf(coordinator, id)).to.deep.equal([
      ...failed,
      ...failed,
      ...failed,
      'start',
      'not-started',
      'end',
    ]);
    expect((await jobOf(coordinator, id))['waiting-for']).to.equal(null);
  });

  it('are what the job waits for, with the reason of the try before', async () => {
    coordinator = await startTestCoordinator(ON, {
      timings: { ...timings(1_000), bootstrapAgainMs: 60_000 },
    });
    const { clusterId, nodeIds } = await modelled(coordinator, ['n1']);
    const id = await postRestart(coordinator, clusterId);
    await eventually(async () =>
      expect((await jobOf(coordinator, id))['waiting-for']?.what).to.equal(
        `Node n1 has no agent: the coordinator brings one there over SSH, try 2 of 3. The one before failed: admin@127.0.0.1:${port} did not answer within 1 s`,
      ),
    );
    const job = await jobOf(coordinator, id);
    expect(job.status).to.equal('PENDING'); // nobody has let us in
    expect(job['waiting-for']).to.deep.include({ kind: 'bootstrap', ids: nodeIds });
  });

  it('are given up at once when their job is terminated, and nothing more is told', async () => {
    coordinator = await startTestCoordinator(ON, {
      timings: { ...timings(30_000), bootstrapLeaseMs: 120_000 },
    });
    const { clusterId } = await modelled(coordinator, ['n1']);
    const known = sockets.length;
    const id = await postRestart(coordinator, clusterId);
    await eventually(() => expect(sockets).to.have.length(known + 1));
    await terminate(coordinator, id);
    await becomes(coordinator, id, 'TERMINATED');
    // Long before the lease is renewed, and the coordinator lives.
    await eventually(() => expect(sockets.at(-1)?.destroyed).to.equal(true), { withinMs: 10_000 });
    await eventually(async () =>
      expect(await askDatabase(coordinator.databaseUrl, 'select leased_until from bootstrap')).to.deep.equal([
        { leased_until: null },
      ]),
    );
    const told = await subtypesOf(coordinator, id);
    const rows = await askDatabase(coordinator.databaseUrl, 'select outcome, failed_tries from bootstrap');
    expect(rows).to.deep.equal([{ outcome: 'dropped', failed_tries: 0 }]);
    expect(told).to.deep.equal(['bootstrap-started', 'terminate-requested', 'end']);
  });

  it('are at one coordinator for as long as it renews its lease', async () => {
    const given = { ...timings(8_000), bootstrapAgainMs: 60_000, bootstrapLeaseMs: 3_000, sweepEveryMs: 50 };
    coordinator = await startTestCoordinator(ON, { timings: given });
    const { clusterId } = await modelled(coordinator, ['n1']);
    const known = sockets.length;
    const id = await postRestart(coordinator, clusterId);
    await eventually(async () => expect(await subtypesOf(coordinator, id)).to.include('bootstrap-timeout'));
    expect(await subtypesOf(coordinator, id)).to.deep.equal(['bootstrap-started', 'bootstrap-timeout']);
    expect(sockets).to.have.length(known + 1);
  });

  it('are brought to nobody where that is switched off', async () => {
    coordinator = await startTestCoordinator({ RINGMASTER_BOOTSTRAP: 'off' }, { timings: timings(100) });
    const { clusterId } = await modelled(coordinator, ['n1']);
    const id = await postRestart(coordinator, clusterId);
    await waitsFor(coordinator, id, 'agent-not-enrolled');
    expect((await jobOf(coordinator, id))['waiting-for'].what).to.equal(
      'Node n1 has no agent: enrol one and let it connect, or terminate the job.',
    );
    expect(await askDatabase(coordinator.databaseUrl, 'select * from bootstrap')).to.deep.equal([]);
  });

  it('are waited for as without a credential where nobody is let in, until the model says how', async () => {
    coordinator = await startTestCoordinator(ON, { timings: { ...timings(100), sweepEveryMs: 50 } });
    const { clusterId } = await modelled(coordinator, ['n1'], { 'login-user': 'admin' });
    const id = await postRestart(coordinator, clusterId);
    await waitsFor(coordinator, id, 'agent-not-enrolled');
    const job = await jobOf(coordinator, id);
    expect(job.status).to.equal('PENDING');
    expect(job['waiting-for'].what).to.match(/has no login-password or ssh-private-key$/);
    expect(await subtypesOf(coordinator, id)).to.deep.equal(['bootstrap-no-login']);
    const credential = (await coordinator.call('GET', `clusters/${clusterId}`)).body['machine-credential-id'];
    const change = (fields: object) => coordinator.call('PUT', `machine_credentials/${credential}`, fields);
    await change({ 'become-mode': 'su' });
    const twice = ['bootstrap-no-login', 'bootstrap-no-login'];
    await eventually(async () => expect(await subtypesOf(coordinator, id)).to.deep.equal(twice));
    await change({ 'login-password': 'canary' });
    await eventually(async () => expect(await subtypesOf(coordinator, id)).to.include('bootstrap-timeout'));
  });

  it('fail their node when many tries came to no end', async () => {
    coordinator = await startTestCoordinator(ON, { timings: { ...timings(30_000), sweepEveryMs: 50 } });
    const { clusterId } = await modelled(coordinator, ['n1']);
    const id = await postRestart(coordinator, clusterId);
    await eventually(async () => expect(await subtypesOf(coordinator, id)).to.include('bootstrap-started'));
    await askDatabase(
      coordinator.databaseUrl,
      "update bootstrap set begun_tries = 10, lease_id = null, leased_until = now() - interval '1 second'",
    );
    await becomes(coordinator, id, 'FAILED');
    expect(await subtypesOf(coordinator, id)).to.include('bootstrap-no-end');
  });

  it('are not needed any more where an operator has enrolled one meanwhile', async () => {
    coordinator = await startTestCoordinator(ON, { timings: timings(30_000) });
    const { clusterId, nodeIds } = await modelled(coordinator, ['n1']);
    const id = await postRestart(coordinator, clusterId);
    await waitsFor(coordinator, id, 'bootstrap');
    const { body } = await coordinator.call('POST', `nodes/${nodeIds[0]}/enrolment`);
    const agent = await startLinkAgent(body.bundle, () => []);
    try {
      await becomes(coordinator, id, 'COMPLETE');
      expect(
        (await subtypesOf(coordinator, id)).filter((subtype) => /^bootstrap-/.test(subtype)),
      ).to.deep.equal(['bootstrap-started']);
      const rows = await askDatabase(coordinator.databaseUrl, 'select outcome from bootstrap');
      expect(rows).to.deep.equal([{ outcome: 'succeeded' }]);
    } finally {
      await agent.leave();
    }
  });

  it('are not brought to nodes without a machine credential, whose job waits as ever', async () => {
    coordinator = await startTestCoordinator(ON, { timings: timings(100) });
    const { clusterId } = await modelCluster(coordinator, 'by hand', ['n1']);
    const id = await postRestart(coordinator, clusterId);
    await waitsFor(coordinator, id, 'agent-not-enrolled');
    expect((await jobOf(coordinator, id)).status).to.equal('PENDING');
  });

  it('are taken over from a coordinator that was killed, once its lease has run out', async () => {
    coordinator = await startTestCoordinator(ON, { timings: timings(30_000) });
    const { databaseUrl } = coordinator;
    await coordinator.stop();
    const doomed = await startCoordinatorProgram({ ...ON, RINGMASTER_DATABASE_URL: databaseUrl });
    let id: string;
    const before = sockets.length;
    try {
      const at = callerOf(doomed.restUrl);
      const { clusterId } = await modelled(at, ['n1']);
      id = await postRestart(at, clusterId);
      await eventually(() => expect(sockets).to.have.length(before + 1));
    } finally {
      await doomed.remove(); // by SIGKILL
    }
    const drop = coordinator;
    coordinator = await startTestCoordinator(ON, {
      databaseUrl,
      timings: { ...timings(100), sweepEveryMs: 100 },
    });
    await waitsFor(coordinator, id, 'bootstrap');
    const [row] = await askDatabase(databaseUrl, 'select leased_until > now() as held from bootstrap');
    expect(row).to.deep.equal({ held: true });
    expect(sockets).to.have.length(before + 1);
    await askDatabase(databaseUrl, "update bootstrap set leased_until = now() - interval '1 second'");
    await becomes(coordinator, id, 'FAILED');
    expect(sockets).to.have.length(before + 4);
    await coordinator.stop();
    coordinator = drop;
  });
});
