// After a cold start: shown as ORPHANED, adopted when an agent is heard, ended when the window passes.
import { expect } from 'chai';
import { type Command, plan } from '../../../coordinator/core/plan.ts';
import type { WorldLimits, WorldNode } from '../../../coordinator/core/world.ts';
import { type JobOfBatches, NOW, world, worldBootstrap, worldNode, worldRun } from '../../support/worlds.ts';

const WINDOW_MS = 900_000;
const ofKind = <Kind extends Command['do']>(commands: readonly Command[], kind: Kind) =>
  commands.filter((command): command is Extract<Command, { do: Kind }> => command.do === kind);
const unheard = (status: 'RUNNING' | 'ORPHANED'): WorldNode =>
  worldNode('a', { status, run: worldRun({ lastActiveMs: NOW - 2 * WINDOW_MS }) });

/** The plan for a job that was orphaned so long ago. */
const orphaned = (
  agoMs: number,
  nodes: readonly WorldNode[],
  job: JobOfBatches = {},
  limits: Partial<WorldLimits> = {},
) =>
  plan(
    world({ status: 'ORPHANED', startedMs: NOW - 3 * WINDOW_MS, orphanedMs: NOW - agoMs, ...job }, nodes, {
      limits: { ...world().limits, ...limits },
    }),
  );

