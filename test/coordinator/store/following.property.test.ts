// Whoever follows a job's events by `after` sees each once and in order, however many writers there are and whatever is asked for.
import { expect } from 'chai';
import fc from 'fast-check';
import { listJobEvents } from '../../../coordinator/store/event-lists.ts';
import type { NewEvent } from '../../../coordinator/store/events.ts';
import { createMigratedDatabase } from '../../support/database.ts';
import { type ToldJob, tellEvents, tellJob, toldEvent } from '../../support/told-jobs.ts';

describe('following by after', function () {
  this.timeout(120_000);
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  before(async () => {
    database = await createMigratedDatabase();
  });
  after(() => database.drop());

  /** Reads on until everything was told and nothing more comes. */
  const follow = async (
    job: ToldJob,
    perPage: number,
    errors: boolean,
    isTold: () => boolean,
  ): Promise<string[]> => {
    const seen: string[] = [];
    for (;;) {
      const wasTold = isTold();
      const { rows, following } = await listJobEvents(
        database.db,
        { job: job.id },
        errors ? { type: 'error' } : {},
        false,
        { page: 1, perPage, after: seen.at(-1) ?? null },
      );
      seen.push(...rows.map(({ id }) => id));
      if (wasTold && rows.length === 0 && following === null) return seen;
    }
  };

  it('sees each event once, in the order of their numbers, while others are being written', async () => {
    const batches = fc.array(
      fc.array(fc.record({ isError: fc.boolean(), behindMs: fc.integer({ min: 0, max: 1e9 }) }), {
        minLength: 1,
        maxLength: 12,
      }),
      { minLength: 1, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(batches, fc.integer({ min: 1, max: 9 }), async (told, perPage) => {
        const job = await tellJob(database.db, 3);
        // An agent that was away tells what is long past: its times come late, its numbers do not.
        const events = told.map((batch, at) =>
          batch.map(
            ({ isError, behindMs }): NewEvent =>
              toldEvent(job, at % 3, {
                event_type: isError ? 'error' : 'check',
                atMs: Date.now() - behindMs,
              }),
          ),
        );
        let left = events.length;
        const writing = events.map(async (batch) => {
          await tellEvents(database.db, batch);
          left -= 1;
        });
        const isTold = () => left === 0;
        const [all, errors] = await Promise.all([
          follow(job, perPage, false, isTold),
          follow(job, perPage, true, isTold),
          ...writing,
        ]);
        const wanted = events.flat();
        expect([...all].sort()).to.deep.equal(wanted.map(({ id }) => id).sort());
        const ofErrors = new Set(wanted.filter((event) => event.event_type === 'error').map(({ id }) => id));
        expect(errors).to.deep.equal(all.filter((id) => ofErrors.has(id)));
      }),
      { numRuns: 25 },
    );
  });
});
