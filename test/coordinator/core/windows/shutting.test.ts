// Jobs of a cluster that has windows: what a pass starts and stops, what it says it waits for, and when it looks again.
import { expect } from 'chai';
import type { GateAnswer } from '../../../../coordinator/core/gate/facts.ts';
import { plan } from '../../../../coordinator/core/plan.ts';
import { outlook } from '../../../../coordinator/core/windows/outlook.ts';
import type { MaintenanceWindow } from '../../../../coordinator/core/windows/times.ts';
import type { World, WorldJob } from '../../../../coordinator/core/world.ts';
import { NOW, world, worldNode, worldRun } from '../../../support/worlds.ts';
import { question, ringView, seen } from '../gate/questions.ts';

const MINUTE = 60_000;
const running = { status: 'RUNNING', startedMs: NOW - 60_000 } as const;
const busy = worldNode('a', { status: 'RUNNING', run: worldRun() });
const next = worldNode('b');

const freeze = (fromMinutes: number, untilMinutes: number | null): MaintenanceWindow => ({
  id: 'freeze-id',
  name: 'year-end',
  kind: 'freeze',
  times: {
    fromMs: NOW + fromMinutes * MINUTE,
    untilMs: untilMinutes === null ? null : NOW + untilMinutes * MINUTE,
  },
});
/** NOW is 22:13:20 UTC on a Tuesday. */
const nights: MaintenanceWindow = {
  id: 'nights-id',
  name: 'nights',
  kind: 'window',
  times: { cron: '0 23 * * *', timeZone: 'UTC', minutes: 120 },
};
const late: MaintenanceWindow = { ...nights, id: 'late-id', name: 'late' };
const days: MaintenanceWindow = {
  ...nights,
  id: 'days-id',
  times: { cron: '0 22 * * *', timeZone: 'UTC', minutes: 60 },
};

const at = (windows: readonly MaintenanceWindow[], job: Partial<WorldJob> = {}, rest: Partial<World> = {}) =>
  plan(world({ ...running, ...job }, [busy, next], { windows, ...rest }));
const dos = ({ commands }: ReturnType<typeof at>): string[] => commands.map((command) => command.do);
const reasonOf = ({ commands }: ReturnType<typeof at>) =>
  commands.flatMap((one) => (one.do === 'set-waiting-for' ? [one.waitingFor] : []))[0];
const told = ({ commands }: ReturnType<typeof at>) =>
  commands.flatMap((one) =>
    one.do === 'record-event' ? [`${one.type} ${one.subtype}: ${one.message}`] : [],
  );
const answers = ({ commands }: ReturnType<typeof at>) =>
  commands.flatMap((one) => (one.do === 'answer-stop' ? [one.answer] : []));

describe('a job outside of the windows of its cluster', () => {
  it('starts no node, says which window opens and when, and looks again then', () => {
    const opens = Date.parse('2023-11-14T23:00:00Z');
    const now = plan(world({}, [next], { windows: [nights, late] }));
    expect(dos(now)).to.deep.equal(['set-waiting-for']);
    expect(reasonOf(now)).to.deep.equal({
      kind: 'window',
      ids: ['nights-id', 'late-id'],
      since: new Date(NOW).toISOString(),
      what: 'Outside of the maintenance windows of the cluster since 2023-11-14T01:00:00.000Z: no node is started or stopped until 2023-11-14T23:00:00.000Z, when windows nights, late open; a job with ignore-windows does not wait.',
    });
    expect(now.lookAgainAtMs).to.equal(opens);
    expect(reasonOf(plan(world({}, [next], { windows: [nights] })))?.what).to.contain(
      'when window nights opens;',
    );
    const waits = { waitingFor: { ...(reasonOf(now) as NonNullable<WorldJob['waitingFor']>) } };
    const again = plan(world(waits, [next], { windows: [nights, late], nowMs: NOW + MINUTE }));
    expect(dos(again), 'the same reason, since it began').to.deep.equal([]);
    expect(dos(plan(world(waits, [next], { windows: [nights], nowMs: opens })))).to.include('start-run');
  });

  it('goes on where one is open, and looks again when it shuts', () => {
    const now = plan(world({}, [next], { windows: [days] }));
    expect(dos(now)).to.include('start-run');
    expect(now.lookAgainAtMs).to.equal(Date.parse('2023-11-14T23:00:00Z'));
  });

  it('waits for the end of a freeze, and says what goes on meanwhile', () => {
    const now = at([days, freeze(-5, 2)]);
    expect(reasonOf(now)).to.deep.include({ kind: 'window', ids: ['freeze-id'] });
    expect(reasonOf(now)?.what).to.equal(
      'Frozen since 2023-11-14T22:08:20.000Z, by freeze year-end: no node is started or stopped until 2023-11-14T22:15:20.000Z; a job with ignore-windows does not wait. What is under way on a goes on up to the stop of its node; one that is stopped is brought back.',
    );
    expect(now.lookAgainAtMs).to.equal(NOW + 2 * MINUTE);
  });

  it('says so where nothing ever opens it', () => {
    expect(reasonOf(at([freeze(-5, null)]))?.what).to.match(
      /until its windows or freezes are changed: as they are, it never opens;/,
    );
    const never = { ...nights, kind: 'freeze', id: 'never', name: 'never' } as const;
    const shut = reasonOf(at([nights, late, never]));
    expect(shut).to.deep.include({ kind: 'window', ids: ['nights-id', 'late-id'] });
    expect(shut?.what).to.contain('as they are, it never opens (windows nights, late);');
    const endless = { ...never, times: { cron: '* * * * *', timeZone: 'UTC', minutes: 5 } };
    expect(reasonOf(at([endless, freeze(-5, 10)]))?.what).to.match(/^Frozen, by freezes never, year-end: /);
    expect(reasonOf(at([endless]))?.what).to.match(/^Frozen, by freeze never: .* never opens/);
  });

  it('is paused by a person or held by a failure first, and ends when it is told to', () => {
    const windows = [freeze(-5, 10)];
    expect(reasonOf(at(windows, { pausedMs: NOW - 1_000 }))?.kind).to.equal('paused');
    const over = at(windows, { terminateRequestedMs: NOW, terminateRequests: 1 });
    expect(dos(over)).to.include('request-stop');
    const done = { ...busy, run: worldRun({ outcome: 'succeeded' }) };
    expect(dos(plan(world(running, [done], { windows })))).to.include('move-job');
  });

  it('shows the job ahead of it for as long as there is one', () => {
    const ahead = { jobId: 'other', jobType: 'restart', status: 'RUNNING' } as const;
    expect(reasonOf(plan(world({}, [next], { ahead, windows: [freeze(-5, 10)] })))?.kind).to.equal('job');
  });
});

