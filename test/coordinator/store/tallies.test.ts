// Counts kept beside the rows: they are what a scan would find, after whatever writers did side by side, and nobody waits.
import { expect } from 'chai';
import fc from 'fast-check';
import { sql } from 'kysely';
import { moveStatus } from '../../../coordinator/store/jobs.ts';
import { tallied } from '../../../coordinator/store/tallies.ts';
import { JOB_STATUSES } from '../../../shared/status.ts';
import { createMigratedDatabase } from '../../support/database.ts';
import { tellEvents, tellJob, toldEvent } from '../../support/told-jobs.ts';

describe('tallies', function () {
  this.timeout(120_000);
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  before(async () => {
    database = await createMigratedDatabase();
  });
  after(() => database.drop());

  const kept = async () => ({
    job: await Promise.all(JOB_STATUSES.map((status) => tallied(database.db, 'job', status)())),
    jobNode: await Promise.all(JOB_STATUSES.map((status) => tallied(database.db, 'job_node', status)())),
    all: await Promise.all(
      (['job', 'job_node', 'job_event'] as const).map((kind) => tallied(database.db, kind)()),
    ),
  });
  const scanned = async () => {
    const count = async (table: string, status?: string): Promise<number> => {
      const where = status === undefined ? sql`true` : sql`status = ${status}`;
      const rows = await sql<{
        n: number;
      }>`select count(*) as n from ${sql.table(table)} where ${where}`.execute(database.db);
      return rows.rows[0]?.n ?? 0;
    };
    return {
      job: await Promise.all(JOB_STATUSES.map((status) => count('job', status))),
      jobNode: await Promise.all(JOB_STATUSES.map((status) => count('job_node', status))),
      all: await Promise.all(['job', 'job_node', 'job_event'].map((table) => count(table))),
    };
  };

  it('are what a scan finds, however jobs come, move and go side by side', async () => {
    const act = fc.record({
      nodes: fc.integer({ min: 0, max: 4 }),
      events: fc.integer({ min: 0, max: 5 }),
      to: fc.constantFrom(...JOB_STATUSES),
      fate: fc.constantFrom('stays', 'is deleted', 'is rolled back'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 8 }), async (acts) => {
        await Promise.all(
          acts.map(async ({ nodes, events, to, fate }) => {
            const job = await tellJob(database.db, nodes, { status: 'RUNNING', ended_on: null });
            await tellEvents(
              database.db,
              Array.from({ length: events }, () => toldEvent(job, 0)),
            );
            const move = { from: 'RUNNING', to, started: false, over: false } as const;
            const moving = database.db.transaction().execute(async (trx) => {
              const ids = job.jobNodes.map(({ id }) => id);
              await moveStatus(trx, 'job_node', ids, { ...move, from: 'COMPLETE' });
              await moveStatus(trx, 'job', [job.id], move);
              if (fate === 'is rolled back') throw new Error(fate);
            });
            await moving.catch((error: Error) => expect(error.message).to.equal('is rolled back'));
            if (fate !== 'is deleted') return;
            await sql`delete from job_event where job_id = ${job.id}`.execute(database.db);
            await sql`delete from job where id = ${job.id}`.execute(database.db);
          }),
        );
        expect(await kept()).to.deep.equal(await scanned());
      }),
      { numRuns: 15 },
    );
  });

  it('neither wait for a transaction that has counted and goes on, nor end in a deadlock with it', async () => {
    const [one, other] = [await tellJob(database.db, 1), await tellJob(database.db, 1)];
    await sql`update job set ended_on = null where id in (${one.id}, ${other.id})`.execute(database.db);
    const to = (status: 'FAILED' | 'IDLE') =>
      ({ from: 'COMPLETE', to: status, started: false, over: false }) as const;
    await database.db.transaction().execute(async (held) => {
      await moveStatus(held, 'job', [one.id], to('FAILED'));
      await database.db.transaction().execute(async (trx) => {
        await sql`set local lock_timeout = '2s'`.execute(trx);
        await moveStatus(trx, 'job', [other.id], to('FAILED'));
        await moveStatus(trx, 'job_node', [other.jobNodes[0]?.id ?? ''], to('IDLE'));
      });
      await moveStatus(held, 'job_node', [one.jobNodes[0]?.id ?? ''], to('IDLE'));
    });
    expect(await kept()).to.deep.equal(await scanned());
  });
});
