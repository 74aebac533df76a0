// Jobs that try a few nodes first: what they wait for, when they go on, and what stops the clock of that.
import { expect } from 'chai';
import { pauseWords } from '../../../coordinator/core/pausing.ts';
import { plan } from '../../../coordinator/core/plan.ts';
import type { World, WorldCanary, WorldJob, WorldNode } from '../../../coordinator/core/world.ts';
import { NOW, world, worldBootstrap, worldNode, worldRun } from '../../support/worlds.ts';

const over = (name: string, status: 'COMPLETE' | 'FAILED', endedMs = NOW - 4_000) =>
  worldNode(name, {
    status,
    endedMs,
    run: worldRun({ outcome: status === 'COMPLETE' ? 'succeeded' : 'failed' }),
  });
const next = worldNode('c');
const waiting = (canary: Partial<WorldCanary> = {}, job: Partial<WorldJob> = {}) => ({
  status: 'RUNNING' as const,
  startedMs: NOW - 60_000,
  canary: { batches: 1, waitMs: 300_000, waitedMs: 0, sinceMs: null, passedMs: null, ...canary },
  ...job,
});

const does = (seen: World): string[] => plan(seen).commands.map((command) => command.do);
const reason = (seen: World) =>
  plan(seen).commands.flatMap((one) => (one.do === 'set-waiting-for' ? [one.waitingFor] : []))[0];
const clock = (seen: World) => plan(seen).commands.find((one) => one.do === 'set-canary-clock');
const tells = (seen: World) =>
  plan(seen).commands.flatMap((one) => (one.do === 'record-event' ? [`${one.subtype}: ${one.message}`] : []));
const pausedWith = (wait: string): string =>
  `${pauseWords(null)}. Once it is resumed it waits ${wait} it is resumed again.`;
const at = (ms: number): string => new Date(ms).toISOString();