describe('a run that asks for leave to stop', () => {
  const short = ringView({ live: ['a', 'b'], unreachable: ['c'] });
  const old = { askedMs: NOW - 1_900_000, views: [seen('a', short), seen('b', short)] };

  it('gets none outside of a window, and its time does not run out', () => {
    const [told] = answers(at([freeze(-5, 10)], {}, { gate: [question({})] }));
    expect(told).to.deep.include({ verdict: 'wait', isHeld: true });
    expect(told?.message).to.match(/^Frozen since /);
    expect(answers(at([], {}, { gate: [question(old)] }))[0]?.verdict).to.equal('refused');
    const held: GateAnswer = { verdict: 'wait', message: told?.message ?? '', notes: [], isHeld: true };
    expect(dos(at([freeze(-5, 10)], {}, { gate: [question({ ...old, answer: held })] }))).to.not.include(
      'answer-stop',
    );
    const [opened] = answers(at([], {}, { gate: [question({ ...old, answer: held })] }));
    expect(opened).to.deep.include({ verdict: 'wait', countsFromMs: NOW });
    expect(opened).to.not.have.property('isHeld');
    const later: GateAnswer = { verdict: 'wait', message: '', notes: [], countsFromMs: NOW - 1_000 };
    expect(answers(at([], {}, { gate: [question({ ...old, answer: later })] }))[0]).to.deep.include({
      verdict: 'wait',
      countsFromMs: NOW - 1_000,
    });
  });
});

describe('a job that ignores windows', () => {
  const ignores = { ignoreWindows: true, askedBy: 'ops' } as const;

  it('starts nodes in a freeze, and says so once, with who asked', () => {
    const now = plan(world(ignores, [next], { windows: [freeze(-5, 10)] }));
    expect(dos(now)).to.include.members(['start-run', 'ignore-windows']);
    expect(told(now)).to.include(
      'error window-ignored: Frozen since 2023-11-14T22:08:20.000Z, by freeze year-end, and not waited for: the job was asked for with ignore-windows by ops',
    );
    const again = plan(world({ ...ignores, windowsIgnoredMs: NOW }, [next], { windows: [freeze(-5, 10)] }));
    expect(dos(again)).to.include('start-run').and.to.not.include('ignore-windows');
  });

  it('stops them outside of a window', () => {
    const now = at([nights], { ...ignores, askedBy: null }, { gate: [question({})] });
    expect(answers(now)[0]?.verdict).to.equal('allowed');
    expect(told(now)[0]).to.match(
      /^error window-ignored: Outside of the maintenance .* with ignore-windows$/,
    );
  });

  it('says nothing where it does neither, or where it is open', () => {
    expect(dos(at([nights], ignores))).to.deep.equal([]);
    expect(dos(plan(world(ignores, [next], { windows: [days] })))).to.not.include('ignore-windows');
  });
});

describe('a job that only looks', () => {
  it('waits for no window, and has none to ignore', () => {
    const now = plan(world({ isLooking: true }, [next], { windows: [freeze(-5, 10)] }));
    expect(dos(now)).to.include('start-run').and.to.not.include('ignore-windows');
    expect(told(now).join()).to.not.contain('window-ignored');
  });
});

describe('what windows mean for a job to come', () => {
  const told = (windows: readonly MaintenanceWindow[], seconds: number) => {
    const one = outlook(windows, NOW, seconds);
    return one === null ? null : [one.fits, one.note];
  };

  it('is nothing where there are none', () => {
    expect(told([], 60)).to.equal(null);
  });

  it('is when it may begin, and whether it is through by the time they shut', () => {
    expect(told([days], 60)).to.deep.equal([
      true,
      'Its cluster is open now, and is through before that shuts at 2023-11-14T23:00:00.000Z, after 47 min.',
    ]);
    expect(told([nights], 7_201)).to.deep.equal([
      false,
      'It waits until its cluster opens at 2023-11-14T23:00:00.000Z, for 2 h: it is not through by 2023-11-15T01:00:00.000Z, and goes on when the cluster opens again.',
    ]);
    expect(told([nights], 7_200)?.[0]).to.equal(true);
    expect(told([freeze(-5, 10)], 60)).to.deep.equal([
      true,
      'It waits until its cluster opens at 2023-11-14T22:23:20.000Z.',
    ]);
  });

  it('is that it never begins, where they never let it', () => {
    expect(told([freeze(-5, null)], 60)).to.deep.equal([
      false,
      'As the windows and freezes of the cluster are, it never begins; with ignore-windows it does not wait.',
    ]);
  });
});
