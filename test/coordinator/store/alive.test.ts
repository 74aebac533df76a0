// The connection that says a coordinator lives: made anew when it is lost, and never more than one.
import { expect } from 'chai';
import pg from 'pg';
import { Alive } from '../../../coordinator/store/alive.ts';
import { silentLogger } from '../../../shared/log.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';

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
    const alive = await Alive.hold(database.connection, silentLogger, async () => {
      coldStarts += 1;
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
});
