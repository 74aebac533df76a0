// Passes on many jobs at once: they share the database's connections with everybody else.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import pg from 'pg';
import { Scheduler } from '../../../coordinator/scheduler/loop.ts';
import { openDatabase } from '../../../coordinator/store/database.ts';
import { Wakes } from '../../../coordinator/store/wakes.ts';
import { silentLogger } from '../../../shared/log.ts';
import { masterBox } from '../../support/coordinator.ts';
import { createMigratedDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { PASS_DEFAULTS } from '../../support/worlds.ts';

const JOBS = 40;
const SLOTS = 8;

/** Sweeps never: passes are made where something is woken. */
const OPTIONS = {
  defaults: PASS_DEFAULTS,
  box: masterBox(),
  sweepEveryMs: 3_600_000,
};

describe('passes on many jobs', function () {
  this.timeout(60_000);

  it('leave connections to others, however many jobs are woken, and a sweep takes one', async () => {
    const database = await createMigratedDatabase();
    const { db, pool } = openDatabase(database.connection, silentLogger);
    const jobIds = Array.from({ length: JOBS }, () => randomUUID());
    for (const id of jobIds) {
      await sql`insert into cluster (id, name) values (${id}, ${id})`.execute(db);
      await sql`insert into job (id, job_type, job_scope, cluster_id, cluster_name, job_data)
        values (${id}, 'restart', 'cluster', ${id}, 'c', '{}')`.execute(db);
      await sql`insert into job_counter (job_id) values (${id})`.execute(db);
      await sql`insert into job_node (id, job_id, node_id, node_name, datacenter_name, position)
        values (${randomUUID()}, ${id}, ${randomUUID()}, 'n', 'd', 0)`.execute(db);
    }
    const [other, watcher] = [0, 1].map(() => new pg.Client({ connectionString: database.url })) as [
      pg.Client,
      pg.Client,
    ];
    await Promise.all([other.connect(), watcher.connect()]);
    const waiting = async (): Promise<number> =>
      (
        await watcher.query(
          "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        )
      ).rows[0].n;
    const wakes = new Wakes(database.connection, pool, silentLogger);
    const scheduler = new Scheduler(db, wakes, OPTIONS, silentLogger);
    try {
      // Every pass reads of agents, so none comes to an end.
      await other.query('begin; lock table agent in access exclusive mode');
      scheduler.start();
      await eventually(async () => expect(await waiting()).to.equal(1));
      for (const id of jobIds) wakes.wake('job', id);
      await eventually(async () => expect(await waiting()).to.equal(SLOTS));
      for (let asked = 0; asked < 20; asked += 1) await sql`select 1`.execute(db);
      expect(await waiting()).to.equal(SLOTS);
      await other.query('rollback');
      await eventually(async () => {
        const { rows } = await other.query(
          'select count(*)::int as n from job where waiting_for is not null',
        );
        expect(rows[0].n).to.equal(JOBS);
      });
    } finally {
      await other.query('rollback');
      await scheduler.stop();
      await wakes.close();
      await Promise.all([other.end(), watcher.end()]);
      await db.destroy();
      await database.drop();
    }
  });

  it('are not made again for words alone: two versions side by side would make one another look without end', async () => {
    const database = await createMigratedDatabase();
    const { db, pool } = openDatabase(database.connection, silentLogger);
    const id = randomUUID();
    await sql`insert into cluster (id, name) values (${id}, ${id})`.execute(db);
    await sql`insert into job (id, job_type, job_scope, cluster_id, cluster_name, job_data)
      values (${id}, 'restart', 'cluster', ${id}, 'c', '{}')`.execute(db);
    await sql`insert into job_node (id, job_id, node_id, node_name, datacenter_name, position)
      values (${randomUUID()}, ${id}, ${randomUUID()}, 'n', 'd', 0)`.execute(db);
    const wakes = new Wakes(database.connection, pool, silentLogger);
    const scheduler = new Scheduler(db, wakes, OPTIONS, silentLogger);
    const woken: string[] = [];
    wakes.onAny('job', () => woken.push('job'));
    wakes.onAny('events', () => woken.push('events'));
    try {
      scheduler.start();
      await eventually(() => expect(woken).to.not.deep.equal([]));
      expect(woken).to.deep.equal(['events']);
    } finally {
      await scheduler.stop();
      await wakes.close();
      await db.destroy();
      await database.drop();
    }
  });
});
