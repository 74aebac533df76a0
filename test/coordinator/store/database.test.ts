// What a database that goes away looks like from here, and that nothing of it ends the process.
import { expect } from 'chai';
import { sql } from 'kysely';
import { asLcmError, isDatabaseAway, openDatabase } from '../../../coordinator/store/database.ts';
import { Unavailable } from '../../../shared/errors.ts';
import { silentLogger } from '../../../shared/log.ts';
import { createMigratedDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';

describe('a lost connection to the database', function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  beforeEach(async () => {
    database = await createMigratedDatabase();
  });
  afterEach(() => database.drop());

  const errorOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => null,
      (error: unknown) => error,
    );
  const kill = (pid: number) => sql`select pg_terminate_backend(${pid}, 5000)`.execute(database.db);

  it('between two statements of a transaction is that, and not the end of the process', async () => {
    const error = await errorOf(
      database.db.transaction().execute(async (trx) => {
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
        await kill(rows[0]?.pid ?? 0);
        await sql`select 1`.execute(trx);
      }),
    );
    expect(isDatabaseAway(error), String(error)).to.equal(true);
    expect(asLcmError(error)).to.be.instanceOf(Unavailable);
    expect((await sql`select 1 as one`.execute(database.db)).rows).to.deep.equal([{ one: 1 }]);
  });

  it('in the middle of a statement is that too', async () => {
    const { db } = openDatabase(database.connection, silentLogger, 1);
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
    const asleep = errorOf(sql`select pg_sleep(60)`.execute(db));
    await kill(rows[0]?.pid ?? 0);
    expect(isDatabaseAway(await asleep)).to.equal(true);
    await db.destroy();
  });

  it('is what a coordinator finds that stood still in a transaction: the server ends it, and its locks', async () => {
    const { rows } = await sql<{ limit: string }>`show idle_in_transaction_session_timeout`.execute(
      database.db,
    );
    expect(rows).to.deep.equal([{ idle_in_transaction_session_timeout: '10s' }]);
    const error = await errorOf(
      database.db.transaction().execute(async (trx) => {
        await sql`set local idle_in_transaction_session_timeout = '50ms'`.execute(trx);
        const { rows: own } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
        await eventually(async () => {
          const alive = await sql`select 1 from pg_stat_activity where pid = ${own[0]?.pid}`.execute(
            database.db,
          );
          expect(alive.rows).to.deep.equal([]);
        });
        await sql`select 1`.execute(trx);
      }),
    );
    expect(isDatabaseAway(error), String(error)).to.equal(true);
  });

  it('is not told from a database that is closed, or gone', async () => {
    const other = await createMigratedDatabase();
    const name = (await sql<{ name: string }>`select current_database() as name`.execute(other.db)).rows[0]
      ?.name;
    await other.db.destroy();
    await sql.raw(`alter database ${name} with allow_connections false`).execute(database.db);
    const late = openDatabase(other.connection, silentLogger, 1);
    expect(isDatabaseAway(await errorOf(sql`select 1`.execute(late.db)))).to.equal(true);
    await sql.raw(`drop database ${name}`).execute(database.db);
    expect(isDatabaseAway(await errorOf(sql`select 1`.execute(late.db)))).to.equal(true);
    await late.db.destroy();
  });

  it('is told from a statement that is wrong', async () => {
    const error = await errorOf(sql`select nonsense`.execute(database.db));
    expect(isDatabaseAway(error)).to.equal(false);
    expect(asLcmError(error)).to.equal(error);
  });

  it('is told as full, not as away, when its disk is', () => {
    const full = Object.assign(new Error('could not extend file: No space left on device'), {
      code: '53100',
    });
    expect(asLcmError(full))
      .to.be.instanceOf(Unavailable)
      .with.property('message')
      .that.matches(/disk .* full/);
    expect(isDatabaseAway(full), 'what waits for it tries again').to.equal(true);
  });
});
