// Leave to stop a node, as rows: who is asked what it sees, which answers count, and how long leave counts against others.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import type { GateAnswer } from '../../../coordinator/core/gate/facts.ts';
import { StopTalk } from '../../../coordinator/gateway/stop-talk.ts';
import {
  answerStop,
  askForViews,
  askToStop,
  forgetViews,
  keepView,
  readGate,
  stopAnswers,
} from '../../../coordinator/store/gate.ts';
import { dueFor, lookAtNodes } from '../../../coordinator/store/node-looks.ts';
import { attachAgents, beat } from '../../../coordinator/store/presence.ts';
import type { StopAnswer } from '../../../shared/ring-view.ts';
import { formOf } from '../../../shared/ring-view-form.ts';
import { uuidv7 } from '../../../shared/uuid.ts';
import { createMigratedDatabase } from '../../support/database.ts';
import { ringView } from '../core/gate/questions.ts';

describe('leave to stop a node', function () {
  this.timeout(60_000);
  const clusterId = randomUUID();
  const coordinatorId = randomUUID();
  const node = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'x', 'y'].map((name) => [name, randomUUID()]));
  const idOf = (name: string): string => node[name] ?? '';
  const sessions = new Map<string, string>();
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  before(async () => {
    database = await createMigratedDatabase();
    const { db } = database;
    await sql`insert into cluster (id, name) values (${clusterId}, 'c')`.execute(db);
    await beat(db, coordinatorId);
    for (const [dc, names] of [
      ['dc1', 'abcde'],
      ['dc2', 'xy'],
    ] as const) {
      const datacenterId = randomUUID();
      await sql`insert into datacenter (id, name, cluster_id) values (${datacenterId}, ${dc}, ${clusterId})`.execute(
        db,
      );
      for (const name of names)
        await sql`insert into node (id, name, datacenter_id, ssh_management_address)
          values (${idOf(name)}, ${name}, ${datacenterId}, ${`10.0.0.${name.charCodeAt(0)}`})`.execute(db);
    }
    const stream = { version: '0', hostname: 'h', address: '10.0.0.1', certificateSerial: '1' };
    // The agent of e is away.
    for (const name of 'abcdxy') {
      sessions.set(name, uuidv7());
      await attachAgents(db, coordinatorId, [
        { ...stream, nodeId: idOf(name), sessionId: sessions.get(name) ?? '' },
      ]);
    }
  });
  after(() => database.drop());

  const namesOf = (ids: readonly string[]): string =>
    Object.keys(node)
      .filter((name) => ids.includes(idOf(name)))
      .join('');
  const run = async (name: string, jobData = {}) => {
    const [jobId, runId, jobNodeId, questionId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    await sql`insert into job (id, job_type, job_scope, cluster_id, cluster_name, job_data)
      values (${jobId}, 'restart', 'cluster', ${clusterId}, 'c', ${JSON.stringify(jobData)}::jsonb)`.execute(
      database.db,
    );
    await sql`insert into job_node (id, job_id, node_id, node_name, datacenter_name, position)
      values (${jobNodeId}, ${jobId}, ${idOf(name)}, ${name}, 'dc1', 0)`.execute(database.db);
    await sql`insert into run (id, job_id, job_node_id, node_id, input)
      values (${runId}, ${jobId}, ${jobNodeId}, ${idOf(name)}, '{}')`.execute(database.db);
    const ask = (id = questionId) =>
      askToStop(database.db, { id, runId, nodeId: idOf(name), address: `10.0.0.${name.charCodeAt(0)}` });
    const gate = async () => (await readGate(database.db, jobId))[0];
    return { jobId, runId, jobNodeId, questionId, ask, gate };
  };
  const allowed: StopAnswer = { verdict: 'allowed', message: 'fine', notes: [] };
  const finish = (runId: string, outcome: string) =>
    sql`update run set finished_on = now(), outcome = ${outcome} where id = ${runId}`.execute(database.db);

  it('asks the node itself and two others of each datacenter that are there, those first that could look', async () => {
    const { jobId, runId, jobNodeId, questionId, ask, gate } = await run('a', {
      force: true,
      'relaxed-keyspaces': 'k, l',
    });
    const asked = await ask();
    expect(asked?.jobId).to.equal(jobId);
    const first = namesOf(asked?.nodesToWake ?? []);
    expect(first).to.match(/^a(bc|bd|cd)xy$/);
    const blind = first[1] ?? '';
    expect(await keepView(database.db, idOf(blind), questionId, 1, { problem: 'no', down: true })).to.equal(
      jobId,
    );
    expect(await keepView(database.db, idOf('x'), questionId, 1, { view: ringView() })).to.equal(jobId);
    const question = await gate();
    expect(question?.views.find(({ name }) => name === blind)).to.include({ problem: 'no', down: true });
    expect(question?.views.find(({ name }) => name === 'x')?.view).to.deep.equal(ringView());
    expect(question?.views.find(({ name }) => name === 'y')?.seenMs).to.equal(null);
    expect(question?.options).to.deep.include({ force: true, relaxed: ['k', 'l'], level: 'LOCAL_QUORUM' });
    expect(question?.peers.map(({ name, connected }) => [name, connected])).to.deep.include(['e', false]);
    const second = namesOf(await askForViews(database.db, questionId));
    expect(second).to.equal(`a${'bcd'.replace(blind, '')}xy`);
    // an answer to the round before it comes too late
    expect(await keepView(database.db, idOf('x'), questionId, 1, { view: ringView() })).to.equal(null);
    expect((await gate())?.views.map(({ seenMs }) => seenMs)).to.deep.equal([null, null, null, null, null]);
    await finish(runId, 'succeeded');
    expect(await ask()).to.equal(null);
    await forgetViews(database.db, [jobNodeId]);
  });

  it('has views as agents send them, packed ones too, or in their own words why there is none', async () => {
    const { questionId, runId, ask, gate } = await run('a');
    await ask();
    const replicas = ['10.0.0.97', '10.0.0.98'];
    const replicaSets = Array.from({ length: 900 }, () => ({ replicas, ranges: 1, sample: '(0, 1]' }));
    const view = ringView({
      keyspaces: ['k', 'l', 'm', 'n', 'o'].map((name) => ({ name, copies: { dc1: 2 }, replicaSets })),
    });
    const saw = async (name: string, viewJson: string, problem = '') => {
      const talk = new StopTalk(idOf(name), database.db, { wake: () => {} }, () => {});
      await talk.saw({ kind: 'ring-view', questionId, round: 1, viewJson, problem, down: false });
      return (await gate())?.views.find((asked) => asked.name === name);
    };
    expect(formOf(view)).to.have.property('lists');
    expect((await saw('x', JSON.stringify(formOf(view))))?.view).to.deep.equal(view);
    expect((await saw('a', JSON.stringify(view)))?.view).to.deep.equal(view);
    const blind = await saw('y', '', 'no ranges: too many\u0000objects');
    expect(blind).to.include({ problem: 'no ranges: too many<U+0000>objects', view: null });
    const unreadable = await saw('x', JSON.stringify({ ...formOf(view), lists: [] }));
    expect(unreadable).to.include({ problem: 'what its agent said of the ring cannot be read', view: null });
    await finish(runId, 'succeeded');
  });

  it('has the nodes of the model by their addresses as views spell them', async () => {
    const { runId, jobNodeId, ask, gate } = await run('a');
    await sql`update node set listen_address = '2001:DB8:0:0:0:0:0:5' where id = ${idOf('e')}`.execute(
      database.db,
    );
    await ask();
    const addressOf = async () => (await gate())?.peers.find(({ name }) => name === 'e')?.address;
    expect(await addressOf()).to.equal('2001:db8::5');
    await sql`update node set listen_address = null where id = ${idOf('e')}`.execute(database.db);
    expect(await addressOf()).to.equal('10.0.0.101');
    await forgetViews(database.db, [jobNodeId]);
    await finish(runId, 'succeeded');
  });

  it('has each node told what to look at, until it has answered', async () => {
    const { questionId, runId, ask } = await run('a');
    await ask();
    const stream = { nodeId: idOf('x'), sessionId: sessions.get('x') ?? '' };
    const looks = async () => (await lookAtNodes(database.db, [stream])).get(idOf('x'))?.looks;
    expect(await looks()).to.deep.equal([{ id: questionId, address: '10.0.0.97', round: 1 }]);
    const due = { sessionId: stream.sessionId, what: 'look-at-ring', id: `${questionId} 1` };
    expect(await dueFor(database.db, coordinatorId)).to.deep.include(due);
    await keepView(database.db, idOf('x'), questionId, 1, { problem: 'no', down: false });
    expect(await looks()).to.deep.equal([]);
    expect(await dueFor(database.db, coordinatorId)).to.not.deep.include(due);
    await finish(runId, 'succeeded');
  });

  it('is told while its run is under way, and is decided anew when the agent asks again', async () => {
    const { questionId, runId, jobNodeId, ask, gate } = await run('a');
    await ask();
    await answerStop(database.db, questionId, allowed);
    expect(await stopAnswers(database.db, idOf('a'))).to.deep.equal([{ questionId, ...allowed }]);
    expect(await gate()).to.equal(undefined);
    const again = randomUUID();
    await sql`update stop_question set asked_on = '2000-01-01Z', allowed_on = '2000-01-02Z' where id = ${questionId}`.execute(
      database.db,
    );
    await ask(again);
    const countsFromMs = (await gate())?.answer?.countsFromMs;
    expect(countsFromMs, 'the wait that ended with leave is over').to.be.above(1_700_000_000_000);
    expect(await stopAnswers(database.db, idOf('a'))).to.deep.equal([]);
    expect((await gate())?.questionId).to.equal(again);
    await answerStop(database.db, again, allowed);
    const { rows } = await sql<{ seconds: number }>`
      select extract(epoch from allowed_on - asked_on)::float8 as seconds from stop_question where id = ${again}`.execute(
      database.db,
    );
    expect(rows[0]?.seconds, 'held up until leave was given at last').to.be.above(700_000_000);
    await ask(again);
    await forgetViews(database.db, [jobNodeId]);
    expect((await gate())?.views).to.deep.equal([]);
    await finish(runId, 'succeeded');
    expect(await stopAnswers(database.db, idOf('a'))).to.deep.equal([]);
  });

  it('is decided anew with the clocks that it had, or an agent that comes and goes would begin them each time', async () => {
    const { questionId, runId, ask, gate } = await run('a');
    await ask();
    const wait: StopAnswer = { verdict: 'wait', message: 'Hints wait', notes: [] };
    const clocks: Partial<GateAnswer>[] = [
      { hintsSinceMs: 5 },
      { hintsWaitedMs: 6 },
      { ownUnheardSinceMs: 9 },
      { isHeld: true },
      { countsFromMs: 7, heldSinceMs: 8 },
    ];
    for (const clock of clocks) {
      await answerStop(database.db, questionId, { ...wait, ...clock });
      await ask();
      expect((await gate())?.answer).to.deep.equal({ ...wait, message: '', ...clock });
      expect(await stopAnswers(database.db, idOf('a')), 'nothing was decided yet').to.deep.equal([]);
    }
    await answerStop(database.db, questionId, wait);
    const askedMs = (await gate())?.askedMs;
    await ask();
    expect(await gate()).to.include({ answer: null, askedMs });
    await finish(runId, 'succeeded');
  });

  it('counts against the other nodes until its node is back, for a minute after a run that failed, and while a fence is not confirmed', async () => {
    const asker = await run('a');
    await asker.ask();
    const onLeave = async () => (await asker.gate())?.onLeave;
    const other = await run('b');
    await other.ask();
    expect(await onLeave()).to.deep.equal([]);
    await answerStop(database.db, other.questionId, { ...allowed, verdict: 'wait' });
    expect(await onLeave()).to.deep.equal([]);
    await answerStop(database.db, other.questionId, allowed);
    expect(await onLeave()).to.deep.equal(['10.0.0.98']);
    await other.ask(randomUUID());
    expect(await onLeave(), 'asked again').to.deep.equal(['10.0.0.98']);
    await finish(other.runId, 'failed');
    expect(await onLeave(), 'failed').to.deep.equal(['10.0.0.98']);
    expect((await asker.gate())?.notLetGo).to.deep.equal([]);
    const [ended, ...others] = (await asker.gate())?.ended ?? [];
    expect(ended).to.include({ address: '10.0.0.98', jobType: 'restart', outcome: 'failed' });
    expect([(ended?.untilMs ?? 0) - (ended?.endedMs ?? 0), others]).to.deep.equal([60_000, []]);
    await sql`update run set finished_on = now() - interval '61 s' where id = ${other.runId}`.execute(
      database.db,
    );
    expect(await onLeave(), 'failed long ago').to.deep.equal([]);
    await finish(other.runId, 'succeeded');
    expect(await onLeave(), 'succeeded').to.deep.equal([]);
    const fenced = await run('c');
    await fenced.ask();
    await answerStop(database.db, fenced.questionId, allowed);
    await sql`update run set fenced_on = now() - interval '1 h' where id = ${fenced.runId}`.execute(
      database.db,
    );
    expect(await onLeave(), 'fenced').to.deep.equal(['10.0.0.99']);
    expect((await asker.gate())?.notLetGo).to.deep.equal(['10.0.0.99']);
    expect((await asker.gate())?.ended).to.deep.equal([]);
    await sql`update run set let_go_on = now() where id = ${fenced.runId}`.execute(database.db);
    expect((await asker.gate())?.ended.map(({ outcome }) => outcome)).to.deep.equal(['given up']);
    await sql`update run set let_go_on = now() - interval '61 s' where id = ${fenced.runId}`.execute(
      database.db,
    );
    expect(await onLeave(), 'let go').to.deep.equal([]);
  });

  it('of a run that failed counts no longer once a later one has brought its node back', async () => {
    const asker = await run('a');
    await asker.ask();
    const onLeave = async () => (await asker.gate())?.onLeave;
    const [failed, later] = [await run('d'), await run('d')];
    for (const { runId, questionId, ask } of [failed, later]) {
      await ask();
      await answerStop(database.db, questionId, allowed);
      expect(await onLeave()).to.include('10.0.0.100');
      expect((await asker.gate())?.ended, 'it has leave once more').to.deep.equal([]);
      await finish(runId, runId === later.runId ? 'succeeded' : 'stopped');
      if (runId === failed.runId) expect(await onLeave()).to.deep.equal(['10.0.0.100']);
    }
    expect(await onLeave()).to.deep.equal([]);
  });

  it('of a run that failed counts no longer once a later one has started its node, which was down and asked nobody', async () => {
    const asker = await run('a');
    await asker.ask();
    const onLeave = async () => (await asker.gate())?.onLeave;
    const failed = await run('e');
    await failed.ask();
    await answerStop(database.db, failed.questionId, allowed);
    await finish(failed.runId, 'failed');
    const look = await run('e');
    await sql`update job set dry_run = true where id = ${look.jobId}`.execute(database.db);
    await finish(look.runId, 'succeeded');
    expect(await onLeave(), 'a look starts nothing').to.deep.equal(['10.0.0.101']);
    await finish((await run('e')).runId, 'succeeded');
    expect(await onLeave()).to.deep.equal([]);
  });
});
