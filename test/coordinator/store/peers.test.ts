// Questions between nodes: who is asked, what comes back, and that none outlives the run that asked it.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import { perform } from '../../../coordinator/scheduler/perform.ts';
import { answerQuestion, askPeers, forgetQuestions, standings } from '../../../coordinator/store/peers.ts';
import {
  attachAgents,
  beat,
  detachAgents,
  markOrphans,
  sayGoodbye,
} from '../../../coordinator/store/presence.ts';
import { silentLogger } from '../../../shared/log.ts';
import { uuidv7 } from '../../../shared/uuid.ts';
import { masterBox } from '../../support/coordinator.ts';
import { createMigratedDatabase } from '../../support/database.ts';

describe('questions between nodes', function () {
  this.timeout(60_000);
  const [asker, there, away] = [randomUUID(), randomUUID(), randomUUID()];
  const [jobId, coordinatorId] = [randomUUID(), randomUUID()];
  const stream = { version: '0', hostname: 'h', address: '10.0.0.1', certificateSerial: '1' };
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  before(async () => {
    database = await createMigratedDatabase();
    const { db } = database;
    const [clusterId, datacenterId] = [randomUUID(), randomUUID()];
    await sql`insert into cluster (id, name) values (${clusterId}, 'c')`.execute(db);
    await sql`insert into datacenter (id, name, cluster_id) values (${datacenterId}, 'd', ${clusterId})`.execute(
      db,
    );
    for (const [id, name] of [
      [asker, 'asker'],
      [there, 'there'],
      [away, 'away'],
    ])
      await sql`insert into node (id, name, datacenter_id, ssh_management_address)
        values (${id}, ${name}, ${datacenterId}, '127.0.0.1')`.execute(db);
    await sql`insert into job (id, job_type, job_scope, cluster_id, cluster_name, job_data)
      values (${jobId}, 'restart', 'cluster', ${clusterId}, 'c', '{}')`.execute(db);
    await beat(db, coordinatorId);
    await attachAgents(db, coordinatorId, [{ ...stream, nodeId: there, sessionId: uuidv7() }]);
  });
  after(() => database.drop());

  let position = 0;
  /** A run on the asking node, under way. */
  const run = async () => {
    const [runId, jobNodeId] = [randomUUID(), randomUUID()];
    await sql`insert into job_node (id, job_id, node_id, node_name, datacenter_name, position)
      values (${jobNodeId}, ${jobId}, ${asker}, 'asker', 'd', ${position++})`.execute(database.db);
    await sql`insert into run (id, job_id, job_node_id, node_id, input)
      values (${runId}, ${jobId}, ${jobNodeId}, ${asker}, '{}')`.execute(database.db);
    return { runId, jobNodeId };
  };
  const ask = (runId: string, id = randomUUID()) =>
    askPeers(database.db, { id, runId, askingNodeId: asker, address: '127.0.0.1', withinMs: 60_000 });
  const stored = async (): Promise<number[]> => {
    const { rows } = await sql<{ questions: number; views: number }>`
      select (select count(*) from peer_question) as questions, (select count(*) from peer_view) as views`.execute(
      database.db,
    );
    return [Number(rows[0]?.questions), Number(rows[0]?.views)];
  };

  it('go to the peers that are there, are answered once, and are forgotten with the node that is over', async () => {
    const { runId, jobNodeId } = await run();
    const id = randomUUID();
    expect(await ask(runId, id)).to.deep.equal([there]);
    expect(await ask(runId, id)).to.deep.equal([]);
    expect(await answerQuestion(database.db, there, id, 'not-told', '')).to.equal(asker);
    expect((await standings(database.db, asker))[0]).to.deep.include({ notTold: ['there'], blind: [] });
    expect(await answerQuestion(database.db, there, id, 'normal', '')).to.equal(asker);
    const [standing] = await standings(database.db, asker);
    expect(standing).to.deep.include({ questionId: id, normal: ['there'], away: ['away'], waiting: [] });
    expect(await stored()).to.deep.equal([1, 2]);
    await database.db
      .transaction()
      .execute((trx) =>
        perform(
          trx,
          jobId,
          [{ do: 'move-node', jobNodeId, from: 'PENDING', to: 'FAILED', signal: 'failed', over: true }],
          masterBox(),
          silentLogger,
        ),
      );
    expect(await stored()).to.deep.equal([0, 0]);
    expect(await answerQuestion(database.db, there, id, 'normal', '')).to.equal(null);
  });

  it('bring back what a peer that does not see the node has to say, a sentence and no more', async () => {
    const { runId, jobNodeId } = await run();
    const id = randomUUID();
    await ask(runId, id);
    expect((await standings(database.db, asker))[0]?.saw).to.deep.equal({});
    await answerQuestion(database.db, there, id, 'not-normal', `not alive${' and so on'.repeat(100_000)}`);
    const [standing] = await standings(database.db, asker);
    expect(standing?.saw['there'])
      .to.match(/^not alive and so on/)
      .with.length(500);
    await answerQuestion(database.db, there, id, 'normal', 'alive');
    expect((await standings(database.db, asker))[0]?.saw).to.deep.equal({});
    await forgetQuestions(database.db, [jobNodeId]);
  });

  it('are forgotten once their time is over and the next is asked, not before', async () => {
    const { runId, jobNodeId } = await run();
    const old = randomUUID();
    await ask(runId, old);
    await ask(runId);
    const age = (seconds: number) =>
      sql`update peer_question set asked_on = now() - make_interval(secs => ${seconds}) where id = ${old}`.execute(
        database.db,
      );
    await age(64);
    expect(await standings(database.db, asker)).to.have.length(2);
    await ask(runId);
    expect(await stored()).to.deep.equal([3, 6]);
    await age(66);
    expect(await standings(database.db, asker)).to.have.length(2);
    await ask(runId);
    expect(await stored()).to.deep.equal([3, 6]);
    await forgetQuestions(database.db, [jobNodeId]);
  });

  it('are not taken from a run that has ended or was given up', async () => {
    const [ended, fenced] = [await run(), await run()];
    await sql`update run set finished_on = now(), outcome = 'failed' where id = ${ended.runId}`.execute(
      database.db,
    );
    await sql`update run set fenced_on = now() where id = ${fenced.runId}`.execute(database.db);
    expect([await ask(ended.runId), await ask(fenced.runId)]).to.deep.equal([[], []]);
    expect(await stored()).to.deep.equal([0, 0]);
  });

  /** So much time goes by, in which nobody beats. */
  const unheard = (seconds: number) =>
    sql`with a as (update agent set disconnected_on = disconnected_on - make_interval(secs => ${seconds})),
      c as (update coordinator set beat_on = beat_on - make_interval(secs => ${seconds}))
      update listening set since = since - make_interval(secs => ${seconds}), beat_on = beat_on - make_interval(secs => ${seconds}),
        heard_until = heard_until - make_interval(secs => ${seconds})`.execute(database.db);
  /** So much time goes by, and the coordinator lives. */
  const later = async (seconds: number): Promise<void> => {
    for (let left = seconds; left > 0; left -= 10) {
      await unheard(Math.min(left, 10));
      await beat(database.db, coordinatorId);
    }
  };
  const attach = async (nodeId: string) => {
    const sessionId = uuidv7();
    await attachAgents(database.db, coordinatorId, [{ ...stream, nodeId, sessionId }]);
    return { nodeId, sessionId };
  };
  /** How the two peers stand in the eyes of a run that asks now. */
  const asked = async () => {
    await sql`delete from peer_question`.execute(database.db);
    await ask((await run()).runId);
    return await standing();
  };
  const standing = async () => {
    const [one] = await standings(database.db, asker);
    return { waiting: one?.waiting, away: one?.away };
  };

  it('wait for a peer whose stream broke just now, until it had the time to dial again', async () => {
    const gone = await attach(away);
    await detachAgents(database.db, [gone]);
    expect(await asked()).to.deep.equal({ waiting: ['away', 'there'], away: [] });
    await later(30);
    expect(await standing()).to.deep.equal({ waiting: ['away', 'there'], away: [] });
    await later(6);
    expect(await standing()).to.deep.equal({ waiting: ['there'], away: ['away'] });
    await attach(away);
    expect(await standing()).to.deep.equal({ waiting: ['away', 'there'], away: [] });
    await detachAgents(database.db, [await attach(away)]);
    await later(36);
    expect(await asked()).to.deep.equal({ waiting: ['there'], away: ['away'] });
  });

  for (const [how, end] of [
    ['ended', () => sayGoodbye(database.db, coordinatorId)],
    ['was killed', async () => {}],
  ] as const)
    it(`wait for peers that were there when the last coordinator ${how}, not for one that was long gone`, async () => {
      await beat(database.db, coordinatorId);
      await detachAgents(database.db, [await attach(away)]);
      await later(90);
      await attach(there);
      await end();
      await unheard(7_200);
      await markOrphans(database.db);
      await beat(database.db, coordinatorId);
      expect(await asked()).to.deep.equal({ waiting: ['there'], away: ['away'] });
      await later(36);
      expect(await standing()).to.deep.equal({ waiting: [], away: ['away', 'there'] });
    });

  it('take nobody for gone while the database could not be asked', async () => {
    await attach(there);
    await beat(database.db, coordinatorId);
    await sql`update listening set heard_until = null`.execute(database.db);
    await unheard(600);
    expect((await asked()).waiting).to.deep.equal(['there']);
    await beat(database.db, coordinatorId);
    expect((await standing()).waiting).to.deep.equal(['there']);
  });
});
