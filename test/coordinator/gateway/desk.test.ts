// Streams that report by the hundred: each gets its own answer, and the database is asked a few times for all.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import { Desk, type Newcomer } from '../../../coordinator/gateway/desk.ts';
import { beat } from '../../../coordinator/store/presence.ts';
import { insertRun } from '../../../coordinator/store/runs.ts';
import type { RunInput } from '../../../shared/run-input.ts';
import { uuidv7 } from '../../../shared/uuid.ts';
import { createMigratedDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { countWritesOf, insertNodes, insertRunOf } from '../../support/fleet-model.ts';
import { heardLog } from '../../support/heard-log.ts';

/** Each is dialled later than the one before. */
let dialledMs = Date.now();
const newcomer = (nodeId: string | undefined, more: Partial<Newcomer> = {}): Newcomer => ({
  nodeId: nodeId ?? '',
  sessionId: uuidv7(dialledMs++),
  version: '1',
  hostname: 'h',
  address: '10.0.0.1',
  certificateSerial: 'AB',
  heldRunIds: new Set(),
  ...more,
});

describe('the desk', function () {
  this.timeout(60_000);
  const coordinatorId = randomUUID();
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  let desk: Desk;
  let woken: string[];
  let told: string[];
  beforeEach(async () => {
    database = await createMigratedDatabase();
    await beat(database.db, coordinatorId);
    woken = [];
    const heard = heardLog();
    told = heard.lines;
    desk = new Desk({
      db: database.db,
      wakes: { wake: (topic, id) => void woken.push(`${topic} ${id}`) },
      coordinatorId,
      log: heard.log,
      secretsOf: async (runIds) =>
        new Map(runIds.map((id) => [id, { repositoryPassword: `of ${id}`, newCassandraPassword: null }])),
    });
  });
  afterEach(() => database.drop());
  const sessions = async (): Promise<Map<string, string | null>> => {
    const rows = await sql<{ node_id: string; session_id: string | null }>`select * from agent`.execute(
      database.db,
    );
    return new Map(rows.rows.map((row) => [row.node_id, row.session_id]));
  };

  it('takes hundreds of agents in, looks and lets them go with a handful of writes', async () => {
    const streams = (await insertNodes(database.db, 400)).map((nodeId) => newcomer(nodeId));
    const writes = await countWritesOf(database.db, 'agent');
    const arrived = await Promise.all(streams.map((stream) => desk.arrived(stream)));
    for (const answer of arrived)
      expect(answer).to.deep.equal({ replaced: false, look: { runs: [], looks: [], questions: [] } });
    expect(await sessions()).to.deep.equal(
      new Map(streams.map(({ nodeId, sessionId }) => [nodeId, sessionId])),
    );
    const looks = await Promise.all(streams.map((stream) => desk.look(stream)));
    for (const look of looks) expect(look).to.deep.equal({ runs: [], looks: [], questions: [] });
    await Promise.all(streams.map((stream) => desk.left(stream)));
    expect(await sessions()).to.deep.equal(new Map(streams.map(({ nodeId }) => [nodeId, null])));
    expect(await writes()).to.be.within(2, 6);
  });

  it('answers each stream of a batch for itself', async () => {
    const [calm, taken, late] = await insertNodes(database.db, 3);
    const early = newcomer(late, { sessionId: uuidv7(1_000) });
    await Promise.all([desk.arrived(newcomer(taken)), desk.arrived(newcomer(late))]);
    const answers = await Promise.all([
      desk.arrived(newcomer(calm)),
      desk.arrived(newcomer(taken)),
      desk.arrived(early),
      desk.arrived(newcomer(randomUUID())),
    ]);
    const look = { runs: [], looks: [], questions: [] };
    expect(answers).to.deep.equal([
      { replaced: false, look },
      { replaced: true, look },
      'older',
      'unknown-node',
    ]);
    expect(await desk.look(early)).to.equal(undefined);
    expect((await sessions()).get(early.nodeId)).to.not.equal(early.sessionId);
  });

  it('takes two streams of one node that come at once one after the other: the newer holds it', async () => {
    const [nodeId] = await insertNodes(database.db, 1);
    const [first, second] = [1_000, 2_000].map((atMs) => newcomer(nodeId, { sessionId: uuidv7(atMs) }));
    if (first === undefined || second === undefined) throw new Error('two streams');
    const answers = await Promise.all([desk.arrived(first), desk.arrived(second)]);
    expect(answers.map((answer) => typeof answer === 'object' && answer.replaced)).to.deep.equal([
      false,
      true,
    ]);
    expect(await sessions()).to.deep.equal(new Map([[nodeId, second.sessionId]]));
  });

  it('warns once of two hosts that take turns as one node, and neither of one that moved nor of one that dials again', async () => {
    const [nodeId, calm] = await insertNodes(database.db, 2);
    const hosts = [
      { hostname: 'db1', address: '10.0.0.1' },
      { hostname: 'db1-copy', address: '10.0.0.2' },
    ];
    const dial = (at: number, node = nodeId) => desk.arrived(newcomer(node, hosts[at % 2]));
    const contested = async () => {
      const { rows } = await sql<{
        node_id: string;
      }>`select node_id from agent where contested_on is not null`.execute(database.db);
      return rows.map((row) => row.node_id);
    };
    const ways = ['10.0.0.1', '10.1.0.1'];
    for (let at = 0; at < 20; at += 1) {
      // a connection that breaks, and is noticed late: dialled anew, perhaps by another way
      await desk.arrived(newcomer(calm, { hostname: 'db0', address: ways[Math.floor(at / 2) % 2] ?? '' }));
    }
    for (let at = 0; at < 4; at += 1) await dial(at);
    expect(told).to.deep.equal([]);
    expect(await contested()).to.deep.equal([]);
    for (let at = 4; at < 12; at += 1) expect(await dial(at)).to.include({ replaced: true });
    await eventually(() => expect(told).to.have.length(1)); // it reads who they are first
    expect(JSON.parse(told[0] ?? '')).to.include({
      message: 'agents of two hosts take turns as one node',
      nodeId,
    });
    expect(JSON.parse(told[0] ?? '').reason).to.match(
      /^db1-copy \(10\.0\.0\.2\) and db1 \(10\.0\.0\.1\) .* leave the one that is the host of this node as it is; on the other one /,
    );
    expect(await contested()).to.deep.equal([nodeId]);
    await sql`update agent set takeovers_since = now() - interval '601 s', contested_on = now() - interval '601 s'`.execute(
      database.db,
    );
    for (let at = 12; at < 15; at += 1) await dial(at);
    expect(told, 'counted anew').to.have.length(1);
    await dial(15);
    await eventually(() => expect(told).to.have.length(2));
  });

  it('counts no stream that had ended before another host dialled', async () => {
    const [nodeId] = await insertNodes(database.db, 1);
    for (let at = 0; at < 10; at += 1) {
      const stream = newcomer(nodeId, { hostname: `pod-${at}` });
      await desk.arrived(stream);
      await desk.left(stream);
    }
    expect(told).to.deep.equal([]);
  });

  it('finds what each agent holds, has lost, is to be given and is to let go', async () => {
    const { db } = database;
    const nodes = await insertNodes(db, 4);
    const [held, lost, fresh, fenced] = [
      await insertRunOf(db, nodes[0] ?? '', { accepted: false }), // its acceptance went lost on the way
      await insertRunOf(db, nodes[1] ?? ''),
      await insertRunOf(db, nodes[2] ?? '', { accepted: false }),
      await insertRunOf(db, nodes[3] ?? '', { fenced: true }),
    ];
    // Of the others nothing is asked: a restart that writes no file has no secrets.
    await sql`update job set job_type = 'install' where id = ${held.jobId}`.execute(db);
    const answers = await Promise.all(
      nodes.map((nodeId) =>
        desk.arrived(newcomer(nodeId, { heldRunIds: new Set([held.runId, fenced.runId]) })),
      ),
    );
    const told = answers.flatMap((answer) => (typeof answer === 'object' ? (answer.look?.runs ?? []) : []));
    expect(
      told.map(({ id, fenced, input, secretsJson }) => ({ id, fenced, input, secretsJson })),
    ).to.deep.equal(
      [held, fresh, fenced].map(({ runId: id }) => ({
        id,
        fenced: id === fenced.runId,
        input: id === fenced.runId ? null : {},
        secretsJson:
          id === held.runId ? `{"repositoryPassword":"of ${id}","newCassandraPassword":null}` : null,
      })),
    );
    const rows = await sql<{ id: string; accepted: boolean; outcome: string | null }>`
      select id, accepted_on is not null as accepted, outcome from run`.execute(db);
    expect(rows.rows).to.have.deep.members([
      { id: held.runId, accepted: true, outcome: null },
      { id: lost.runId, accepted: true, outcome: 'lost' },
      { id: fresh.runId, accepted: false, outcome: null },
      { id: fenced.runId, accepted: true, outcome: null },
    ]);
    expect(woken).to.have.members([`job ${held.jobId}`, `job ${lost.jobId}`]);
  });

  it('lets one hello that the database cannot hold fail alone', async () => {
    const nodes = await insertNodes(database.db, 20);
    const answers = await Promise.allSettled(
      nodes.map((nodeId, at) => desk.arrived(newcomer(nodeId, at === 7 ? { hostname: 'nul \0' } : {}))),
    );
    expect(answers.flatMap(({ status }, at) => (status === 'rejected' ? [at] : []))).to.deep.equal([7]);
    expect((await sessions()).size).to.equal(19);
  });

  it('gives a run to the stream that its node held when it was written without writing again, and to a later one by taking it', async () => {
    const { db } = database;
    const [nodeId = ''] = await insertNodes(db, 1);
    const first = newcomer(nodeId);
    await desk.arrived(first);
    const old = await insertRunOf(db, nodeId, { accepted: false });
    await sql`delete from run where id = ${old.runId}`.execute(db);
    const id = randomUUID();
    await insertRun(db, { ...old, id, nodeId, input: {} as RunInput, sealedSecrets: null });
    const rowOf = async () =>
      (
        await sql<{ version: string; claimed_by: string }>`
          select xmin::text as version, claimed_by from run where id = ${id}`.execute(db)
      ).rows[0];
    const written = await rowOf();
    expect(written?.claimed_by).to.equal(first.sessionId);
    expect((await desk.look(first))?.runs.map((run) => run.id)).to.deep.equal([id]);
    expect(await rowOf()).to.deep.equal(written);
    const second = newcomer(nodeId);
    const arrived = await desk.arrived(second);
    expect(arrived).to.have.nested.property('look.runs[0].id', id);
    expect((await rowOf())?.claimed_by).to.equal(second.sessionId);
    expect(await desk.look(first)).to.equal(undefined);
  });
});
