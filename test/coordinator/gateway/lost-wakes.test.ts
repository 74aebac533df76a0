// Orders whose wake was lost, since the coordinator that wrote them died before it could send one: they are told all the same.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import { type Database, openDatabase } from '../../../coordinator/store/database.ts';
import { silentLogger } from '../../../shared/log.ts';
import { uuidv7 } from '../../../shared/uuid.ts';
import type { CoordinatorMessage } from '../../../shared/wire/messages.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { insertRunOf } from '../../support/fleet-model.ts';
import { enrolRawAgent, type RawStream } from '../../support/raw-agent.ts';
import { helloOf } from '../../support/raw-stream.ts';

describe('orders whose wake was lost', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  /** Writes as another coordinator would, and says nothing of it. */
  let db: Database;
  const streams: RawStream[] = [];
  before(async () => {
    const timings = { beatEveryMs: 50, sweepEveryMs: 3_600_000 };
    coordinator = await startTestCoordinator({}, { timings });
    ({ db } = openDatabase({ url: coordinator.databaseUrl }, silentLogger, 2));
  });
  afterEach(() => {
    for (const stream of streams.splice(0)) stream.close();
  });
  after(async () => {
    await db.destroy();
    await coordinator.remove();
  });

  const attach = async (nodeId: string | undefined): Promise<RawStream> => {
    const { bundle } = (await coordinator.call('POST', `nodes/${nodeId}/enrolment`)).body;
    const stream = (await enrolRawAgent(bundle))();
    streams.push(stream);
    stream.say(helloOf(uuidv7()));
    await stream.hear('welcome');
    return stream;
  };
  const beats = async (count: number): Promise<void> => {
    for (let at = 0; at < count; at += 1) {
      const beatOn = async () =>
        (await sql<{ at: Date }>`select beat_on as at from listening`.execute(db)).rows[0]?.at;
      const before = await beatOn();
      await eventually(async () => expect(await beatOn()).to.not.deep.equal(before));
    }
  };
  const kindsOf = (stream: RawStream): CoordinatorMessage['kind'][] => stream.heard.map(({ kind }) => kind);

  it('reach the agent within a beat: a run, its stop and its fence, each once', async () => {
    const { nodeIds } = await modelCluster(coordinator, 'orders', ['n1']);
    const nodeId = nodeIds[0] ?? '';
    const stream = await attach(nodeId);
    const { runId } = await insertRunOf(db, nodeId, { accepted: false });
    const [start] = await stream.hear('start-run');
    expect(start?.runId).to.equal(runId);
    stream.say({ kind: 'run-accepted', runId });
    await sql`update run set stop_requested_on = now() where id = ${runId}`.execute(db);
    expect((await stream.hear('stop-run'))[0]?.runId).to.equal(runId);
    await sql`update run set fenced_on = now() where id = ${runId}`.execute(db);
    expect((await stream.hear('fence-run'))[0]?.runId).to.equal(runId);
    await beats(5);
    expect(kindsOf(stream)).to.deep.equal(['welcome', 'start-run', 'stop-run', 'fence-run']);
  });

  it('reach it while it has not said that it took the run on: the stop too', async () => {
    const { nodeIds } = await modelCluster(coordinator, 'slow', ['n1']);
    const nodeId = nodeIds[0] ?? '';
    const stream = await attach(nodeId);
    const { runId } = await insertRunOf(db, nodeId, { accepted: false });
    await stream.hear('start-run');
    await sql`update run set stop_requested_on = now() where id = ${runId}`.execute(db);
    expect((await stream.hear('stop-run'))[0]?.runId).to.equal(runId);
    await beats(3);
    expect(kindsOf(stream)).to.deep.equal(['welcome', 'start-run', 'stop-run']);
  });

  it('reach it also where the run was written as its own, and once it is on it no more', async () => {
    const { nodeIds } = await modelCluster(coordinator, 'own', ['n1']);
    const nodeId = nodeIds[0] ?? '';
    const stream = await attach(nodeId);
    const { runId } = await insertRunOf(db, nodeId, { accepted: false });
    await sql`update run set claimed_by = (select session_id from agent where node_id = ${nodeId}) where id = ${runId}`.execute(
      db,
    );
    expect((await stream.hear('start-run'))[0]?.runId).to.equal(runId);
    await beats(3);
    expect(kindsOf(stream)).to.deep.equal(['welcome', 'start-run']);
  });

  it('reach peers that were asked, and the agent that asked hears what they answered', async () => {
    const { nodeIds } = await modelCluster(coordinator, 'peers', ['n1', 'n2']);
    const [asking, asked] = [nodeIds[0] ?? '', nodeIds[1] ?? ''];
    const [asker, peer] = [await attach(asking), await attach(asked)];
    const { runId } = await insertRunOf(db, asking);
    const questionId = randomUUID();
    await sql`insert into peer_question (id, run_id, asking_node_id, address, within_ms)
      values (${questionId}, ${runId}, ${asking}, '127.0.0.1', 60000)`.execute(db);
    await sql`insert into peer_view (question_id, node_id, node_name) values (${questionId}, ${asked}, 'n2')`.execute(
      db,
    );
    const [watch] = await peer.hear('watch-peer');
    expect(watch?.questionId).to.equal(questionId);
    expect(watch?.withinMs, 'in time for the asker').to.be.within(40_000, 58_000);
    asker.say({ kind: 'peer-question', runId, questionId, address: '127.0.0.1', withinMs: 60_000 });
    expect((await asker.hear('peer-answer'))[0]?.waiting).to.deep.equal(['n2']);
    await sql`update peer_view set sight = 'normal' where question_id = ${questionId}`.execute(db);
    expect((await asker.hear('peer-answer', 2))[1]?.normal).to.deep.equal(['n2']);
    await beats(5);
    expect(kindsOf(asker).filter((kind) => kind === 'peer-answer')).to.have.length(2);
    expect(kindsOf(peer).filter((kind) => kind === 'watch-peer')).to.have.length(1);
  });
});
