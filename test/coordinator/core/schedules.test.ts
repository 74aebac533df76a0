// When a schedule makes a job, and what it makes up for.
import { expect } from 'chai';
import { CATCH_UP_MS, type DueSchedule, nextTime, whenDue } from '../../../coordinator/core/schedules.ts';

const at = (time: string): number => Date.parse(time);
const iso = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString().slice(0, 16);
const nightly = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' };
const due = (since: string, rest: Partial<DueSchedule> = {}): DueSchedule => ({
  times: nightly,
  dueMs: at(since),
  lastJob: null,
  ...rest,
});

describe('a schedule of jobs', () => {
  it('has its next time by the clock of its time zone, or once, or never again', () => {
    expect(iso(nextTime(nightly, at('2026-07-01T00:30Z')))).to.equal('2026-07-02T00:30');
    expect(iso(nextTime(nightly, at('2026-12-01T00:30Z')))).to.equal('2026-12-01T01:30');
    const once = { atMs: at('2026-12-01T12:00Z') };
    expect(nextTime(once, once.atMs - 1)).to.equal(once.atMs);
    expect(nextTime(once, once.atMs)).to.equal(null);
    expect(nextTime({ cron: '0 0 31 2 *', timeZone: 'UTC' }, 0)).to.equal(null);
  });

  it('makes a job when its time has come, and is due again after that', () => {
    expect(whenDue(due('2026-12-01T01:30Z'), at('2026-12-01T01:30Z'))).to.deep.equal({
      nextMs: at('2026-12-02T01:30Z'),
      problem: null,
    });
    const once = due('2026-12-01T12:00Z', { times: { atMs: at('2026-12-01T12:00Z') } });
    expect(whenDue(once, at('2026-12-01T12:00:07Z'))).to.deep.equal({ nextMs: null, problem: null });
  });

  it('makes up for a time that was missed by up to an hour, and says so of any other', () => {
    const since = '2026-12-01T01:30Z';
    expect(whenDue(due(since), at(since) + CATCH_UP_MS).problem).to.equal(null);
    const missed = whenDue(due(since), at(since) + CATCH_UP_MS + 1);
    expect(missed.problem).to.equal(
      'The job of 2026-12-01T01:30:00.000Z was missed: it could not be made within 60 minutes',
    );
    expect(iso(missed.nextMs)).to.equal('2026-12-02T01:30');
    const once = due(since, { times: { atMs: at(since) } });
    expect(whenDue(once, at('2026-12-02T00:00Z')))
      .to.deep.include({ nextMs: null })
      .and.not.include({
        problem: null,
      });
  });

  it('makes one job of several times that were missed, by how long ago the last of them was', () => {
    const often = due('2026-11-20T00:00Z', { times: { cron: '*/20 * * * *', timeZone: 'UTC' } });
    const made = whenDue(often, at('2026-12-01T12:05Z'));
    expect([made.problem, iso(made.nextMs)]).to.deep.equal([null, '2026-12-01T12:20']);
    // Nightly for days: the last night is what counts.
    expect(whenDue(due('2026-11-20T01:30Z'), at('2026-12-01T02:00Z')).problem).to.equal(null);
    expect(whenDue(due('2026-11-20T01:30Z'), at('2026-12-01T09:00Z')).problem).to.match(
      /of 2026-12-01T01:30/,
    );
  });

  it('makes none beside the one that it made before', () => {
    const lastJob = { id: 'job-1', status: 'RUNNING' };
    const { problem, nextMs } = whenDue(due('2026-12-01T01:30Z', { lastJob }), at('2026-12-01T01:30Z'));
    expect(problem).to.equal('Job job-1, which it made before, is not over (RUNNING)');
    expect(iso(nextMs)).to.equal('2026-12-02T01:30');
  });
});
