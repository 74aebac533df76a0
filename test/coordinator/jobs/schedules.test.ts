// Jobs of schedules on a real database: each made once, by one of several coordinators, or not made and said why.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { type CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { Schedules } from '../../../coordinator/jobs/schedules.ts';
import { poolConfig } from '../../../coordinator/store/database.ts';
import { dueSchedules, holdSchedule, noteSchedule } from '../../../coordinator/store/schedules.ts';
import type { DB } from '../../../coordinator/store/tables.generated.ts';
import { Wakes } from '../../../coordinator/store/wakes.ts';
import { silentLogger } from '../../../shared/log.ts';
import { masterBox } from '../../support/coordinator.ts';
import { createMigratedDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { heardLog } from '../../support/heard-log.ts';

describe('schedules of jobs', function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  let clusterId: string;
  const woken: string[] = [];
  const { log, lines } = heardLog();
  /** One coordinator's. */
  const schedules: Schedules[] = [];
  const wakes: Wakes[] = [];

  before(async () => {
    database = await createMigratedDatabase();
    for (let coordinator = 0; coordinator < 2; coordinator += 1) {
      const own = new Wakes(database.connection, database.pool, silentLogger);
      own.onAny('job', (id) => void woken.push(id));
      wakes.push(own);
      schedules.push(new Schedules(database.db, own, { box: masterBox(), everyMs: 600_000 }, log));
    }
  });
  after(async () => {
    for (const own of wakes) await own.close();
    await database.drop();
  });
  beforeEach(async () => {
    clusterId = randomUUID();
    woken.splice(0);
    lines.splice(0);
    const datacenterId = randomUUID();
    await sql`delete from job_schedule`.execute(database.db);
    await sql`insert into cluster (id, name) values (${clusterId}, ${clusterId})`.execute(database.db);
    await sql`insert into datacenter (id, name, cluster_id) values (${datacenterId}, 'dc1', ${clusterId})`.execute(
      database.db,
    );
    await sql`insert into config_profile (id, name, datastax_version, json) values (${clusterId}, ${clusterId}, '5.0.8', '{}')`.execute(
      database.db,
    );
    await sql`insert into node (id, name, datacenter_id, ssh_management_address, config_profile_id)
      values (${randomUUID()}, 'n1', ${datacenterId}, '10.0.0.1', ${clusterId})`.execute(database.db);
  });

  const schedule = async (
    name: string,
    dueSeconds: number,
    rest: { type?: string; options?: object } = {},
  ) => {
    const id = randomUUID();
    const { type = 'restart', options = {} } = rest;
    await sql`insert into job_schedule (id, name, cluster_id, job_type, options, cron, next_on)
      values (${id}, ${name}, ${clusterId}, ${type}, ${JSON.stringify(options)}::jsonb, '0 0 1 1 *',
        clock_timestamp() - make_interval(secs => ${dueSeconds}))`.execute(database.db);
    return id;
  };
  const jobs = async () =>
    (
      await sql<{
        id: string;
        schedule_id: string;
        status: string;
        job_data: object;
        asked_by: string;
      }>`
        select id, schedule_id, status, job_data, asked_by from job where cluster_id = ${clusterId}`.execute(
        database.db,
      )
    ).rows;
  const row = async (id: string) =>
    (
      await sql<{ last_job_id: string | null; last_problem: string | null; waits: boolean; seen: boolean }>`
        select last_job_id, last_problem, next_on > clock_timestamp() as waits, last_on is not null as seen
        from job_schedule where id = ${id}`.execute(database.db)
    ).rows[0];
  const look = () => Promise.all(schedules.map((one) => one.look()));

  it('make each job once, however many coordinators look', async () => {
    const ids: string[] = [];
    for (let number = 0; number < 20; number += 1) ids.push(await schedule(`s${number}`, 5));
    const later = await schedule('later', -60);
    // Each coordinator has an order of its own.
    expect(await dueSchedules(database.db)).to.not.deep.equal(await dueSchedules(database.db));
    await Promise.all([look(), look()]);
    await look();
    const made = await jobs();
    expect(made.map((job) => job.schedule_id).sort()).to.deep.equal([...ids].sort());
    expect(woken.sort()).to.deep.equal(made.map(({ id }) => id).sort());
    for (const { id, schedule_id: by, status } of made) {
      expect(status).to.equal('PENDING');
      expect(await row(by)).to.deep.equal({ last_job_id: id, last_problem: null, waits: true, seen: true });
    }
    expect((await row(later))?.seen).to.equal(false);
    expect(lines.filter((line) => line.includes('a schedule made a job'))).to.have.length(20);
  });

  it('are worked off six at once, and no more of them once their coordinator stops', async () => {
    for (let number = 0; number < 10; number += 1) await schedule(`s${number}`, 5);
    const own = new Schedules(database.db, wakes[0] as Wakes, { box: masterBox(), everyMs: 600_000 }, log);
    const looking: Promise<void>[] = [];
    await database.db.transaction().execute(async (trx) => {
      await sql`select from cluster where id = ${clusterId} for update`.execute(trx);
      looking.push(own.look());
      await eventually(async () => {
        const waiting = await sql`select from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`.execute(database.db);
        expect(waiting.rows).to.have.length(6);
      });
      await own.stop();
    });
    await Promise.all(looking);
    expect(await jobs()).to.have.length(6);
    await look();
    expect(await jobs()).to.have.length(10);
  });

  it('leave what another coordinator holds to it, and one that was put off alone', async () => {
    const id = await schedule('held', 5);
    await database.db.transaction().execute(async (trx) => {
      expect((await holdSchedule(trx, id))?.name).to.equal('held');
      await look();
      expect(await jobs()).to.deep.equal([]);
      await sql`update job_schedule set next_on = clock_timestamp() + interval '1 hour' where id = ${id}`.execute(
        trx,
      );
    });
    await look();
    expect(await jobs()).to.deep.equal([]);
  });

  it('pass their options on, and name themselves where windows are passed over', async () => {
    await schedule('nights', 5, { options: { 'only-stale': true, 'ignore-windows': true } });
    await look();
    const [job] = await jobs();
    expect(job).to.deep.include({
      job_data: { 'job-type': 'restart', 'only-stale': true, 'ignore-windows': true },
      asked_by: 'schedule nights',
    });
  });

  it('name who changed them last in what they ask for, as with force', async () => {
    const id = await schedule('forced', 5, { options: { force: true } });
    await sql`update job_schedule set created_by = 'ann', modified_by = 'ops' where id = ${id}`.execute(
      database.db,
    );
    await look();
    expect((await jobs())[0]?.asked_by).to.equal('schedule forced (last changed by ops)');
  });

  it('keep why they made none, and make the next one all the same', async () => {
    const id = await schedule('refused', 5, { type: 'install' });
    await look();
    expect(await jobs()).to.deep.equal([]);
    const problem =
      'The install job cannot be carried out as the model stands: resource-id has a cluster without a repository that has a repo-url: there is nothing to install from';
    expect(await row(id)).to.deep.equal({
      last_job_id: null,
      last_problem: problem,
      waits: true,
      seen: true,
    });
    expect(lines.filter((line) => line.includes('a schedule made no job'))).to.have.length(1);
    await sql`update job_schedule set job_type = 'check', next_on = clock_timestamp() where id = ${id}`.execute(
      database.db,
    );
    await look();
    const [job] = await jobs();
    expect(await row(id)).to.deep.include({ last_job_id: job?.id, last_problem: null });
  });

  it('stay due while their nodes are being deleted, once or again and again, and say so', async () => {
    const again = await schedule('again', 5);
    const once = await schedule('once', 5);
    await sql`update job_schedule set cron = null, at = next_on where id = ${once}`.execute(database.db);
    const dueOn = async () =>
      (await sql`select next_on from job_schedule order by id`.execute(database.db)).rows;
    const before = await dueOn();
    // As if, whenever the model is read again, another node were gone.
    await sql`create function beside_deletes() returns trigger language plpgsql as 'begin return null; end'`.execute(
      database.db,
    );
    await sql`create trigger beside_deletes before insert on job for each row execute function beside_deletes()`.execute(
      database.db,
    );
    try {
      await look();
    } finally {
      await sql`drop function beside_deletes cascade`.execute(database.db);
    }
    expect(await jobs()).to.deep.equal([]);
    for (const id of [again, once])
      expect(await row(id)).to.deep.equal({
        last_job_id: null,
        last_problem: 'Nodes of this cluster are being deleted: ask again once that is done',
        waits: false,
        seen: true,
      });
    expect(await dueOn()).to.deep.equal(before);
    await look();
    expect((await jobs()).map((job) => job.schedule_id).sort()).to.deep.equal([again, once].sort());
  });

  it('make none while the one that they made before is not over', async () => {
    const id = await schedule('often', 5);
    await look();
    const [job] = await jobs();
    const again = () =>
      sql`update job_schedule set next_on = clock_timestamp() where id = ${id}`.execute(database.db);
    await again();
    await look();
    expect(await jobs()).to.have.length(1);
    expect((await row(id))?.last_problem).to.equal(
      `Job ${job?.id}, which it made before, is not over (PENDING)`,
    );
    expect((await row(id))?.last_job_id).to.equal(job?.id);
    await sql`update job set status = 'TERMINATED', ended_on = now() where id = ${job?.id}`.execute(
      database.db,
    );
    await again();
    await look();
    expect(await jobs()).to.have.length(2);
  });

  it('go on past one that cannot be seen to, which stays due', async () => {
    const broken = await schedule('broken', 20, { type: 'reboot' });
    const sound = await schedule('sound', 5);
    await look();
    expect((await jobs()).map((job) => job.schedule_id)).to.deep.equal([sound]);
    expect(await row(broken)).to.deep.include({ waits: false, seen: false });
    expect(lines.some((line) => line.includes('cannot see to a schedule'))).to.equal(true);
  });

  it('cost nothing while they are not due, however many there are', async () => {
    await sql`insert into job_schedule (id, name, cluster_id, job_type, cron, next_on)
      select gen_random_uuid(), 's' || n, ${clusterId}, 'restart', '* * * * *', now() + make_interval(mins => n)
      from generate_series(1, 10000) n`.execute(database.db);
    await sql`analyze job_schedule`.execute(database.db);
    const asked: CompiledQuery[] = [];
    const pool = new pg.Pool(poolConfig(database.connection, 1));
    const db = new Kysely<DB>({
      dialect: new PostgresDialect({ pool }),
      log: ({ query }) => void asked.push(query),
    });
    try {
      expect(await dueSchedules(db)).to.deep.equal([]);
      const explained = await pool.query(`explain ${asked[0]?.sql}`, [...(asked[0]?.parameters ?? [])]);
      const plan = JSON.stringify(explained.rows);
      expect(plan).to.include('job_schedule_due').and.to.include('Index Cond: (next_on <=');
    } finally {
      await db.destroy();
    }
  });

  it('take turns with a delete of their cluster, and go with it', async () => {
    const id = await schedule('gone', 5);
    const deleting: Promise<unknown>[] = [];
    await database.db.transaction().execute(async (trx) => {
      await holdSchedule(trx, id);
      deleting.push(sql`delete from cluster where id = ${clusterId}`.execute(database.db));
      await eventually(async () => {
        const waiting = await sql`select from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`.execute(database.db);
        expect(waiting.rows).to.have.length(1);
      });
      // As the making of a job does.
      await sql`select from cluster where id = ${clusterId} for key share`.execute(trx);
      await noteSchedule(trx, id, { jobId: null, problem: 'none', nextMs: null });
    });
    await Promise.all(deleting);
    await look();
    expect(await row(id)).to.equal(undefined);
  });
});