describe('an orphaned job', () => {
  it('says what it waits for and until when, and starts nothing', () => {
    const { commands, lookAgainAtMs } = orphaned(1_000, [unheard('ORPHANED'), worldNode('b')]);
    const until = NOW - 1_000 + WINDOW_MS;
    expect(commands).to.deep.equal([
      {
        do: 'set-waiting-for',
        waitingFor: {
          kind: 'adoption',
          ids: ['node-a'],
          since: new Date(NOW - 1_000).toISOString(),
          what: `The coordinator restarted; the job goes on when its agents attach again, until ${new Date(until).toISOString()}.`,
        },
      },
    ]);
    expect(lookAgainAtMs).to.equal(until);
  });

  it('starts nothing even where more nodes might be worked on at once', () => {
    const { commands } = orphaned(1_000, [unheard('ORPHANED'), worldNode('b')], { nodesAtOnce: 2 });
    expect(ofKind(commands, 'start-run')).to.deep.equal([]);
  });

  it('keeps its word within the grace, and is looked at again when that ends', () => {
    const job = { status: 'RUNNING' } as const;
    const { commands, lookAgainAtMs } = orphaned(1_000, [unheard('RUNNING')], job, { orphanGraceMs: 5_000 });
    expect(ofKind(commands, 'move-node')).to.deep.equal([]);
    expect(ofKind(commands, 'adopt-job')).to.deep.equal([]);
    expect(lookAgainAtMs).to.equal(NOW + 4_000);
    const after = orphaned(5_000, [unheard('RUNNING')], job, { orphanGraceMs: 5_000 }).commands;
    expect(ofKind(after, 'move-node')[0]?.to).to.equal('ORPHANED');
  });

  it('is adopted at once when none of its runs was in flight, and goes on', () => {
    const done = worldNode('a', {
      status: 'COMPLETE',
      endedMs: NOW - 5_000,
      run: worldRun({ outcome: 'succeeded' }),
    });
    const { commands } = orphaned(0, [done, worldNode('b')], { status: 'RUNNING' });
    expect(ofKind(commands, 'adopt-job')).to.have.length(1);
    expect(ofKind(commands, 'start-run').map(({ nodeId }) => nodeId)).to.deep.equal(['node-b']);
  });

  it('is adopted by a finish that its agent had kept', () => {
    const finished = { ...unheard('ORPHANED'), run: worldRun({ lastActiveMs: NOW, outcome: 'succeeded' }) };
    const { commands } = orphaned(1_000, [finished]);
    expect(ofKind(commands, 'adopt-job')).to.have.length(1);
    expect(ofKind(commands, 'move-job')[0]?.to).to.equal('COMPLETE');
  });

  it('shows a node that had worked again before the next restart as an orphan first, and ends with the pass after', () => {
    const again = { ...unheard('RUNNING'), jobNodeId: 'again' };
    const { commands } = orphaned(WINDOW_MS, [again, unheard('ORPHANED'), worldNode('b')]);
    expect(ofKind(commands, 'move-node').map(({ to, over }) => [to, over])).to.deep.equal([
      ['ORPHANED', false],
      ['ORPHANED', true],
    ]);
    expect(ofKind(commands, 'move-job')).to.deep.equal([]);
    const next = orphaned(WINDOW_MS, [{ ...again, status: 'ORPHANED' }, worldNode('b')]).commands;
    expect(ofKind(next, 'move-node').map(({ to, over }) => [to, over])).to.deep.equal([
      ['ORPHANED', true],
      ['ORPHANED', true],
    ]);
    expect(ofKind(next, 'move-job')[0]?.over).to.equal(true);
  });

  it('does so of a node that an agent was being brought to as well', () => {
    const entered = worldNode('c', {
      status: 'RUNNING',
      bootstrap: worldBootstrap({ createdMs: NOW - 2 * WINDOW_MS, hasEntered: true }),
    });
    for (const limits of [{}, { adoptOrphans: false }]) {
      const { commands } = orphaned(WINDOW_MS, [entered, unheard('ORPHANED')], {}, limits);
      expect(ofKind(commands, 'report-bug')).to.deep.equal([]);
      expect(ofKind(commands, 'move-job')).to.deep.equal([]);
      const next = orphaned(WINDOW_MS, [{ ...entered, status: 'ORPHANED' }], {}, { adoptOrphans: false });
      expect(ofKind(next.commands, 'move-node').map(({ to, over }) => [to, over])).to.deep.equal([
        ['ORPHANED', true],
      ]);
      expect(ofKind(next.commands, 'move-job')[0]?.over).to.equal(true);
    }
  });

  it('ends as ORPHANED when the window has passed: runs fenced with a reason, nodes not started over', () => {
    const { commands, lookAgainAtMs } = orphaned(WINDOW_MS, [unheard('ORPHANED'), worldNode('b')]);
    expect(ofKind(commands, 'fence-run')).to.deep.equal([
      { do: 'fence-run', runId: 'run', nodeId: 'node-a' },
    ]);
    expect(ofKind(commands, 'record-event').map(({ subtype, message }) => [subtype, message])).to.deep.equal([
      ['run-expired', 'The agent of a did not come back within the adoption window'],
      ['end', 'job ended ORPHANED'],
    ]);
    expect(
      ofKind(commands, 'move-node').map(({ jobNodeId, to, over }) => [jobNodeId, to, over]),
    ).to.deep.equal([
      ['job-node-a', 'ORPHANED', true],
      ['job-node-b', 'ORPHANED', true],
    ]);
    expect(lookAgainAtMs).to.equal(null);
  });

  it('ends in the pass after it was shown when adoption is off', () => {
    const final = { adoptOrphans: false };
    const shown = orphaned(0, [unheard('RUNNING')], { status: 'RUNNING' }, final).commands;
    expect(ofKind(shown, 'move-job').map(({ to, over }) => [to, over])).to.deep.equal([['ORPHANED', false]]);
    const ended = orphaned(0, [unheard('ORPHANED')], {}, final).commands;
    expect(ofKind(ended, 'move-job').map(({ to, over }) => [to, over])).to.deep.equal([['ORPHANED', true]]);
  });

  it('can be terminated while its agent is away', () => {
    const node = { ...unheard('ORPHANED'), agent: { connected: false, enrolled: true, awaySinceMs: null } };
    const job = { terminateRequestedMs: NOW - 60_000, terminateRequests: 1 };
    const { commands } = orphaned(100_000, [node], job);
    expect(ofKind(commands, 'fence-run')).to.have.length(1);
    expect(ofKind(commands, 'move-job').map(({ to, over }) => [to, over])).to.deep.equal([
      ['TERMINATED', true],
    ]);
  });
});
