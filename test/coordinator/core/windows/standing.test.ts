// Windows and freezes of a cluster in cases that people meet: what they say, since when, and what changes that.
import { expect } from 'chai';
import { cronProblem, cronTimes } from '../../../../coordinator/core/windows/cron.ts';
import { opensAndShuts, ownTimes, standing } from '../../../../coordinator/core/windows/standing.ts';
import { type MaintenanceWindow, runTogether } from '../../../../coordinator/core/windows/times.ts';

const at = (time: string): number => Date.parse(time);
const iso = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString().slice(0, 16);
const repeated = (
  kind: MaintenanceWindow['kind'],
  name: string,
  cron: string,
  minutes: number,
  timeZone = 'UTC',
): MaintenanceWindow => ({ id: name, name, kind, times: { cron, timeZone, minutes } });
const freeze = (from: string, until: string | null): MaintenanceWindow => ({
  id: 'freeze',
  name: 'freeze',
  kind: 'freeze',
  times: { fromMs: at(from), untilMs: until === null ? null : at(until) },
});
const told = (all: readonly MaintenanceWindow[], now: string) => {
  const { open, by, sinceMs, changesMs } = standing(all, at(now));
  return [open, by.map(({ name }) => name), iso(sinceMs), iso(changesMs)];
};

const nights = repeated('window', 'nights', '0 1 * * *', 240);

describe('the windows of a cluster', () => {
  it('leave one that has none open', () => {
    expect(told([], '2026-11-29T12:00Z')).to.deep.equal([true, [], null, null]);
    expect(opensAndShuts([], at('2026-11-29T12:00Z'))).to.deep.equal({
      beginsMs: at('2026-11-29T12:00Z'),
      shutsMs: null,
    });
  });

  it('open it from their beginning up to their end', () => {
    expect(told([nights], '2026-11-29T00:59Z')).to.deep.equal([
      false,
      ['nights'],
      '2026-11-28T05:00',
      '2026-11-29T01:00',
    ]);
    expect(told([nights], '2026-11-29T01:00Z')).to.deep.equal([
      true,
      ['nights'],
      '2026-11-29T01:00',
      '2026-11-29T05:00',
    ]);
    expect(told([nights], '2026-11-29T05:00Z')[0]).to.equal(false);
  });

  it('are at the hour of their time zone, and as long on a day whose clock changes', () => {
    const berlin = repeated('window', 'berlin', '0 1 * * *', 240, 'Europe/Berlin');
    expect(told([berlin], '2026-10-24T23:00Z')).to.deep.equal([
      true,
      ['berlin'],
      '2026-10-24T23:00',
      '2026-10-25T03:00',
    ]);
    expect(told([berlin], '2026-10-25T12:00Z')[3]).to.equal('2026-10-26T00:00');
  });

  it('come after the gap where the clock skips their hour, and once where it has it twice', () => {
    const half = repeated('window', 'half', '30 2 * * *', 30, 'Europe/Berlin');
    expect(told([half], '2026-03-29T00:00Z')[3]).to.equal('2026-03-29T01:00');
    expect(told([half], '2026-10-25T01:00Z').slice(2)).to.deep.equal([
      '2026-10-25T01:00',
      '2026-10-26T01:30',
    ]);
  });

  it('open it for as long as one of them is open, also where they take turns without end', () => {
    const turns = [
      repeated('window', 'even', '0 */2 * * *', 60),
      repeated('window', 'odd', '0 1-23/2 * * *', 60),
    ];
    expect(told(turns, '2026-11-29T12:30Z')).to.deep.equal([true, ['even'], '2026-11-29T12:00', null]);
    const evening = freeze('2026-11-29T20:10Z', '2026-11-29T21:00Z');
    expect(told([...turns, evening], '2026-11-29T12:30Z')[3]).to.equal('2026-11-29T20:10');
  });

  it('never shut it where one is longer than its period', () => {
    const always = repeated('window', 'always', '* * * * *', 2);
    expect(told([always], '2026-11-29T12:00Z')).to.deep.equal([true, ['always'], null, null]);
    expect(ownTimes(always, at('2026-11-29T12:00Z'))).to.deep.equal({
      open: true,
      nextOpenMs: null,
      nextCloseMs: null,
    });
    expect(told([repeated('window', 'hours', '0 * * * *', 43_200)], '2026-11-29T12:00Z')[3]).to.equal(null);
  });

  it('have shut it since the one that was open once is over, and not before that one begins', () => {
    const once: MaintenanceWindow = { ...freeze('2026-11-29T06:00Z', '2026-11-29T07:00Z'), kind: 'window' };
    expect(told([nights, once], '2026-11-29T08:00Z')[2]).to.equal('2026-11-29T07:00');
    expect(told([nights, once], '2026-11-29T05:30Z').slice(2)).to.deep.equal([
      '2026-11-29T05:00',
      '2026-11-29T06:00',
    ]);
  });

  it('tell of one alone when it comes next and ends', () => {
    expect(ownTimes(nights, at('2026-11-29T00:30Z'))).to.deep.equal({
      open: false,
      nextOpenMs: at('2026-11-29T01:00Z'),
      nextCloseMs: at('2026-11-29T05:00Z'),
    });
    expect(ownTimes(nights, at('2026-11-29T01:00Z'))).to.deep.equal({
      open: true,
      nextOpenMs: at('2026-11-30T01:00Z'),
      nextCloseMs: at('2026-11-29T05:00Z'),
    });
  });

  it('name all that open next', () => {
    const same = repeated('window', 'same', '0 1 * * 0', 60);
    expect(told([nights, same], '2026-11-29T00:00Z')[1]).to.deep.equal(['nights', 'same']);
    expect(told([nights, same], '2026-11-30T00:00Z')[1]).to.deep.equal(['nights']);
  });
});

