// A database that goes away in the middle of a job: callers are told, agents keep what they have to say, and all goes on by itself.
import { expect } from 'chai';
import { askDatabase } from '../support/ask-database.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../support/coordinator.ts';
import { eventually } from '../support/eventually.ts';
import { talkingStep } from '../support/gated-step.ts';
import { heardLog } from '../support/heard-log.ts';
import { startLinkAgent } from '../support/link-agent.ts';
import { followLive } from '../support/live-stream.ts';
import { type OwnPostgres, startOwnPostgres } from '../support/own-postgres.ts';
import { startWire } from '../support/wire.ts';

describe('a database that goes away', function () {
  this.timeout(90_000);
  let postgres: OwnPostgres;
  let coordinator: TestCoordinator;
  const ends: (() => Promise<unknown>)[] = [];
  const { log, lines } = heardLog(false);
  before(async () => {
    postgres = await startOwnPostgres();
    coordinator = await startTestCoordinator(
      {},
      { log, databaseUrl: postgres.url, timings: { liveHeartbeatMs: 100 } },
    );
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  after(async () => {
    await coordinator.remove();
    await postgres.remove();
  });

  /** Three agents that talk without end, a job on their cluster, and a reader of its live stream. */
  async function startTalking(name: string) {
    const { clusterId, nodeIds } = await modelCluster(coordinator, name, ['n1', 'n2', 'n3']);
    const steps = nodeIds.map((_, at) => talkingStep(`${name}-${at}`));
    const agents = [];
    for (const [at, nodeId] of nodeIds.entries()) {
      const { body } = await coordinator.call('POST', `nodes/${nodeId}/enrolment`);
      const step = steps[at]?.step;
      const agent = await startLinkAgent(body.bundle, () => (step === undefined ? [] : [step]));
      ends.push(() => agent.stop());
      agents.push(agent);
    }
    const scope = { 'job-scope': 'cluster', 'resource-id': clusterId };
    const { body } = await coordinator.call('POST', 'actions/restart', scope);
    const live = await followLive(coordinator.restUrl, body.id);
    ends.push(async () => live.close());
    await eventually(() => expect(live.messages).to.have.length.above(100));
    return { jobId: body.id as string, clusterId, steps, agents, live };
  }
  type Talk = Awaited<ReturnType<typeof startTalking>>;

  /** Lets the job come to its end and compares what is stored with what the agents told. */
  async function endsWhole({ jobId, steps, live }: Talk): Promise<void> {
    for (const { open } of steps) open();
    await eventually(
      async () => expect((await coordinator.call('GET', `jobs/${jobId}`)).body.status).to.equal('COMPLETE'),
      { withinMs: 40_000 },
    );
    const { body: job } = await coordinator.call('GET', `jobs/${jobId}`);
    const messages: string[] = [];
    for (let page = 1, last = 1; page <= last; page += 1) {
      const { body } = await coordinator.call('GET', `jobs/${jobId}/job_events/?page=${page}&per-page=500`);
      last = body.last;
      messages.push(...body.results.map((event: { message: string }) => event.message));
    }
    // One node after the other: the nodes' stories stand one behind the other, between start and end.
    expect(messages.slice(1, -1)).to.deep.equal([1, 2, 0].flatMap((at) => steps[at]?.told ?? []));
    expect(job['event-count']).to.equal(messages.length);
    expect(job['events-complete']).to.equal(true);
    await live.ended;
    expect(live.text()).to.match(/event: end\ndata: \{"status":"COMPLETE"\}\n\n$/);
    expect(live.messages).to.deep.equal(messages);
    expect(live.numbers).to.deep.equal(messages.map((_, at) => at + 1));
  }

  it('is waited for: 503 meanwhile, no event lost or stored twice, one live stream throughout, and the job completes', async () => {
    const talk = await startTalking('crash');
    const before = lines.length;
    await postgres.crash();
    for (const [method, path, body] of [
      ['GET', `jobs/${talk.jobId}`, undefined],
      ['GET', 'clusters/', undefined],
      ['GET', `jobs/${talk.jobId}/stream`, undefined],
      ['POST', 'actions/restart', { 'job-scope': 'cluster', 'resource-id': talk.clusterId }],
      ['POST', 'actions/terminate', { 'job-id': talk.jobId }],
      ['PUT', `clusters/${talk.clusterId}`, { comment: 'x' }],
      ['DELETE', `clusters/${talk.clusterId}`, undefined],
    ] as const) {
      const answer = await coordinator.call(method, path, body);
      expect(answer.status, `${method} ${path}`).to.equal(503);
      expect(answer.headers.has('retry-after')).to.equal(false);
      expect(answer.body).to.deep.include({ code: 503, type: 'Unavailable', errors: [] });
      expect(answer.body.message)
        .to.match(/database/)
        .and.to.equal(answer.body.msg);
    }
    const ready = await coordinator.call('GET', '/readyz');
    expect([ready.status, ready.body]).to.deep.equal([503, { ready: false, database: 'away' }]);
    expect((await coordinator.call('GET', '/livez')).status).to.equal(200);
    await eventually(() => {
      const pending = talk.agents.map(({ outbox }) => outbox.pendingCount());
      expect(Math.max(...pending)).to.be.above(500);
    });
    const said = lines.slice(before).map((line) => JSON.parse(line));
    expect(said.map(({ message }) => message)).to.deep.equal(['the database is away']);
    expect(said[0].err).to.match(/^Error: ./);

    await postgres.start();
    await eventually(async () => expect((await coordinator.call('GET', '/readyz')).status).to.equal(200));
    await eventually(() =>
      expect(lines.join('\n')).to.match(/"durationMs":\d+,"message":"the database is back"/),
    );
    await endsWhole(talk);
  });

  it('for a moment, again and again, costs nothing either', async () => {
    const talk = await startTalking('cuts');
    for (let cut = 0; cut < 10; cut += 1) {
      const seen = talk.live.messages.length;
      await askDatabase(
        postgres.url,
        `select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
      );
      await eventually(() => expect(talk.live.messages).to.have.length.above(seen + 20));
    }
    await endsWhole(talk);
  });

  it('does not make the next coordinator to start take the living one for dead', async () => {
    const talk = await startTalking('alive');
    await postgres.crash();
    await postgres.start();
    const held = `select from pg_locks where locktype = 'advisory' and mode = 'ShareLock' and granted`;
    await eventually(async () => expect(await askDatabase(postgres.url, held)).to.have.length(1));
    const second = await startTestCoordinator({}, { databaseUrl: postgres.url });
    ends.push(() => second.remove());
    await endsWhole(talk);
    expect(talk.live.statuses).to.not.include('ORPHANED');
  });

  it('while it still takes connections, and stands still, is away to callers after seconds, and all goes on when it wakes', async () => {
    const talk = await startTalking('frozen');
    await postgres.freeze();
    ends.push(() => postgres.thaw());
    const paths = ['/readyz', ...Array.from({ length: 30 }, (_, at) => ['jobs/', 'clusters/'][at % 2] ?? '')];
    const startedMs = performance.now();
    const answers = await Promise.all(paths.map((path) => coordinator.call('GET', path)));
    expect(answers.map(({ status }) => status)).to.deep.equal(paths.map(() => 503));
    // A connection is waited for 5 s, an answer on it 5 s more: long before the silence that ends a connection.
    expect(performance.now() - startedMs).to.be.below(30_000);
    const scope = { 'job-scope': 'cluster', 'resource-id': talk.clusterId };
    expect((await coordinator.call('POST', 'actions/restart', scope)).status).to.equal(503);
    await postgres.thaw();
    await eventually(async () => expect((await coordinator.call('GET', '/readyz')).status).to.equal(200));
    await endsWhole(talk);
  });

  it('and says nothing at all is not waited for without end', async () => {
    const { host, port } = postgres.socket;
    const wire = await startWire({ path: `${host}/.s.PGSQL.${port}` });
    ends.push(() => wire.close());
    const databaseUrl = postgres.url.replace(/@.*$/, `@127.0.0.1:${wire.port}/ringmaster`);
    const other = await startTestCoordinator({}, { databaseUrl, timings: { databaseSilentMs: 3_000 } });
    ends.push(() => other.remove());
    expect((await other.call('GET', '/readyz')).status).to.equal(200);
    wire.silence();
    const [ready, list] = await Promise.all([other.call('GET', '/readyz'), other.call('GET', 'jobs/')]);
    expect([ready.status, list.status]).to.deep.equal([503, 503]);
    wire.heal();
    await eventually(async () => expect((await other.call('GET', '/readyz')).status).to.equal(200));
  });
});
