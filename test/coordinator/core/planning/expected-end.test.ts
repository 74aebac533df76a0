// When a job will be over: by its plan, at the pace of its own nodes, and not at all where it waits for somebody.
import { expect } from 'chai';
import {
  expectedEndMs,
  type JobToEnd,
  type NodeToEnd,
} from '../../../../coordinator/core/planning/expected-end.ts';
import { MOST_UNDER_WAY } from '../../../../coordinator/core/rolling.ts';
import type { WaitingFor, WorldCanary } from '../../../../coordinator/core/world.ts';
import { NOW } from '../../../support/worlds.ts';

const S = 1_000;
const node = (id: string, batch: number, rest: Partial<NodeToEnd> = {}): NodeToEnd => ({
  id,
  batch,
  isComplete: false,
  startedMs: null,
  endedMs: null,
  heldMs: 0,
  ...rest,
});
/** COMPLETE, after so many seconds. */
const took = (id: string, batch: number, seconds: number): NodeToEnd =>
  node(id, batch, { isComplete: true, startedMs: NOW - 3_600 * S, endedMs: NOW - 3_600 * S + seconds * S });
const secondsLeft = (
  nodes: readonly NodeToEnd[],
  measured: Record<string, number> = {},
  rest: Partial<JobToEnd> = {},
): number | null => {
  const job = {
    nowMs: NOW,
    type: 'restart',
    settleMs: 0,
    waitingFor: null,
    canary: null,
    windows: [],
  } as const;
  const endMs = expectedEndMs({ ...job, nodes, ...rest }, (id) => measured[id]);
  return endMs === null ? null : (endMs - NOW) / S;
};

