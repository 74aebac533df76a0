// Records of agents in the database: whose they are, what was stored before, and what a pass has to look at for them.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import { isDataAtFault } from '../../../coordinator/store/database.ts';
import { type NodeRecord, storeRecords } from '../../../coordinator/store/ingest.ts';
import { eventsAfter, readJob } from '../../../coordinator/store/job-reads.ts';
import { acceptRun, touchRuns } from '../../../coordinator/store/runs.ts';
import { uuidv7 } from '../../../shared/uuid.ts';
import type { RecordBody } from '../../../shared/wire/messages.ts';
import { createMigratedDatabase } from '../../support/database.ts';

const told = (message: string, id = uuidv7()): RecordBody => ({
  kind: 'event',
  event: {
    id,
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
});
const end = (reason: string | null): RecordBody => ({
  kind: 'finished',
  finish: { outcome: reason === null ? 'succeeded' : 'failed', reason, atMs: Date.now() },
});

describe('records of agents in the store', function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  before(async () => {
    database = await createMigratedDatabase();
  });
  after(() => database.drop());

  /** A job of one node that runs, as a pass leaves it. */
  async function running() {
    const [jobId, jobNodeId, nodeId, runId] = [randomUUID(), randomUUID(), randomUUID(), uuidv7()];
    const { db } = database;
    await sql`insert into job (id, job_type, job_scope, cluster_id, cluster_name, job_data, status, started_on)
      values (${jobId}, 'restart', 'cluster', ${randomUUID()}, 'c', '{}', 'RUNNING', now())`.execute(db);
    await sql`insert into job_counter (job_id) values (${jobId})`.execute(db);
    await sql`insert into job_node (id, job_id, node_id, node_name, datacenter_name, position, status)
      values (${jobNodeId}, ${jobId}, ${nodeId}, 'n', 'd', 0, 'RUNNING')`.execute(db);
    await sql`insert into job_node_counter (job_node_id) values (${jobNodeId})`.execute(db);
    await sql`insert into run (id, job_id, job_node_id, node_id, input)
      values (${runId}, ${jobId}, ${jobNodeId}, ${nodeId}, '{}')`.execute(db);
    const record = (seq: number, body: RecordBody): NodeRecord => ({ nodeId, record: { runId, seq, body } });
    const messages = async () =>
      (await eventsAfter(db, jobId, 0, 5_000)).map(({ number, message }) => `${number} ${message}`);
    const run = async () =>
      (
        await sql<{ outcome: string; reason: string; stored_seq: number }>`
          select outcome, reason, stored_seq from run where id = ${runId}`.execute(db)
      ).rows[0];
    const set = (what: string) => sql.raw(`update ${what.replaceAll('JOB', `'${jobId}'`)}`).execute(db);
    return { jobId, jobNodeId, nodeId, runId, record, messages, run, set };
  }
  const store = (...records: NodeRecord[]) => storeRecords(database.db, records);

  it('keep their order, and count for the job and for the job node', async () => {
    const [one, other] = [await running(), await running()];
    await store(one.record(1, told('a')), other.record(1, told('x')), one.record(2, told('b')));
    await store(one.record(3, told('c')));
    expect(await one.messages()).to.deep.equal(['1 a', '2 b', '3 c']);
    expect(await other.messages()).to.deep.equal(['1 x']);
    const counts = await sql<{ n: number }>`select event_count as n from job_node_counter
      where job_node_id in (${one.jobNodeId}, ${other.jobNodeId}) order by event_count desc`.execute(
      database.db,
    );
    expect(counts.rows.map(({ n }) => n)).to.deep.equal([3, 1]);
  });

  it('are stored once though they come again: later, beside one another, or twice in one batch', async () => {
    const { record, messages, run } = await running();
    const [first, second, third] = [record(1, told('a')), record(2, told('b')), record(3, told('c'))];
    await Promise.all([store(first, second), store(first, second), store(first)]);
    await store(first, second, third, second, third);
    expect(await messages()).to.deep.equal(['1 a', '2 b', '3 c']);
    expect(await run()).to.include({ stored_seq: 3 });
  });

  it('are stored even when they come late: a number that was passed is no repeat', async () => {
    const { record, messages } = await running();
    await store(record(2, told('b')));
    await store(record(1, told('a')), record(2, told('b again, by another id')));
    expect((await messages()).slice(1)).to.deep.equal(['2 b', '3 a', '4 b again, by another id']);
  });

  it('that were passed over are told of once, where they are missing, and their job is never complete', async () => {
    const [one, other] = [await running(), await running()];
    const jump = [one.record(1, told('a')), one.record(501, told('b')), one.record(503, told('c'))];
    await store(...jump, other.record(1, told('x')), other.record(2, end(null)));
    await store(...jump, one.record(504, end(null)));
    expect(await one.messages()).to.deep.equal([
      '1 a',
      '2 499 records of n are missing here: numbers 2 to 500 did not come before what follows',
      '3 b',
      '4 1 record of n is missing here: number 502 did not come before what follows',
      '5 c',
    ]);
    expect((await eventsAfter(database.db, one.jobId, 1, 1))[0]).to.include({
      event_type: 'error',
      event_subtype: 'records-missing',
      job_node_id: one.jobNodeId,
      node_id: one.nodeId,
    });
    const complete = async ({ jobId }: { jobId: string }) =>
      (await readJob(database.db, jobId)).events_complete;
    expect([await complete(one), await complete(other)]).to.deep.equal([false, true]);
  });

  it('that this version does not know are told of once', async () => {
    const { record, messages } = await running();
    const unknown = record(1, { kind: 'unsupported', what: 'news' });
    await store(unknown);
    await store(unknown, record(2, told('b')));
    expect(await messages()).to.deep.equal(["1 A record of this node's agent is missing here: news", '2 b']);
  });

  it('that the server cannot even read, nested too deeply, are known for being at fault themselves', async () => {
    const { record } = await running();
    const deep = told('deep');
    if (deep.kind === 'event') deep.event.afterJson = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const error = await store(record(1, deep)).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).to.have.property('code', '54001');
    expect(isDataAtFault(error)).to.equal(true);
  });

  it("of another node's run are left out and named", async () => {
    const [one, other] = [await running(), await running()];
    const stolen: NodeRecord = {
      nodeId: one.nodeId,
      record: { runId: other.runId, seq: 1, body: told('x') },
    };
    const { foreign, jobs } = await store(stolen, one.record(1, told('a')));
    expect([...foreign]).to.deep.equal([other.runId]);
    expect([...jobs]).to.deep.equal([one.jobId]);
    expect(await other.messages()).to.deep.equal([]);
  });

  it('of a run in capitals, as no coordinator writes it, are left out and move nothing', async () => {
    const one = await running();
    const { nodeId, record } = one.record(1, told('a'));
    const shouted = { nodeId, record: { ...record, runId: record.runId.toUpperCase() } };
    expect([...(await store(shouted)).foreign]).to.deep.equal([shouted.record.runId]);
    expect(await one.run()).to.deep.equal({ outcome: null, reason: null, stored_seq: 0 });
    await store(one.record(1, told('a')));
    expect(await one.messages()).to.deep.equal(['1 a']);
  });

  it('say as well that the agent has taken the run on', async () => {
    const one = await running();
    const acceptedOn = async () =>
      (
        await sql<{ at: Date | null }>`select accepted_on as at from run where id = ${one.runId}`.execute(
          database.db,
        )
      ).rows[0]?.at;
    expect(await acceptedOn()).to.equal(null);
    await store(one.record(1, told('a')));
    const first = await acceptedOn();
    expect(first).to.be.an.instanceOf(Date);
    await acceptRun(database.db, one.nodeId, one.runId);
    await store(one.record(2, told('b')));
    expect(await acceptedOn()).to.deep.equal(first);
  });

  it('keep the first end of a run', async () => {
    const { record, run } = await running();
    await store(record(1, end('the first reason')));
    await store(record(1, end('the first reason')), record(2, end(null)));
    expect(await run()).to.deep.equal({ outcome: 'failed', reason: 'the first reason', stored_seq: 2 });
  });

  it('ask for a pass only when a run ends, or something silent is heard', async () => {
    const { jobId, runId, nodeId, record, set } = await running();
    const progress = { runId, stepNumber: 1, stepCount: 1, step: 's', ticks: 1 };
    let seq = 0;
    const looksAfter = async (change: string | null): Promise<boolean> => {
      if (change !== null) await set(change);
      seq += 1;
      const { toLookAt } = await store(record(seq, told('heard')));
      const { jobIds } = await touchRuns(database.db, [{ nodeId, progress }]);
      expect(jobIds).to.deep.equal([...toLookAt]);
      return toLookAt.has(jobId);
    };
    expect(await looksAfter(null)).to.equal(false);
    expect(await looksAfter("job set status = 'WILL_FAIL' where id = JOB")).to.equal(false);
    expect(await looksAfter("job set status = 'IDLE' where id = JOB")).to.equal(true);
    expect(await looksAfter("job set status = 'RUNNING' where id = JOB")).to.equal(false);
    expect(await looksAfter("job_node set status = 'IDLE' where job_id = JOB")).to.equal(true);
    expect(await looksAfter("job_node set status = 'RUNNING' where job_id = JOB")).to.equal(false);
    expect(await looksAfter('job set orphaned_on = now() where id = JOB')).to.equal(true);
    expect(await looksAfter('job set orphaned_on = null where id = JOB')).to.equal(false);
    expect((await store(record(seq + 1, end(null)))).toLookAt.has(jobId)).to.equal(true);
  });
});
