// Wake-ups between coordinators: heard across connections that break.
import { expect } from 'chai';
import { sql } from 'kysely';
import { Wakes } from '../../../coordinator/store/wakes.ts';
import { silentLogger } from '../../../shared/log.ts';
import { createMigratedDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';

describe('wakes', function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  let here: Wakes;
  let there: Wakes;
  let heard: string[];
  beforeEach(async () => {
    database = await createMigratedDatabase();
    here = new Wakes(database.connection, database.pool, silentLogger);
    there = new Wakes(database.connection, database.pool, silentLogger);
    await here.listen();
    await there.listen();
    heard = [];
    there.onId('job', 'a', () => heard.push('a'));
  });
  afterEach(async () => {
    await here.close();
    await there.close();
    await database.drop();
  });

  it('are heard by whoever waits for that very thing', async () => {
    here.wake('job', 'b');
    here.wake('node', 'a');
    here.wake('job', 'a');
    await eventually(() => expect(heard).to.deep.equal(['a']));
  });

  it('that were missed on a broken connection are made up for when it is back', async () => {
    const cut = await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query like 'listen%'`.execute(database.db);
    expect(cut.rows).to.have.length(2);
    here.wake('job', 'a');
    await eventually(() => expect(heard).to.include('a'));
  });

  it('that could not be sent are sent once they can', async () => {
    const { pool } = database;
    const query = pool.query;
    let refused = 0;
    pool.query = (async () => {
      refused += 1;
      pool.query = query;
      throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    }) as unknown as typeof query;
    here.wake('job', 'a');
    await eventually(() => expect(refused).to.equal(1));
    await eventually(() => expect(heard).to.deep.equal(['a']));
  });
});
