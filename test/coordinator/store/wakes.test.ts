// Wake-ups between coordinators: heard across connections that break.
import { expect } from 'chai';
import { sql } from 'kysely';
import pg from 'pg';
import { Wakes } from '../../../coordinator/store/wakes.ts';
import { silentLogger } from '../../../shared/log.ts';
import { createMigratedDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { startWire } from '../../support/wire.ts';

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

  it('that were gathered when their coordinator ended are sent all the same', async () => {
    here.wake('job', 'a');
    await here.close();
    await eventually(() => expect(heard).to.deep.equal(['a']));
  });

  it('are heard again soon after the connection died without a word, and those missed are made up for', async () => {
    const { user, host, port } = new pg.Client({ connectionString: database.url });
    const wire = await startWire(
      host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port },
    );
    const { pathname, password } = new URL(database.url.replace('@/', '@localhost/'));
    const url = `postgres://${user}:${password}@127.0.0.1:${wire.port}${pathname}`;
    const far = new Wakes({ url }, database.pool, silentLogger, 200);
    try {
      await far.listen();
      const heardFar: string[] = [];
      far.onId('job', 'b', () => heardFar.push('b'));
      wire.silence();
      here.wake('job', 'b');
      await eventually(() => expect(wire.connections()).to.equal(2));
      expect(heardFar).to.deep.equal([]);
      wire.heal();
      await eventually(() => expect(heardFar).to.include('b'));
    } finally {
      await far.close();
      await wire.close();
    }
  });
});
