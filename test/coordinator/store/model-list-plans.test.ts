// How the server finds the pages of models of which there may be many: along an index, in every order that lists offer.
import { expect } from 'chai';
import { type CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { poolConfig } from '../../../coordinator/store/database.ts';
import { listModels } from '../../../coordinator/store/model-lists.ts';
import type { DB } from '../../../coordinator/store/tables.generated.ts';
import { modelOf } from '../../../shared/models.ts';
import { createMigratedDatabase } from '../../support/database.ts';

const RECORDS = 10_000;
const TIMES = `md5('cluster' || n % 100)::uuid, 'r' || n, '0 1 * * *', now() - make_interval(mins => n)`;

describe(`lists of ${RECORDS} windows and schedules`, function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  const asked: CompiledQuery[] = [];
  let pool: pg.Pool;
  let db: Kysely<DB>;
  before(async () => {
    database = await createMigratedDatabase();
    await sql`insert into cluster (id, name) select md5('cluster' || n)::uuid, 'c' || n from generate_series(0, 99) n`.execute(
      database.db,
    );
    await sql`insert into maintenance_window (id, cluster_id, name, cron, created_on, duration)
      select md5('window' || n)::uuid, ${sql.raw(TIMES)}, 60 from generate_series(1, ${RECORDS}::int) n`.execute(
      database.db,
    );
    await sql`insert into job_schedule (id, cluster_id, name, cron, created_on, job_type, job_scope, resource_id)
      select md5('schedule' || n)::uuid, ${sql.raw(TIMES)}, 'restart', 'node', md5('node' || n % 1000)::uuid
      from generate_series(1, ${RECORDS}::int) n`.execute(database.db);
    await sql`analyze`.execute(database.db);
    pool = new pg.Pool(poolConfig(database.connection, 1));
    db = new Kysely<DB>({
      dialect: new PostgresDialect({ pool }),
      log: ({ query }) => void asked.push(query),
    });
  });
  after(async () => {
    await db.destroy();
    await database.drop();
  });

  /** @returns the plans of what a first page asks; the count of all is no page */
  const plansOf = async (
    path: string,
    filters: Record<string, string>,
    order: Parameters<typeof listModels>[3],
  ) => {
    asked.splice(0);
    const { rows } = await listModels(db, modelOf(path), filters, order, {
      page: 1,
      perPage: 10,
      after: null,
    });
    expect(rows).to.have.length(10);
    const pages = asked.filter(
      ({ sql: text }) => Object.keys(filters).length > 0 || !text.startsWith('select count'),
    );
    expect(pages).to.not.be.empty;
    const plans = pages.map(({ sql: text, parameters }) => pool.query(`explain ${text}`, [...parameters]));
    return (await Promise.all(plans)).map(({ rows: lines }) => JSON.stringify(lines)).join();
  };

  for (const path of ['maintenance_windows', 'job_schedules'])
    for (const by of ['created_on', 'name'] as const)
      for (const descending of [false, true])
        it(`follow an index of ${path} by ${by}${descending ? ', from its end' : ''}`, async () => {
          const plans = await plansOf(path, {}, { by, descending });
          expect(plans)
            .to.include(`_by_${by === 'name' ? 'name' : 'creation'}`)
            .and.not.include('Seq Scan');
        });

  it('find those of one node without looking at the others', async () => {
    const resource = await sql<{ id: string }>`select md5('node7')::uuid as id`.execute(database.db);
    const filters = { resource_id: resource.rows[0]?.id ?? '' };
    const plans = await plansOf('job_schedules', filters, { by: 'created_on', descending: false });
    expect(plans).to.include('job_schedule_of_resource').and.not.include('Seq Scan');
  });
});
