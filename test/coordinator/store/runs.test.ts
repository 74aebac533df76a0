// Life signs of runs: each is noted where it may be, those that somebody waited for are passed on, and none does harm to another.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import { type LifeSign, touchRuns } from '../../../coordinator/store/runs.ts';
import { createMigratedDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { insertRunOf } from '../../support/fleet-model.ts';

describe('life signs of runs', function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  before(async () => {
    database = await createMigratedDatabase();
  });
  after(() => database.drop());

  const made = async (): Promise<{ jobId: string; jobNodeId: string; runId: string; nodeId: string }> => {
    const nodeId = randomUUID();
    return { nodeId, ...(await insertRunOf(database.db, nodeId)) };
  };
  const signOf = (
    { nodeId, runId }: { nodeId: string; runId: string },
    { ticks = 1, step = 'a' } = {},
  ): LifeSign => ({ nodeId, progress: { runId, stepNumber: 1, stepCount: 2, step, ticks } });
  const rowOf = async (runId: string) => {
    const row = await database.db
      .selectFrom('run')
      .select(['progress', 'last_active_on'])
      .where('id', '=', runId)
      .executeTakeFirstOrThrow();
    return { progress: row.progress, heard: row.last_active_on !== null };
  };
  const unheard = { progress: null, heard: false };

  it('name the jobs that are quiet or orphaned, and leave alone those that go on anyway', async () => {
    const { db } = database;
    const all = [await made(), await made(), await made(), await made(), await made()] as const;
    const [, quietNode, quietJob, graced, over] = all;
    await sql`update job_node set status = 'IDLE' where id = ${quietNode.jobNodeId}`.execute(db);
    await sql`update job set status = 'IDLE' where id = ${quietJob.jobId}`.execute(db);
    await sql`update job set orphaned_on = now() where id = ${graced.jobId}`.execute(db);
    await sql`update run set finished_on = now(), outcome = 'failed' where id = ${over.runId}`.execute(db);
    await sql`update job set status = 'IDLE' where id = ${over.jobId}`.execute(db);
    const { jobIds, busy } = await touchRuns(
      db,
      all.map((run) => signOf(run)),
    );
    expect(jobIds).to.have.members([quietNode.jobId, quietJob.jobId, graced.jobId]);
    expect(busy).to.deep.equal([]);
    for (const { runId } of all.slice(0, 4)) expect((await rowOf(runId)).heard).to.equal(true);
    expect(await rowOf(over.runId)).to.deep.equal(unheard);
  });

  it('can be read back as the progress that the agent told of', async () => {
    const run = await made();
    const sign = signOf(run, { ticks: 7, step: 'put "a" \\ {b},c' });
    await touchRuns(database.db, [sign]);
    expect(await rowOf(run.runId)).to.deep.equal({ progress: sign.progress, heard: true });
  });

  it('say as well that the agent has the run: what a server lost that died at that moment', async () => {
    const { db } = database;
    const nodeId = randomUUID();
    const { runId } = await insertRunOf(db, nodeId, { accepted: false });
    await touchRuns(db, [signOf({ nodeId, runId })]);
    const { accepted_on } = await db
      .selectFrom('run')
      .select('accepted_on')
      .where('id', '=', runId)
      .executeTakeFirstOrThrow();
    expect(accepted_on).to.not.equal(null);
  });

  it("of another node's run change nothing, and take nobody's place", async () => {
    const [one, other] = [await made(), await made()];
    await sql`update job set status = 'IDLE' where id = ${other.jobId}`.execute(database.db);
    const stolen = signOf({ nodeId: one.nodeId, runId: other.runId }, { ticks: 99 });
    expect(await touchRuns(database.db, [stolen, signOf(one)])).to.deep.equal({ jobIds: [], busy: [] });
    expect(await rowOf(other.runId)).to.deep.equal(unheard);
    await touchRuns(database.db, [signOf(other, { ticks: 3 }), stolen]);
    expect((await rowOf(other.runId)).progress).to.deep.include({ ticks: 3 });
  });

  it('that cannot be stored do not keep the others of the same second from it', async () => {
    const [good, nul, half] = [await made(), await made(), await made()];
    await touchRuns(database.db, [
      signOf({ ...good, runId: 'no run' }),
      signOf({ ...good, runId: `${good.runId}\0` }),
      signOf(nul, { step: 'a\0' }),
      signOf(half, { step: '\ud800' }),
      signOf(good),
    ]);
    expect((await rowOf(good.runId)).heard).to.equal(true);
    expect(await rowOf(nul.runId)).to.deep.equal(unheard);
    expect(await rowOf(half.runId)).to.deep.equal(unheard);
  });

  it('wait for no transaction that holds a run: they say which, and note the others', async () => {
    const [held, free] = [await made(), await made()];
    const signs = [signOf(held), signOf(free)];
    await database.db.transaction().execute(async (trx) => {
      await sql`select 1 from run where id = ${held.runId} for update`.execute(trx);
      const touched = await eventually(() => touchRuns(database.db, signs), { withinMs: 5_000 });
      expect(touched).to.deep.equal({ jobIds: [], busy: [signs[0]] });
    });
    expect([await rowOf(held.runId), (await rowOf(free.runId)).heard]).to.deep.equal([unheard, true]);
    await touchRuns(database.db, signs);
    expect((await rowOf(held.runId)).heard).to.equal(true);
  });
});

describe('the runs of a dry-run', function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  before(async () => {
    database = await createMigratedDatabase();
  });
  after(() => database.drop());

  it('may not act, whatever coordinator makes them', async () => {
    const { db } = database;
    const made = async (isDry: boolean, recipe: string) => {
      const { jobId, jobNodeId, runId } = await insertRunOf(db, randomUUID());
      await sql`delete from run where id = ${runId}`.execute(db);
      await sql`update job set dry_run = ${isDry} where id = ${jobId}`.execute(db);
      await sql`insert into run (id, job_id, job_node_id, node_id, input)
        values (${runId}, ${jobId}, ${jobNodeId}, ${randomUUID()}, ${JSON.stringify({ recipe })}::jsonb)`.execute(
        db,
      );
    };
    for (const recipe of ['check', 'check-with-secrets']) await made(true, recipe);
    for (const recipe of ['restart', 'upgrade-with-secrets']) {
      await made(false, recipe);
      const refused = await made(true, recipe).catch((error: Error) => error.message);
      expect(refused).to.match(/ is a dry-run: no run of it may act, as one of /);
    }
  });
});
