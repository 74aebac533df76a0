// What a coordinator holds while its database stalls: each agent's credit and no more, whatever agents do.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import pg from 'pg';
import type { Step } from '../../../agent/steps/step.ts';
import { uuidv7 } from '../../../shared/uuid.ts';
import type { AgentMessage, WireRecord } from '../../../shared/wire/messages.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { type LinkAgentOptions, startLinkAgent } from '../../support/link-agent.ts';
import { enrolRawAgent, type RawStream } from '../../support/raw-agent.ts';
import { type Watch, watchOutbox } from '../../support/watched-outbox.ts';

const CREDIT = 2;
/** records that an agent with a backlog puts into a batch */
const SENT_TOGETHER = 200;
/** records that our raw agents put into one */
const RECORDS = 50;

const recordOf = (runId: string, seq: number, message = `event ${seq}`): WireRecord => ({
  runId,
  seq,
  body: {
    kind: 'event',
    event: {
      id: uuidv7(),
      atMs: Date.now(),
      type: 'check',
      subtype: 'told',
      resource: null,
      message,
      changes: false,
      beforeJson: null,
      afterJson: null,
      traceback: null,
    },
  },
});

/** A run that tells nothing by itself and ends with its agent. */
const holdTheRun = (): Step[] => [
  {
    name: 'hold-the-run',
    // biome-ignore lint/correctness/useYield: it tells nothing
    async *run({ aborted }) {
      await once(aborted, 'abort');
      aborted.throwIfAborted();
    },
  },
];

type LinkAgent = Awaited<ReturnType<typeof startLinkAgent>>;

