// Agents for hosts that are not reached, or that refuse: how often each is tried, what is told of it, and what ends that.
import { expect } from 'chai';
import { TIMINGS } from '../../../coordinator/timings.ts';
import { askDatabase } from '../../support/ask-database.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { becomes, jobOf, postRestart, subtypesOf, terminate, waitsFor } from '../../support/jobs.ts';
import { oddServer } from '../../support/ssh-server.ts';

const ON = { RINGMASTER_BOOTSTRAP: 'on' };
const REFUSED = (port: number) =>
  `admin@127.0.0.1:${port} is not reached: nobody listens there (ECONNREFUSED)`;

describe('an agent for a host that', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  afterEach(() => coordinator?.remove());

  const started = async (againMs: number, waitMs = 60_000) => {
    coordinator = await startTestCoordinator(ON, {
      timings: {
        bootstrapTry: {
          connectWithinMs: 5_000,
          commandWithinMs: 5_000,
          installWithinMs: 5_000,
          lockWithinMs: 1_000,
          connectedWithinMs: 100,
        },
        bootstrapAgainMs: againMs,
        bootstrapWaitMs: waitMs,
      },
    });
  };
  /** @returns the job on a node at that port */
  const jobAt = async (port: number, node: Readonly<Record<string, string>> = {}): Promise<string> => {
    const { clusterId, nodeIds } = await modelCluster(coordinator, `at ${port}`, ['n1']);
    const credential = { name: `way ${port}`, 'login-user': 'admin', 'login-password': 'canary' };
    const credentialId = (await coordinator.call('POST', 'machine_credentials/', credential)).body.id;
    const at = { 'ssh-management-address': '127.0.0.1', 'ssh-management-port': port, ...node };
    expect((await coordinator.call('PUT', `nodes/${nodeIds[0]}`, at)).status).to.equal(200);
    await coordinator.call('PUT', `clusters/${clusterId}`, { 'machine-credential-id': credentialId });
    return await postRestart(coordinator, clusterId);
  };
  const errorsOf = async (id: string): Promise<string[]> => {
    const { body } = await coordinator.call('GET', `jobs/${id}/job_events/?event-type=error`);
    return body.results.map(
      (event: Record<string, string>) => `${event['event-subtype']}: ${event['message']}`,
    );
  };
  const bootstraps = (columns: string) =>
    askDatabase(coordinator.databaseUrl, `select ${columns} from bootstrap`);

  it('nobody listens at is tried as often and as far apart as the original does', () => {
    expect(TIMINGS.bootstrapTry.connectWithinMs).to.equal(30_000);
    expect(TIMINGS.bootstrapAgainMs).to.equal(10_000);
  });

  it('nobody listens at is tried three times, each of them told, and then its job waits and says why', async () => {
    await started(20);
    const port = await freePort();
    const id = await jobAt(port);
    await waitsFor(coordinator, id, 'agent-not-enrolled');
    expect(await errorsOf(id)).to.deep.equal([
      `bootstrap-unreachable: ${REFUSED(port)}. This was try 1 of 3, the next begins in 0.02 s`,
      `bootstrap-unreachable: ${REFUSED(port)}. This was try 2 of 3, the next begins in 0.02 s`,
      `bootstrap-unreachable: ${REFUSED(port)}. This was try 3 of 3: the job waits, and looks again every 60 s`,
    ]);
    const job = await jobOf(coordinator, id);
    expect(job.status).to.equal('PENDING');
    expect(job['waiting-for'].what).to.contain(`every minute, and once the node`).and.contain(REFUSED(port));
  });

  it('is there at last has what may pass tried three times as well, and is told of nothing while it was not', async () => {
    await started(20, 20);
    const port = await freePort();
    const id = await jobAt(port);
    await waitsFor(coordinator, id, 'agent-not-enrolled');
    const [{ tried_on: waitedOn }] = await bootstraps('tried_on');
    await eventually(async () =>
      expect((await bootstraps('tried_on'))[0].tried_on).to.be.greaterThan(waitedOn),
    );
    const server = await oddServer({ at: port, drops: () => true });
    try {
      await becomes(coordinator, id, 'FAILED');
      const errors = await errorsOf(id);
      expect(errors.map((error) => error.replace(/: .*/, ''))).to.deep.equal([
        ...Array(3).fill('bootstrap-unreachable'),
        ...Array(3).fill('bootstrap-connection-lost'),
      ]);
      expect(errors.at(-1)).to.match(/ to admin@127\.0\.0\.1:\d+: .*\. This was try 3 of 3$/);
    } finally {
      server.close();
    }
  });

  it('nobody listens at is let go of when its job is terminated between two tries', async () => {
    await started(60_000);
    const id = await jobAt(await freePort());
    await eventually(async () =>
      expect((await jobOf(coordinator, id))['waiting-for']?.what).to.contain('try 2 of 3'),
    );
    await terminate(coordinator, id);
    await becomes(coordinator, id, 'TERMINATED');
    expect(await bootstraps('outcome, failed_tries, leased_until')).to.deep.equal([
      { outcome: 'dropped', failed_tries: 1, leased_until: null },
    ]);
    expect(await subtypesOf(coordinator, id)).to.deep.equal([
      'bootstrap-started',
      'bootstrap-unreachable',
      'terminate-requested',
      'end',
    ]);
  });

  it('nobody listens at keeps its count over a restart of the coordinator between two tries', async () => {
    await started(60_000);
    const { databaseUrl } = coordinator;
    const id = await jobAt(await freePort());
    await eventually(async () => expect(await errorsOf(id)).to.have.length(1));
    await coordinator.stop();
    const first = coordinator;
    coordinator = await startTestCoordinator(ON, {
      databaseUrl,
      timings: { bootstrapAgainMs: 60_000, sweepEveryMs: 50 },
    });
    try {
      await askDatabase(databaseUrl, 'update bootstrap set next_try_on = clock_timestamp()');
      await eventually(async () => expect(await errorsOf(id)).to.have.length(2));
      expect((await errorsOf(id)).at(-1)).to.contain('This was try 2 of 3');
    } finally {
      await coordinator.stop();
      coordinator = first;
    }
  });

  it('refuses the login is asked once, and its job waits for another credential', async () => {
    await started(20, 20);
    const server = await oddServer({ login: (login) => login.reject(['password']) });
    try {
      const id = await jobAt(server.port);
      await waitsFor(coordinator, id, 'agent-not-enrolled');
      const refused = `admin@127.0.0.1:${server.port} refused the login by the password`;
      expect(await errorsOf(id)).to.deep.equal([`bootstrap-auth-refused: ${refused}`]);
      expect(await bootstraps('failed_tries, next_try_on::text')).to.deep.equal([
        { failed_tries: 0, next_try_on: 'infinity' },
      ]);
      expect(server.connections).to.have.length(1);
    } finally {
      server.close();
    }
  });

  it('has another key fails its node at once', async () => {
    await started(20, 20);
    const server = await oddServer();
    try {
      const id = await jobAt(server.port, { 'ssh-host-key': `SHA256:${'A'.repeat(43)}` });
      await becomes(coordinator, id, 'FAILED');
      const [error, ...more] = await errorsOf(id);
      expect(more).to.deep.equal([]);
      expect(error).to.match(/^bootstrap-host-key-changed: /);
      expect(error).to.not.contain('This was try');
    } finally {
      server.close();
    }
  });
});