describe('when a job is expected to end', () => {
  const left = [node('a', 0), node('b', 0), node('c', 1)];

  it('is what its plan takes as long as it has not begun', () => {
    expect(secondsLeft(left)).to.equal(120);
    expect(secondsLeft(left, { a: 10, b: 30, c: 50 })).to.equal(80);
    const many = Array.from({ length: MOST_UNDER_WAY + 1 }, (_, place) => node(`${place}`, 0));
    expect(secondsLeft(many)).to.equal(120);
  });

  it('goes by the pace of the nodes that are COMPLETE, the one in the middle', () => {
    const nodes = [took('x', 0, 90), took('y', 1, 20), took('z', 2, 9_000), node('c', 3)];
    expect(secondsLeft(nodes), 'guesses: 60 s each').to.equal(90);
    expect(secondsLeft(nodes, { x: 30, y: 20, z: 9_000, c: 50 })).to.equal(50);
    expect(secondsLeft([took('x', 0, 2), node('c', 1)], { x: 0 }), 'taken for a second').to.equal(0);
    const failed = node('x', 0, { startedMs: NOW - 900 * S, endedMs: NOW });
    expect(secondsLeft([failed, node('c', 1)]), 'not of one that failed').to.equal(60);
  });

  it('counts for each node what it is left in peace for', () => {
    expect(secondsLeft(left, { a: 10, b: 10, c: 10 }, { settleMs: 600 * S })).to.equal(1_220);
    const nodes = [took('x', 0, 620), node('c', 1)];
    expect(secondsLeft(nodes, { x: 20, c: 20 }, { settleMs: 600 * S })).to.equal(620);
  });

  it('counts what is left of the node that is under way, and nothing once that takes longer', () => {
    const since = (seconds: number) => [
      node('a', 0, { startedMs: NOW - seconds * S }),
      node('b', 0),
      node('c', 1),
    ];
    expect(secondsLeft(since(50).toSpliced(1, 1))).to.equal(70);
    expect(secondsLeft(since(500).toSpliced(1, 1))).to.equal(60);
    expect(secondsLeft(since(50)), 'another of its batch is to begin').to.equal(120);
  });

  it('counts as work of a node nothing for which it was held up', () => {
    const held = { ...took('x', 0, 43_300), heldMs: 43_210 * S };
    expect(secondsLeft([held, node('c', 1)])).to.equal(90);
    const waiting = node('a', 0, { startedMs: NOW - 500 * S, heldMs: 490 * S });
    expect(secondsLeft([waiting])).to.equal(50);
  });

  it('counts what is left of the wait after canaries', () => {
    const canary = { batches: 1, waitMs: 100 * S, waitedMs: 0, sinceMs: null, passedMs: null };
    const after = (nodes: readonly NodeToEnd[], rest: Partial<WorldCanary> = {}) =>
      secondsLeft(nodes, {}, { canary: { ...canary, ...rest } });
    expect(after(left)).to.equal(220);
    const tried = [took('a', 0, 60), node('b', 1)];
    expect(after(tried, { waitedMs: 30 * S })).to.equal(130);
    expect(after(tried, { waitedMs: 30 * S, sinceMs: NOW - 20 * S })).to.equal(110);
    expect(after(tried, { sinceMs: NOW - 900 * S })).to.equal(60);
    expect(after(tried, { waitMs: 0 }), 'until somebody resumes it').to.equal(null);
    expect(after(tried, { waitMs: 0, passedMs: NOW })).to.equal(60);
    expect(after(left, { batches: 2 }), 'there are no others').to.equal(120);
    expect(after([took('a', 0, 60), node('b', 1, { startedMs: NOW })])).to.equal(60);
    const failed = node('a', 0, { startedMs: NOW - 9 * S, endedMs: NOW });
    expect(after([failed, node('b', 1)]), 'it holds, or was told to go on').to.equal(60);
  });

  it('counts from when its cluster opens', () => {
    const freeze = (untilMs: number | null) => ({
      windows: [{ id: 'f', name: 'f', kind: 'freeze' as const, times: { fromMs: NOW - S, untilMs } }],
    });
    expect(secondsLeft(left, {}, freeze(NOW + 600 * S))).to.equal(720);
    expect(secondsLeft(left, {}, freeze(null)), 'as it is, never').to.equal(null);
  });

  it('goes on in the next window with what has not begun by the end of one, and with the wait after canaries', () => {
    const HOUR = 3_600;
    const times = { cron: '0 * * * *', timeZone: 'UTC', minutes: 30 };
    const windows = [{ id: 'w', name: 'w', kind: 'window' as const, times }];
    const nowMs = Date.parse('2026-03-01T10:00:00Z');
    const measured = { a: 1_200, b: 1_200, c: 1_200 };
    const endsAfter = (
      nodes: readonly NodeToEnd[],
      rest: Partial<JobToEnd> = {},
      seconds: Record<string, number> = measured,
    ) => (secondsLeft(nodes, seconds, { nowMs, windows, ...rest }) ?? Number.NaN) - (nowMs - NOW) / S;
    const three = [node('a', 0), node('b', 1), node('c', 2)];
    expect(endsAfter(three), 'b begins before it shuts').to.equal(HOUR + 1_200);
    expect(endsAfter(three, {}, { a: 1_800, b: 1_800, c: 1_800 })).to.equal(2 * HOUR + 1_800);
    const canary = { batches: 1, waitMs: 1_800 * S, waitedMs: 0, sinceMs: null, passedMs: null };
    expect(endsAfter(three.slice(0, 2), { canary })).to.equal(HOUR + 1_200 + 1_200);
    const many = Array.from({ length: 200 }, (_, at) => node(`${at}`, at));
    expect(endsAfter(many, {}, { 0: 3_600 }), 'too many windows from now').to.deep.equal(Number.NaN);
  });

  it('makes the times of a window once, however many it takes', () => {
    let made = 0;
    const window = {
      ...{ id: 'w', name: 'w', kind: 'window' as const },
      get times() {
        made += 1;
        return { cron: '0 * * * *', timeZone: 'UTC', minutes: 30 };
      },
    };
    const many = Array.from({ length: 20 }, (_, at) => node(`${at}`, at));
    const seconds = Object.fromEntries(many.map(({ id }) => [id, 3_600]));
    expect(secondsLeft(many, seconds, { windows: [window] })).to.be.greaterThan(19 * 3_600);
    expect(made).to.equal(1);
  });

  it('is not known while it waits for what has no time of its own', () => {
    const waiting = (kind: WaitingFor['kind']) =>
      secondsLeft(left, {}, { waitingFor: { kind, ids: ['x'], since: '', what: 'w' } });
    for (const kind of ['gate', 'paused', 'failure', 'agent', 'job'] as const)
      expect(waiting(kind), kind).to.equal(null);
    for (const kind of ['look', 'hints', 'canary', 'window'] as const)
      expect(waiting(kind), kind).to.equal(120);
  });
});
