// What a pass does with nodes that an agent is brought to: from the turn of the node to its run, its failure, or the end of its job.
import { expect } from 'chai';
import { type Command, plan } from '../../../coordinator/core/plan.ts';
import type { WorldBootstrap, WorldNode } from '../../../coordinator/core/world.ts';
import { type JobOfBatches, NOW, world, worldBootstrap, worldNode, worldRun } from '../../support/worlds.ts';

const running = { status: 'RUNNING', startedMs: NOW - 10_000 } as const;
const agent = { connected: false, enrolled: false, awaySinceMs: null };
const bare = (name: string, rest: Partial<WorldNode> = {}): WorldNode =>
  worldNode(name, { agent, hasCredential: true, ...rest });
const brought = (
  name: string,
  bootstrap: Partial<WorldBootstrap>,
  rest: Partial<WorldNode> = {},
): WorldNode =>
  bare(name, {
    status: 'RUNNING',
    bootstrap: worldBootstrap({ hasEntered: true, ...bootstrap }),
    ...rest,
  });

/** What becomes of job and nodes, and what else is done, without reasons to wait. */
const told = (job: JobOfBatches, nodes: readonly WorldNode[], limits = {}): string[] => {
  const given = world(job, nodes);
  return plan({ ...given, limits: { ...given.limits, ...limits } }).commands.flatMap((command: Command) => {
    if (command.do === 'move-node')
      return [
        `${command.jobNodeId.slice(9)} ${command.from} -> ${command.to}${command.over ? ', over' : ''}`,
      ];
    if (command.do === 'move-job') return [`job ${command.from} -> ${command.to}`];
    if (command.do === 'record-event') return command.jobNodeId === null ? [] : [command.subtype];
    if (command.do === 'set-waiting-for') return [];
    return [`${command.do}${'jobNodeId' in command ? ` ${command.jobNodeId.slice(9)}` : ''}`];
  });
};

describe('a node that an agent is brought to', () => {
  it('is at work once its host has let somebody in, and its job with it', () => {
    expect(told({}, [bare('a'), bare('b')])).to.deep.equal(['bring-agent a']);
    const pending = { status: 'PENDING' } as const;
    expect(told({}, [brought('a', { hasEntered: false }, pending), bare('b')])).to.deep.equal([]);
    expect(told({}, [brought('a', { waits: 'change', hasEntered: false }, pending)])).to.deep.equal([]);
    const started = ['a PENDING -> RUNNING', 'job PENDING -> RUNNING'];
    expect(told({}, [brought('a', {}, pending), bare('b')])).to.deep.equal(started);
    expect(told({}, [brought('a', { outcome: 'failed' }, pending)])).to.deep.equal(started);
  });

  it('is left to whoever is at it', () => {
    expect(told(running, [brought('a', { failedTries: 1, reason: 'x' }), bare('b')])).to.deep.equal([]);
  });

  it('gets its run once the agent is there', () => {
    const there = { connected: true, enrolled: true, awaySinceMs: null };
    const node = brought('a', { outcome: 'succeeded' }, { agent: there });
    expect(told(running, [node])).to.deep.equal(['start-run a']);
  });

  it('fails when that cannot be done, and what is behind it is not started', () => {
    const nodes = [brought('a', { outcome: 'failed', reason: 'x' }), bare('b')];
    expect(told(running, nodes)).to.deep.equal([
      'a RUNNING -> FAILED, over',
      'not-started',
      'b PENDING -> TERMINATED, over',
      'job RUNNING -> FAILED',
    ]);
    expect(told({ ...running, continueOnError: true }, nodes)).to.deep.equal([
      'a RUNNING -> FAILED, over',
      'bring-agent b',
      'job RUNNING -> WILL_FAIL',
    ]);
  });

  it('counts as not started when another one fails, and when the job is terminated', () => {
    const failed = worldNode('a', { status: 'RUNNING', run: worldRun({ outcome: 'failed' }) });
    expect(told({ ...running, nodesAtOnce: 2 }, [failed, brought('b', {})])).to.include.members([
      'not-started',
      'b RUNNING -> TERMINATED, over',
    ]);
    expect(
      told({ ...running, terminateRequestedMs: NOW - 1_000, terminateRequests: 1 }, [brought('a', {})]),
    ).to.deep.equal(['a RUNNING -> TERMINATED, over', 'job RUNNING -> TERMINATED']);
  });

  it('goes on after a cold start, since whoever took it over goes on with it', () => {
    expect(told({ ...running, orphanedMs: NOW - 1_000 }, [brought('a', {})])).to.deep.equal(['adopt-job']);
  });

  it('is orphaned with its job where that is not adopted, and ends with it', () => {
    const job = { ...running, orphanedMs: NOW - 1_000 };
    expect(told(job, [brought('a', {})], { adoptOrphans: false })).to.deep.equal([
      'a RUNNING -> ORPHANED',
      'job RUNNING -> ORPHANED',
    ]);
    const orphaned = brought('a', {}, { status: 'ORPHANED' });
    expect(told({ ...job, status: 'ORPHANED' }, [orphaned], { adoptOrphans: false })).to.deep.equal([
      'a ORPHANED -> ORPHANED, over',
      'job ORPHANED -> ORPHANED',
    ]);
  });

  it('wakes when its orphaned job is adopted', () => {
    const orphaned = brought('a', {}, { status: 'ORPHANED' });
    const heard = worldNode('b', { status: 'ORPHANED', run: worldRun({ lastActiveMs: NOW - 100 }) });
    expect(
      told({ ...running, status: 'ORPHANED', orphanedMs: NOW - 1_000, nodesAtOnce: 2 }, [orphaned, heard]),
    ).to.include.members(['adopt-job', 'a ORPHANED -> RUNNING', 'b ORPHANED -> RUNNING']);
  });
});
