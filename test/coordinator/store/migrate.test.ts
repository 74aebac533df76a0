// When a coordinator must not start: on a schema that is not its own history, or on a server that is too old.
import { readdir, readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { sql } from 'kysely';
import { type Database, openDatabase } from '../../../coordinator/store/database.ts';
import { migrate } from '../../../coordinator/store/migrate.ts';
import { silentLogger } from '../../../shared/log.ts';
import { createMigratedDatabase, createTestDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';

const refusal = (db: Database): Promise<string> =>
  migrate(db).then(
    (applied) => `applied ${applied.length}`,
    (error: Error) => error.message,
  );

describe('migrations', function () {
  this.timeout(60_000);

  it('are applied once, in their order, by one of two that start together', async () => {
    const database = await createTestDatabase();
    const { db } = openDatabase(database.connection, silentLogger, 2);
    const [one, other] = await Promise.all([migrate(db), migrate(db)]);
    const applied = [...one, ...other];
    expect(applied).to.deep.equal([...applied].sort());
    expect([one, other].filter(({ length }) => length > 0)).to.have.length(1);
    expect(applied[0]).to.equal('0001_foundation.sql');
    expect(await migrate(db)).to.deep.equal([]);
    await db.destroy();
    await database.drop();
  });

  it('are tried again when they met a deadlock with a coordinator of an earlier version that is at work', async () => {
    const database = await createTestDatabase();
    const { db } = openDatabase(database.connection, silentLogger, 3);
    const folder = new URL('../../../coordinator/store/migrations/', import.meta.url);
    await sql`create table migration (name text primary key, sha256 text not null, applied_on timestamptz default now())`.execute(
      db,
    );
    const earlier = (await readdir(folder)).sort().slice(0, 11);
    for (const name of earlier) {
      const text = await readFile(new URL(name, folder), 'utf8');
      await sql.raw(text).execute(db);
      await sql`insert into migration (name, sha256) values (${name}, encode(sha256(${text}::bytea), 'hex'))`.execute(
        db,
      );
    }
    const migrated = await db.transaction().execute(async (trx) => {
      // Whoever waits first looks for a deadlock first, and gives way: that must not be us.
      await sql`set local deadlock_timeout = '60s'`.execute(trx);
      await sql`lock table job_counter in row exclusive mode`.execute(trx);
      const done = migrate(db);
      const waits = sql`select from pg_locks where relation = 'job_counter'::regclass and not granted`;
      await eventually(async () => expect((await waits.execute(db)).rows).to.have.length(1));
      await sql`lock table job in row exclusive mode`.execute(trx);
      return { done };
    });
    expect((await migrated.done)[0]).to.equal('0012_lists.sql');
    await db.destroy();
    await database.drop();
  });

  it('leave a zone to what comes again and again alone', async () => {
    const database = await createMigratedDatabase();
    const { db } = database;
    await sql`delete from migration where name = '0033_clocks_of_cron.sql'`.execute(db);
    await sql`insert into cluster (id, name) values (gen_random_uuid(), 'c')`.execute(db);
    await sql`insert into maintenance_window (id, name, cluster_id, kind, cron, duration, "from", time_zone)
      select gen_random_uuid(), kind, c.id, kind, cron, duration, "from"::timestamptz, 'Asia/Tokyo' from cluster c,
        (values ('window', '0 1 * * *', 5, null), ('freeze', null, null, '2099-01-01Z')) as t (kind, cron, duration, "from")`.execute(
      db,
    );
    await sql`insert into job_schedule (id, name, cluster_id, job_type, cron, at, time_zone)
      select gen_random_uuid(), t.name, c.id, 'restart', cron, at::timestamptz, 'Asia/Tokyo' from cluster c,
        (values ('again', '0 1 * * *', null), ('once', null, '2099-01-01Z')) as t (name, cron, at)`.execute(
      db,
    );
    expect(await migrate(db)).to.deep.equal(['0033_clocks_of_cron.sql']);
    const zones = await sql<{ name: string; zone: string }>`
      select name, time_zone as zone from maintenance_window union all select name, time_zone from job_schedule order by name`.execute(
      db,
    );
    expect(zones.rows.map(({ name, zone }) => `${name} ${zone}`)).to.deep.equal([
      ...['again Asia/Tokyo', 'freeze UTC', 'once UTC', 'window Asia/Tokyo'],
    ]);
    await database.drop();
  });

  it('refuse a schema that one of them was edited after', async () => {
    const database = await createMigratedDatabase();
    const name = '0001_foundation.sql';
    await sql`update migration set sha256 = repeat('0', 64) where name = ${name}`.execute(database.db);
    expect(await refusal(database.db)).to.equal(`migration ${name} was edited after it had been applied`);
    await database.drop();
  });

  it('refuse a schema that a newer version has made, and leave it alone', async () => {
    const database = await createMigratedDatabase();
    await sql`delete from migration where name = (select max(name) from migration)`.execute(database.db);
    await sql`insert into migration (name, sha256) values ('9999_future.sql', '')`.execute(database.db);
    expect(await refusal(database.db)).to.equal(
      'the database has migration 9999_future.sql, which this version does not know: start a newer version',
    );
    await database.drop();
  });

  for (const [version, outcome] of [
    ['130023', 'PostgreSQL 13 is too old: 14 or newer is needed'],
    ['140000', /^applied [1-9]/],
  ] as const) {
    it(`${outcome instanceof RegExp ? 'take' : 'refuse'} a server that calls itself ${version}`, async () => {
      const database = await createTestDatabase();
      const { db } = openDatabase(database.connection, silentLogger, 1);
      // What we ask the server is answered by a function of the same name that is found first.
      await sql
        .raw(`create schema old; create function old.current_setting(text) returns text language sql
        as $$ select '${version}' $$; set search_path = old, pg_catalog, public`)
        .execute(db);
      const said = await refusal(db);
      if (outcome instanceof RegExp) expect(said).to.match(outcome);
      else expect(said).to.equal(outcome);
      await db.destroy();
      await database.drop();
    });
  }
});
