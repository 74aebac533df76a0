// What facts add up to: silence, the ways a run ends, and when a job counts as orphaned.
import { expect } from 'chai';
import {
  adoptionIsOver,
  isOrphaned,
  isQuiet,
  jobSignal,
  runSignal,
} from '../../../coordinator/core/signals.ts';
import type { WorldRun } from '../../../coordinator/core/world.ts';
import { NOW, world, worldNode, worldRun } from '../../support/worlds.ts';

const IDLE_AFTER_MS = 300_000;
const busy = (run: Partial<WorldRun> = {}) => worldNode('a', { status: 'RUNNING', run: worldRun(run) });
const running = { status: 'RUNNING', startedMs: NOW - 10_000 } as const;

describe('silence', () => {
  it('is counted from the last sign of life', () => {
    const quiet = (run: Partial<WorldRun>): boolean => isQuiet(world(running), busy(run));
    expect(quiet({ lastActiveMs: NOW - IDLE_AFTER_MS })).to.equal(true);
    expect(quiet({ lastActiveMs: NOW - IDLE_AFTER_MS + 1 })).to.equal(false);
  });

  it('is counted from when a run was written while no agent has taken it on, and is none where there is no run', () => {
    const notTaken = { acceptedMs: null, lastActiveMs: null };
    const quiet = (createdMs: number) => isQuiet(world(running), busy({ ...notTaken, createdMs }));
    expect(quiet(NOW - IDLE_AFTER_MS)).to.equal(true);
    expect(quiet(NOW - IDLE_AFTER_MS + 1)).to.equal(false);
    expect(isQuiet(world(running), worldNode('a'))).to.equal(false);
  });
});

describe('the signal of a node', () => {
  it('is how its run ended, in every way that a run can end', () => {
    const ended = (outcome: WorldRun['outcome']) => runSignal(world(running), busy({ outcome }));
    expect(ended('succeeded')).to.equal('succeeded');
    expect(ended('failed')).to.equal('failed');
    expect(ended('lost')).to.equal('failed');
    expect(ended('refused')).to.equal('failed');
    expect(ended('stopped')).to.equal('terminated');
  });

  it('is none for a node without a run or one that is over', () => {
    expect(runSignal(world(running), worldNode('a'))).to.equal(null);
    expect(runSignal(world(running), { ...busy(), endedMs: NOW })).to.equal(null);
  });

  it('is orphaned until something is heard after the cold start, expired when the window is over', () => {
    const at = (orphanedMs: number) => world({ ...running, orphanedMs });
    const unheard = busy({ lastActiveMs: null });
    expect(runSignal(at(NOW - 1), unheard)).to.equal('orphaned');
    expect(runSignal(at(NOW - 900_000), unheard)).to.equal('orphaned'); // shown as ORPHANED first
    expect(runSignal(at(NOW - 900_000), { ...unheard, status: 'ORPHANED' })).to.equal('expired');
    expect(runSignal(at(NOW - 899_999), { ...unheard, status: 'ORPHANED' })).to.equal('orphaned');
    expect(runSignal(at(NOW - 1), busy({ lastActiveMs: NOW }))).to.equal('woke');
  });
});

describe('a job is orphaned', () => {
  const orphaned = { ...running, orphanedMs: NOW - 1_000 };
  const unheard = busy({ lastActiveMs: NOW - 2_000 });

  it('only when it was under way at a cold start', () => {
    expect(isOrphaned(world(orphaned, [unheard]))).to.equal(true);
    expect(isOrphaned(world(running, [unheard]))).to.equal(false);
    expect(isOrphaned(world({ ...orphaned, startedMs: null }, [unheard]))).to.equal(false);
  });

  it('not before the grace has passed', () => {
    const graced = (orphanGraceMs: number) => {
      const limits = { ...world().limits, orphanGraceMs };
      return isOrphaned(world(orphaned, [unheard], { limits }));
    };
    expect(graced(1_000)).to.equal(true);
    expect(graced(1_001)).to.equal(false);
  });

  it('until one of its runs is heard, and not at all when no run is in flight', () => {
    const heard = (lastActiveMs: number) => world(orphaned, [unheard, busy({ lastActiveMs })]);
    expect(isOrphaned(heard(NOW - 999))).to.equal(false);
    expect(isOrphaned(heard(NOW - 1_000))).to.equal(true); // what came with the restart is no sign of life after it
    expect(isOrphaned(world(orphaned, [worldNode('a')]))).to.equal(false);
    expect(isOrphaned(world(orphaned, [busy({ lastActiveMs: null, outcome: 'succeeded' })]))).to.equal(false);
  });

  it('for good when the adoption window has passed, or at once when adoption is off', () => {
    const over = (orphanedMs: number | null, adoptOrphans: boolean): boolean =>
      adoptionIsOver(world({ orphanedMs }, [], { limits: { ...world().limits, adoptOrphans } }));
    expect(over(NOW - 900_000, true)).to.equal(true);
    expect(over(NOW - 899_999, true)).to.equal(false);
    expect(over(NOW, false)).to.equal(true);
    expect(over(null, false)).to.equal(false);
  });
});

describe('the signal of a job', () => {
  const settled = (status: string, rest: { over?: boolean; quiet?: boolean } = {}) => ({
    status,
    over: rest.over ?? false,
    underWay: !(rest.over ?? false) && status !== 'PENDING',
    quiet: rest.quiet ?? false,
  });
  const done = settled('COMPLETE', { over: true });
  const failed = settled('FAILED', { over: true });
  const silent = settled('IDLE', { quiet: true });

  it('is the end once every node is over: complete, failed, or terminated when that was asked', () => {
    const asked = world({ ...running, terminateRequestedMs: NOW });
    const stopped = settled('TERMINATED', { over: true });
    expect(jobSignal(world(running), [done, done], false)).to.equal('succeeded');
    expect(jobSignal(asked, [done, done], false)).to.equal('succeeded');
    expect(jobSignal(world(running), [done, failed, stopped], false)).to.equal('failed');
    expect(jobSignal(asked, [done, failed, stopped], false)).to.equal('terminated');
  });

  it('is none while a pending job has nothing under way, then started', () => {
    expect(jobSignal(world(), [settled('PENDING')], false)).to.equal(null);
    expect(jobSignal(world(), [settled('RUNNING'), settled('PENDING')], false)).to.equal('started');
  });

  it('names the strongest first: orphaned, quieted, doomed, else woke', () => {
    expect(jobSignal(world(running), [failed, silent], true)).to.equal('orphaned');
    expect(jobSignal(world(running), [failed, silent], false)).to.equal('quieted');
    expect(jobSignal(world(running), [failed, settled('RUNNING')], false)).to.equal('doomed');
    expect(jobSignal(world(running), [done, settled('RUNNING')], false)).to.equal('woke');
  });
});
