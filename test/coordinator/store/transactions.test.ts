// Transactions that the database ends for a deadlock: done anew, against PostgreSQL itself.
import { expect } from 'chai';
import { sql } from 'kysely';
import pg from 'pg';
import { whole } from '../../../coordinator/store/transactions.ts';
import { createMigratedDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';

describe('work that is done whole', () => {
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  let other: pg.Client;
  before(async () => {
    database = await createMigratedDatabase();
    await sql`create table two as select generate_series(1, 2) as id`.execute(database.db);
    other = new pg.Client({ connectionString: database.url });
    await other.connect();
    await other.query("set deadlock_timeout = '60s'"); // it is not this one that is ended
  });
  after(async () => {
    await other.end();
    await database.drop();
  });

  it('is done anew after a deadlock with another, which is let through', async () => {
    await other.query('begin');
    await other.query('select from two where id = 2 for update');
    let tries = 0;
    let others: Promise<unknown> = Promise.resolve();
    const work = whole(database.db, async (trx) => {
      tries += 1;
      await sql`select from two where id = 1 for update`.execute(trx);
      if (tries === 1) {
        others = other.query('select from two where id = 1 for update');
        await eventually(async () => {
          const waiting = await sql`select from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'`.execute(database.db);
          expect(waiting.rows).to.have.length(1);
        });
      }
      await sql`select from two where id = 2 for update`.execute(trx);
      return 'done';
    });
    await eventually(() => expect(tries).to.equal(2));
    await others;
    await other.query('rollback');
    expect(await work).to.equal('done');
  });
});
