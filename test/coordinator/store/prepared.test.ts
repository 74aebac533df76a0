// Statements are prepared once a connection, up to a bound, and answer as unprepared ones do.
import { expect } from 'chai';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { poolConfig } from '../../../coordinator/store/database.ts';
import { preparing } from '../../../coordinator/store/prepared.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

describe('prepared statements', () => {
  let database: TestDatabase;
  let db: Kysely<unknown>;
  before(async () => {
    database = await createTestDatabase();
    // One connection, so that what it has prepared can be asked for.
    const pool = new pg.Pool(poolConfig(database.connection, 1));
    db = new Kysely({ dialect: new PostgresDialect({ pool: preparing(pool, { mostNamed: 2 }) }) });
  });
  after(async () => {
    await db.destroy();
    await database.drop();
  });
  const prepared = async (): Promise<string[]> =>
    (
      await sql<{ statement: string }>`select statement from pg_prepared_statements order by name`.execute(db)
    ).rows.map(({ statement }) => statement);
  const number = async (statement: Promise<{ rows: unknown[] }>): Promise<unknown> =>
    (await statement).rows[0];

  it('prepares a statement with values once, whatever its values', async () => {
    expect(await number(sql`select ${3}::int + 1 as n`.execute(db))).to.deep.equal({ n: 4 });
    expect(await number(sql`select ${8}::int + 1 as n`.execute(db))).to.deep.equal({ n: 9 });
    expect(await prepared()).to.deep.equal(['select $1::int + 1 as n']);
  });

  it('leaves statements without values as they are, several in one text too', async () => {
    await sql.raw('create table one (n int); create table two (n int)').execute(db);
    expect(await prepared()).to.have.length(1);
  });

  it('still answers when its names are used up, and after an error', async () => {
    expect(await number(sql`select ${3}::int + 2 as n`.execute(db))).to.deep.equal({ n: 5 });
    expect(await number(sql`select ${3}::int + 3 as n`.execute(db))).to.deep.equal({ n: 6 });
    expect(await prepared()).to.have.length(2);
    const refused = await sql`select ${0}::int + 2 / ${0}::int as n`
      .execute(db)
      .catch((error: Error) => error.message);
    expect(refused).to.contain('division by zero');
    expect(await number(sql`select ${3}::int + 2 as n`.execute(db))).to.deep.equal({ n: 5 });
  });
});