describe('the credit of agents', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let database: pg.Client;
  const streams: RawStream[] = [];
  before(async () => {
    coordinator = await startTestCoordinator();
    database = new pg.Client({ connectionString: coordinator.databaseUrl });
    await database.connect();
  });
  afterEach(async () => {
    await database.query('rollback');
    for (const stream of streams.splice(0)) stream.close();
  });
  after(async () => {
    await database.end();
    await coordinator.remove();
  });

  /** No event can be stored from here on, and everything else goes on. */
  const stall = () => database.query('begin; lock table job_counter in exclusive mode');
  const resume = () => database.query('rollback');

  const bundleOf = async (nodeId: string | undefined): Promise<string> =>
    (await coordinator.call('POST', `nodes/${nodeId}/enrolment`)).body.bundle;
  const startJob = async (clusterId: string): Promise<string> =>
    (
      await coordinator.call('POST', 'actions/restart', {
        'job-scope': 'cluster',
        'resource-id': clusterId,
      })
    ).body.id;
  const toldBy = async (jobId: string): Promise<string[]> =>
    (
      await database.query<{ message: string }>(
        'select message from job_event where job_id = $1 and job_node_id is not null order by number',
        [jobId],
      )
    ).rows.map(({ message }) => message);

  /** An agent that has taken a run, and batches of its records. */
  async function rawAgent(name: string) {
    const { clusterId, nodeIds } = await modelCluster(coordinator, name, ['n1']);
    const open = await enrolRawAgent(await bundleOf(nodeIds[0]));
    const attach = async (runIds: string[]): Promise<RawStream> => {
      const stream = open();
      streams.push(stream);
      stream.say({ kind: 'hello', version: '0', hostname: 'raw', runIds, streamId: uuidv7() });
      await stream.hear('welcome');
      return stream;
    };
    const jobId = await startJob(clusterId);
    const stream = await attach([]);
    const [{ runId } = { runId: '' }] = await stream.hear('start-run');
    stream.say({ kind: 'run-accepted', runId });
    const records = Array.from({ length: 4 * RECORDS }, (_, n) => recordOf(runId, n + 1));
    const batch = (n: number): AgentMessage => ({
      kind: 'record-batch',
      records: records.slice(n * RECORDS, (n + 1) * RECORDS),
    });
    const all = records.map((_, n) => `event ${n + 1}`);
    /** All that was said on the stream has been taken in: what came after it was answered. */
    const arrived = async (on: RawStream): Promise<void> => {
      on.say({
        kind: 'peer-question',
        runId,
        questionId: randomUUID(),
        address: '127.0.0.1',
        withinMs: 60_000,
      });
      await on.hear('peer-answer');
    };
    return { jobId, nodeId: nodeIds[0], runId, stream, attach, batch, all, arrived };
  }

  it('cuts off an agent that goes on without it, and takes each record once on the next stream', async () => {
    const { jobId, runId, stream, attach, batch, all } = await rawAgent('greedy');
    await stall();
    for (const n of [0, 1, 2, 3]) stream.say(batch(n));
    expect(await stream.ended).to.include({
      code: status.INVALID_ARGUMENT,
      details: `more than ${CREDIT} record batches unacknowledged`,
    });
    await resume();
    const next = await attach([runId]);
    for (const n of [0, 1, 2, 3]) {
      next.say(batch(n));
      await next.hear('ack', n + 1);
    }
    expect(await toldBy(jobId)).to.deep.equal(all);
    expect(stream.heard.filter(({ kind }) => kind === 'ack')).to.deep.equal([]);
  });

  it('counts what is acknowledged, however much that is in all', async () => {
    const { jobId, stream, batch, all } = await rawAgent('steady');
    stream.say(batch(0));
    for (const n of [1, 2, 3]) {
      stream.say(batch(n));
      await stream.hear('ack', n);
    }
    const acks = await stream.hear('ack', 4);
    expect(acks.map(({ acks: [ack], batches }) => [ack?.seq, batches])).to.deep.equal(
      [1, 2, 3, 4].map((n) => [n * RECORDS, 1]),
    );
    expect(await toldBy(jobId)).to.deep.equal(all);
  });

  it('forgets what waits of streams that are gone, so that dialling again and again fills nothing', async () => {
    const { jobId, nodeId, runId, stream, attach, batch, arrived } = await rawAgent('restless');
    const other = await rawAgent('patient');
    await stall();
    stream.say(batch(0)); // this one is in a transaction, and stays there
    await arrived(stream);
    let last = stream;
    for (let dialled = 0; dialled < 5; dialled += 1) {
      last.close();
      last = await attach([runId]);
      last.say(batch(1));
      last.say(batch(2));
      await arrived(last);
    }
    last.close();
    await eventually(async () =>
      expect(
        (await database.query('select session_id from agent where node_id = $1', [nodeId])).rows,
      ).to.deep.equal([{ session_id: null }]),
    );
    await resume();
    await eventually(async () => expect(await toldBy(jobId)).to.have.length(RECORDS));
    other.stream.say(other.batch(0));
    await other.stream.hear('ack');
    expect(await toldBy(jobId)).to.have.length(RECORDS);
  });

  it('keeps sound agents to it while nothing can be stored, and each event is stored once when it can be again', async () => {
    const agents = await Promise.all(
      Array.from({ length: 10 }, async (_, n) => {
        const { clusterId, nodeIds } = await modelCluster(coordinator, `sound-${n}`, ['n1']);
        let watch: Watch | undefined;
        const seen: LinkAgentOptions['seen'] = (outbox) => {
          watch = watchOutbox(outbox);
          return watch.outbox;
        };
        const agent = await startLinkAgent(await bundleOf(nodeIds[0]), holdTheRun, { seen });
        const jobId = await startJob(clusterId);
        const runId = await eventually(() => {
          const [held] = agent.runner.heldRunIds();
          if (held === undefined) throw new Error('no run yet');
          return held;
        });
        return { agent, jobId, runId, watch };
      }),
    );
    try {
      await stall();
      const all = Array.from({ length: 1_000 }, (_, n) => `event ${n + 1}`);
      const append = (agent: LinkAgent, runId: string, messages: readonly string[]) =>
        Promise.all(messages.map((message) => agent.outbox.append(runId, recordOf(runId, 0, message).body)));
      const taken = () => agents.map(({ watch }) => watch?.taken);
      const theirCredit = agents.map(() => CREDIT * SENT_TOGETHER);
      for (const { agent, runId } of agents) await append(agent, runId, all);
      await eventually(() => expect(taken()).to.deep.equal(theirCredit));
      // Each of these is a write to disk: time enough for a third batch, were there one to come.
      for (const { agent, runId } of agents) await append(agent, runId, ['the last']);
      expect(taken()).to.deep.equal(theirCredit);
      await resume();
      await eventually(() => {
        for (const { agent } of agents) expect(agent.outbox.pendingCount()).to.equal(0);
      });
      for (const { jobId } of agents) expect(await toldBy(jobId)).to.deep.equal([...all, 'the last']);
    } finally {
      for (const { agent } of agents) await agent.stop();
    }
  });

  it('refuses a message beyond the limit, and says what the limit is', async () => {
    const { runId, stream } = await rawAgent('large');
    stream.say({ kind: 'record-batch', records: [recordOf(runId, 1, 'x'.repeat(1_100_000))] });
    const end = await stream.ended;
    expect(end.code).to.equal(status.RESOURCE_EXHAUSTED);
    expect(end.details).to.include('1048576');
  });
});
