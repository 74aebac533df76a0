// Coming from a version that stored secrets of profiles in clear: the next start seals them, once, and drops what nobody will read.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import { readRunSecrets } from '../../../coordinator/store/identities.ts';
import { migrate } from '../../../coordinator/store/migrate.ts';
import { openedSettings } from '../../../coordinator/store/profile-secrets.ts';
import { sealStored } from '../../../coordinator/store/seal-stored.ts';
import { inputFor } from '../../agent/steps/step-driver.ts';
import { masterBox } from '../../support/coordinator.ts';
import { createMigratedDatabase } from '../../support/database.ts';
import { dumpDatabase, givesAway } from '../../support/dump-database.ts';
import { insertRunOf } from '../../support/fleet-model.ts';

const MASK = '********';
const settings = (password: unknown) => ({ 'cassandra-yaml': { num_tokens: 4, ours: { password } } });
const AT = '/cassandra-yaml/ours/password';

describe('secrets that were stored in clear', function () {
  this.timeout(60_000);
  const box = masterBox();
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  beforeEach(async () => {
    database = await createMigratedDatabase();
  });
  afterEach(() => database.drop());

  const profile = async (json: unknown): Promise<string> => {
    const id = randomUUID();
    await sql`insert into config_profile (id, name, datastax_version, json)
      values (${id}, ${id}, '5.0.8', ${JSON.stringify(json)})`.execute(database.db);
    return id;
  };
  const run = async (recipe: 'install' | 'configure' | 'restart', options: { accepted: boolean }) => {
    const { runId, jobId } = await insertRunOf(database.db, randomUUID(), options);
    const input = JSON.stringify(inputFor(recipe, '/opt/c', { profile: settings(`Hush-${recipe}`) }));
    await sql`update job set job_type = ${recipe} where id = ${jobId}`.execute(database.db);
    await sql`update run set input = ${input} where id = ${runId}`.execute(database.db);
    return runId;
  };
  const profiles = async () =>
    (
      await sql<{ id: string; json: unknown; sealed_secrets: Buffer | null; modified_on: Date }>`
      select * from config_profile order by name`.execute(database.db)
    ).rows;
  const inputOf = async (id: string) =>
    (
      await sql<{ input: Record<string, unknown> }>`select input from run where id = ${id}`.execute(
        database.db,
      )
    ).rows[0]?.input;

  it('are sealed in profiles and in runs that have still to be given, and dropped from all others', async () => {
    // As it was before the migration.
    await sql`alter table config_profile drop column sealed_secrets`.execute(database.db);
    await sql`alter table run drop column sealed_secrets`.execute(database.db);
    await sql`delete from migration where name = '0015_seal_profile_secrets.sql'`.execute(database.db);
    const id = await profile(settings('Hush-profile'));
    const [given, waiting, restart] = [
      await run('install', { accepted: true }),
      await run('configure', { accepted: false }),
      await run('restart', { accepted: false }),
    ];
    expect(givesAway(await dumpDatabase(database.url), 'Hush-profile')).to.equal(true);

    expect(await migrate(database.db)).to.deep.equal(['0015_seal_profile_secrets.sql']);
    expect(await sealStored(database.db, box)).to.equal(3);
    const dump = await dumpDatabase(database.url);
    for (const secret of ['Hush-profile', 'Hush-install', 'Hush-configure', 'Hush-restart'])
      expect(givesAway(dump, secret), secret).to.equal(false);
    const [row] = await profiles();
    expect(row?.json).to.deep.equal(settings(MASK));
    expect(openedSettings(box, row ?? { id })).to.deep.equal(settings('Hush-profile'));
    expect(await inputOf(given)).to.not.have.property('profile');
    expect(await inputOf(waiting)).to.deep.include({
      recipe: 'configure-with-secrets',
      profile: settings(MASK),
    });
    expect(await inputOf(restart)).to.deep.include({ recipe: 'restart', profile: settings(MASK) });
    const told = await readRunSecrets(database.db, box, [waiting, restart]);
    expect([...told]).to.deep.equal([[waiting, { profile: { [AT]: 'Hush-configure' } }]]);
  });

  it('are sealed once, by one of two that start together, and without a trace in what callers changed', async () => {
    for (const password of ['Hush-a', 12345, null, '']) await profile(settings(password));
    const before = await profiles();
    const counts = await Promise.all([sealStored(database.db, box), sealStored(database.db, box)]);
    expect(counts.sort()).to.deep.equal([0, 2]);
    const after = await profiles();
    expect(await sealStored(database.db, box)).to.equal(0);
    expect(await profiles()).to.deep.equal(after);
    expect(after.map(({ modified_on: on }) => on)).to.deep.equal(before.map(({ modified_on: on }) => on));
    expect(after.map((row) => openedSettings(box, row))).to.deep.equal(before.map(({ json }) => json));
  });

  it('join those that are sealed already', async () => {
    const id = await profile(settings('Hush-first'));
    await sealStored(database.db, box);
    const more = JSON.stringify({ ...settings(MASK), 'package-proxy': { password: 'Hush-second' } });
    await sql`update config_profile set json = ${more}`.execute(database.db);
    expect(await sealStored(database.db, box)).to.equal(1);
    const [row] = await profiles();
    expect(openedSettings(box, row ?? { id })).to.deep.equal({
      ...settings('Hush-first'),
      'package-proxy': { password: 'Hush-second' },
    });
  });
});