describe('a job with canaries', () => {
  it('works on them before the others, one at a time', () => {
    const nodes = [worldNode('a', { status: 'RUNNING', run: worldRun() }), worldNode('b'), next];
    expect(does(world(waiting({ batches: 2 }), nodes))).to.deep.equal([]);
    nodes[0] = over('a', 'COMPLETE');
    expect(does(world(waiting({ batches: 2 }), nodes))).to.deep.equal(['start-run', 'move-node']);
  });

  it('begins to wait once they are COMPLETE, says for which and until when, and tells it once', () => {
    const begins = world(waiting({ batches: 2 }), [
      over('a', 'COMPLETE'),
      over('b', 'COMPLETE', NOW - 1_000),
      next,
    ]);
    expect(does(begins)).to.deep.equal(['set-canary-clock', 'record-event', 'set-waiting-for']);
    expect(clock(begins)).to.deep.include({ waitedMs: 0, sinceMs: NOW });
    expect(tells(begins)).to.deep.equal([
      'canary-wait: The canaries a, b are COMPLETE: the job goes on with the other nodes in 300 s, or as soon as it is resumed.',
    ]);
    expect(reason(begins)).to.deep.equal({
      kind: 'canary',
      ids: ['node-a', 'node-b'],
      since: at(NOW - 1_000),
      what: `The canaries a, b are COMPLETE: the job goes on with the other nodes at ${at(NOW + 300_000)}, or as soon as it is resumed.`,
    });
    expect(plan(begins).lookAgainAtMs).to.equal(NOW + 300_000);
    const later = world(waiting({ sinceMs: NOW - 10_000 }), [over('a', 'COMPLETE'), next]);
    expect(does(later)).to.deep.equal(['set-waiting-for']);
    expect(plan(later).lookAgainAtMs).to.equal(NOW + 290_000);
  });

  it('goes on when the time has passed, and when it was resumed', () => {
    const nodes = [over('a', 'COMPLETE'), next];
    expect(does(world(waiting({ sinceMs: NOW - 300_000 }), nodes))).to.include('start-run');
    expect(does(world(waiting({ sinceMs: NOW - 299_999 }), nodes))).not.to.include('start-run');
    expect(does(world(waiting({ sinceMs: NOW - 10_000, passedMs: NOW }), nodes))).to.include('start-run');
  });

  it('waits without an end where that was asked for', () => {
    const nodes = [over('a', 'COMPLETE'), next];
    const begins = world(waiting({ waitMs: 0 }), nodes);
    const what = 'The canary a is COMPLETE: the job goes on with the other nodes once it is resumed.';
    expect(reason(begins)?.what).to.equal(what);
    expect(tells(begins)).to.deep.equal([`canary-wait: ${what}`]);
    const later = world(waiting({ waitMs: 0, sinceMs: NOW - 1e9 }), nodes);
    expect([does(later), plan(later).lookAgainAtMs]).to.deep.equal([['set-waiting-for'], null]);
  });

  it('has its clock stand still while it is paused, and goes on with what is left', () => {
    const nodes = [over('a', 'COMPLETE'), next];
    const pause = { pausedMs: NOW - 1_000 };
    const stops = world(waiting({ waitedMs: 5_000, sinceMs: NOW - 10_000 }, pause), nodes);
    expect(clock(stops)).to.deep.include({ waitedMs: 15_000, sinceMs: null });
    expect(reason(stops)).to.deep.include({
      kind: 'paused',
      what: pausedWith('285 s more after its canary a, or until'),
    });
    expect(does(world(waiting({ waitedMs: 15_000 }, pause), nodes))).to.deep.equal(['set-waiting-for']);
    const again = world(waiting({ waitedMs: 15_000 }), nodes);
    expect(clock(again)).to.deep.include({ waitedMs: 15_000, sinceMs: NOW });
    expect([tells(again), plan(again).lookAgainAtMs]).to.deep.equal([[], NOW + 285_000]);
    const passed = world(waiting({ sinceMs: NOW - 300_000 }, pause), nodes);
    expect(does(passed), 'what has passed has passed').to.deep.equal(['set-waiting-for']);
    expect(reason(passed)?.what).not.to.contain('canary');
    const endless = world(waiting({ waitMs: 0, batches: 2 }, pause), [
      over('a', 'COMPLETE'),
      over('b', 'COMPLETE'),
      next,
    ]);
    expect(reason(endless)?.what).to.equal(pausedWith('after its canaries a, b, until'));
  });

  it('waits for nothing once it has come to the others, or where there are none', () => {
    const others: readonly WorldNode[][] = [
      [],
      [worldNode('b', { status: 'RUNNING', run: worldRun() }), next],
      [over('b', 'COMPLETE'), next],
      [worldNode('b', { status: 'RUNNING', bootstrap: worldBootstrap({ hasEntered: true }) })],
    ];
    for (const rest of others)
      expect(clock(world(waiting(), [over('a', 'COMPLETE'), ...rest]))).to.equal(undefined);
  });

  it('ends when one has failed, no other touched', () => {
    const nodes = [over('a', 'FAILED'), worldNode('b'), next];
    const seen = world(waiting({ batches: 2 }), nodes);
    expect(does(seen)).to.include('move-job').and.not.to.include.members(['start-run']);
    expect(clock(seen)).to.equal(undefined);
  });

  it('holds when one has failed though it was to go on after failures, and goes on at once when told to', () => {
    const nodes = [over('a', 'FAILED'), next];
    const job = { continueOnError: true, status: 'WILL_FAIL' } as const;
    const held = world(waiting({}, job), nodes);
    expect(does(held)).to.deep.equal(['set-waiting-for']);
    expect(reason(held)).to.deep.include({ kind: 'failure', ids: ['node-a'] });
    expect(reason(held)?.what).to.match(/^Held since the canary a failed: /);
    expect(does(world(waiting({}, { ...job, resumedMs: NOW }), nodes))).to.include('start-run');
    const other = [over('a', 'COMPLETE'), over('b', 'FAILED'), next];
    expect(does(world(waiting({}, job), other)), 'of the others').to.include('start-run');
  });

  it('waits after the last of them where an earlier one failed', () => {
    const nodes = [over('a', 'FAILED', NOW - 9_000), over('b', 'COMPLETE'), next];
    const job = { holdOnError: true, resumedMs: NOW - 5_000 };
    expect(reason(world(waiting({ batches: 2 }, job), nodes))).to.deep.include({
      kind: 'canary',
      ids: ['node-b'],
    });
    const failedLast = [over('a', 'FAILED', NOW - 8_000), over('b', 'COMPLETE', NOW - 9_000), next];
    expect(does(world(waiting({ batches: 2 }, job), failedLast))).to.include('start-run');
  });
});
