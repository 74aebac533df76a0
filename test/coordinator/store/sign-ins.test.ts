// Accounts and sessions in the database: what is opened, what is over, and what of it is thrown away.
import { expect } from 'chai';
import { sql } from 'kysely';
import {
  addAccount,
  changePassword,
  forgetSessions,
  openSession,
  useSession,
} from '../../../coordinator/store/sign-ins.ts';
import { createMigratedDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';

describe('sessions in the database', function () {
  this.timeout(30_000);
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  before(async () => {
    database = await createMigratedDatabase();
    await addAccount(database.db, 'admin', 'hash 1');
  });
  after(() => database.drop());
  const open = (tokenHash: string, passwordHash = 'hash 1') =>
    openSession(database.db, { tokenHash, account: 'admin', passwordHash, lifetimeS: 86_400 });
  const kept = async (): Promise<string[]> =>
    (await database.db.selectFrom('session').select('token_hash').orderBy('token_hash').execute()).map(
      ({ token_hash }) => token_hash,
    );

  it('that are over are thrown away, and no others', async () => {
    for (const token of ['idle', 'late', 'new']) expect(await open(token)).to.equal(true);
    await sql`update session set last_used_on = now() - interval '3601 s' where token_hash = 'idle'`.execute(
      database.db,
    );
    await sql`update session set expires_on = now() where token_hash = 'late'`.execute(database.db);
    await forgetSessions(database.db, 3_600);
    expect(await kept()).to.deep.equal(['new']);
    expect(await useSession(database.db, 'new', 3_600)).to.equal('admin');
  });

  it('are not opened by a password that was changed while it was checked', async () => {
    const change = { from: 'hash 1', to: 'hash 2', keep: null };
    expect(await changePassword(database.db, 'admin', change)).to.equal(true);
    expect(await open('with the old one')).to.equal(false);
    expect(await kept()).to.deep.equal([]);
    expect(await changePassword(database.db, 'admin', change)).to.equal(false);
    expect(await open('with the new one', 'hash 2')).to.equal(true);
  });

  it('are not left by a login that meets the change of the password in the middle', async () => {
    const { db } = database;
    const change = db.transaction().execute(async (trx) => {
      await sql`update account set password_hash = 'hash 3' where name = 'admin'`.execute(trx);
      const login = open('in the middle', 'hash 2');
      await eventually(async () => {
        const waiting = await sql`select from pg_stat_activity where datname = current_database()
          and wait_event_type = 'Lock' and query like '%insert into session%'`.execute(db);
        expect(waiting.rows).to.have.length(1);
      });
      return { login };
    });
    expect(await (await change).login).to.equal(false);
  });
});
