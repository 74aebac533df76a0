// The connection that says a coordinator lives: made anew when it is lost, and never more than one.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import pg from 'pg';
import { Alive } from '../../../coordinator/store/alive.ts';
import { silentLogger } from '../../../shared/log.ts';
import { startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { createMigratedDatabase, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { insertRunOf } from '../../support/fleet-model.ts';

const ALIVE_LOCK = 0x414c4956;

describe('the lock of a living coordinator', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let watcher: pg.Client;
  before(async () => {
    database = await createTestDatabase();
    watcher = new pg.Client({ connectionString: database.url });
    await watcher.connect();
  });
  after(async () => {
    await watcher.end();
    await database.drop();
  });

  const ours = async (which = 'true'): Promise<number[]> =>
    (
      await watcher.query(
        `select pid from pg_stat_activity where datname = current_database() and application_name = 'ringmaster' and ${which}`,
      )
    ).rows.map(({ pid }: { pid: number }) => pid);
  const waiting = (but: number) =>
    eventually(async () => {
      const [pid] = await ours(`wait_event = 'advisory' and pid <> ${but}`);
      if (pid === undefined) throw new Error('nobody waits for the lock');
      return pid;
    });

  it('is taken again after its connection was lost, over one connection, however often that fails', async () => {
    let coldStarts = 0;
    const alive = await Alive.hold(database.connection, silentLogger, {
      mayAnotherLive: async () => false,
      onColdStart: async () => {
        coldStarts += 1;
      },
      silentMs: 0,
    });
    expect(coldStarts).to.equal(1);
    const [first] = await ours();
    await watcher.query('select pg_terminate_backend($1, 5000), pg_advisory_lock($2)', [first, ALIVE_LOCK]);
    let last = 0;
    for (let tries = 0; tries < 2; tries += 1) {
      last = await waiting(last);
      await watcher.query('select pg_cancel_backend($1)', [last]);
    }
    last = await waiting(last);
    expect(await ours()).to.deep.equal([last]);
    await watcher.query('select pg_advisory_unlock($1)', [ALIVE_LOCK]);
    await eventually(async () =>
      expect(
        (await watcher.query('select pg_try_advisory_lock($1) as free', [ALIVE_LOCK])).rows,
      ).to.deep.equal([{ free: false }]),
    );
    await alive.close();
    await eventually(async () => expect(await ours()).to.deep.equal([]));
  });

  it('makes one cold start of several that start at once, also where a killed one left a sign of life', async () => {
    let coldStarts = 0;
    const hold = () =>
      Alive.hold(database.connection, silentLogger, {
        mayAnotherLive: async () => true,
        onColdStart: async () => {
          coldStarts += 1;
        },
        silentMs: 0,
      });
    const all = await Promise.all([hold(), hold(), hold()]);
    expect(coldStarts).to.equal(1);
    for (const alive of all) await alive.close();
  });
});

describe('a coordinator that starts', function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  let watcher: pg.Client;
  before(async () => {
    database = await createMigratedDatabase();
    watcher = new pg.Client({ connectionString: database.url });
    await watcher.connect();
  });
  after(async () => {
    await watcher.end();
    await database.drop();
  });

  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  const start = async (): Promise<TestCoordinator> => {
    const coordinator = await startTestCoordinator({}, { databaseUrl: database.url });
    ends.push(() => coordinator.remove());
    return coordinator;
  };
  const holders = async (): Promise<number[]> =>
    (
      await watcher.query("select pid from pg_locks where locktype = 'advisory' and granted and objid = $1", [
        ALIVE_LOCK,
      ])
    ).rows.map(({ pid }: { pid: number }) => pid);
  /** @returns whether a cold start orphaned it */
  const jobUnderWay = async (): Promise<() => Promise<boolean>> => {
    const { runId, jobId } = await insertRunOf(database.db, randomUUID());
    ends.push(() => watcher.query('delete from run where id = $1', [runId]));
    return async () =>
      (await watcher.query('select orphaned_on from job where id = $1', [jobId])).rows[0].orphaned_on !==
      null;
  };
  const coordinators = async (): Promise<number> =>
    (await watcher.query('select 1 from coordinator')).rows.length;

  it('leaves alone the jobs of one that lives, though its connection was lost that moment', async () => {
    await start();
    const wasOrphaned = await jobUnderWay();
    const [holder] = await holders();
    // However long the database was away: nobody beats meanwhile.
    await watcher.query("update coordinator set beat_on = now() - interval '1 minute'");
    await watcher.query('select pg_terminate_backend($1, 5000)', [holder]);
    expect(await holders()).to.deep.equal([]);
    await start();
    expect(await wasOrphaned()).to.equal(false);
    expect(await coordinators()).to.equal(2);
  });

  it('finds out within seconds that one which left no word was killed, and need not wait for one that did', async () => {
    await watcher.query('insert into coordinator (id) values (gen_random_uuid())');
    const killed = await jobUnderWay();
    const first = await start();
    expect(await killed()).to.equal(true);
    expect(await coordinators()).to.equal(1);
    await first.stop();
    expect(await coordinators()).to.equal(0);
    const stopped = await jobUnderWay();
    await start();
    expect(await stopped()).to.equal(true);
  });
});