describe('a freeze', () => {
  it('shuts a cluster whatever its windows say, and opens it into the next of these', () => {
    const short = freeze('2026-11-29T02:00Z', '2026-11-29T03:00Z');
    expect(told([nights, short], '2026-11-29T01:30Z')[3]).to.equal('2026-11-29T02:00');
    expect(told([nights, short], '2026-11-29T02:30Z')).to.deep.equal([
      false,
      ['freeze'],
      '2026-11-29T02:00',
      '2026-11-29T03:00',
    ]);
    const long = freeze('2026-11-29T02:00Z', '2026-11-30T12:00Z');
    expect(told([nights, long], '2026-11-29T02:30Z')[3]).to.equal('2026-12-01T01:00');
  });

  it('without an end never opens it by itself', () => {
    const endless = freeze('2026-11-29T02:00Z', null);
    expect(told([endless], '2026-11-29T02:30Z')).to.deep.equal([false, ['freeze'], '2026-11-29T02:00', null]);
    expect(told([endless], '2026-11-29T01:30Z')).to.deep.equal([true, [], null, '2026-11-29T02:00']);
    expect(opensAndShuts([endless], at('2026-11-29T02:30Z'))).to.deep.equal({
      beginsMs: null,
      shutsMs: null,
    });
    expect(ownTimes(endless, at('2026-11-29T02:30Z'))).to.deep.equal({
      open: true,
      nextOpenMs: null,
      nextCloseMs: null,
    });
  });

  it('that is over is no more', () => {
    const over = freeze('2026-11-28T02:00Z', '2026-11-28T03:00Z');
    expect(told([over], '2026-11-29T00:00Z')).to.deep.equal([true, [], null, null]);
    expect(ownTimes(over, at('2026-11-29T00:00Z'))).to.deep.equal({
      open: false,
      nextOpenMs: null,
      nextCloseMs: null,
    });
  });

  it('in which all windows lie leaves nothing to wait for', () => {
    const over = repeated('freeze', 'over', '30 0 * * *', 300);
    expect(told([nights, over], '2026-11-29T12:00Z')[3]).to.equal(null);
  });
});

describe('times that run together', () => {
  it('are refused where they do so on and on, and taken where they do for a while', () => {
    const told = (cron: string, minutes: number) =>
      runTogether(cron, 'UTC', minutes, at('2026-11-29T12:00Z'));
    for (const [cron, minutes] of [
      ['* 0-5 * * *', 1],
      ['0 * * * *', 60],
      ['* * * * *', 5],
      ['0 0 * * *', 1_440],
    ] as const)
      expect(told(cron, minutes), cron).to.match(/^must leave time between: more than 24 times of /);
    for (const [cron, minutes] of [
      ['0 * * * *', 59],
      ['*/15 0-5 * * *', 15],
      ['0 0-5 * * *', 60],
      ['0 0 29 2 *', 1_440],
    ] as const)
      expect(told(cron, minutes), cron).to.equal(null);
  });
});

describe('a cron expression', () => {
  const NOW = at('2026-11-29T12:00Z');

  it('is refused where it never fires, with the reason', () => {
    expect(cronProblem('0 0 31 2 *', 'UTC', NOW)).to.equal(
      'must be able to come: no year has the day of 0 0 31 2 *',
    );
    expect(cronProblem('0 22-4 * * *', 'UTC', NOW)).to.match(
      /^must have ranges that begin with the smaller .* in its hour$/,
    );
    expect(cronProblem('0 2 * * *', 'Europe/Atlantis', NOW)).to.match(/time zone Europe\/Atlantis is not$/);
    expect(cronTimes('0 0 31 2 *', 'UTC').upTo(NOW)).to.equal(Number.NEGATIVE_INFINITY);
    for (const fires of ['0 0 29 2 *', '0 0 31 2 1', '*/15 22-23,0-4 * JAN,DEC MON-FRI'])
      expect(cronProblem(fires, 'Europe/Berlin', NOW)).to.equal(null);
  });
});
