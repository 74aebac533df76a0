// Jobs that only look, and nodes at which nobody can.
import { expect } from 'chai';
import { type Command, plan } from '../../../coordinator/core/plan.ts';
import type { World } from '../../../coordinator/core/world.ts';
import { NOW, world, worldNode, worldRun } from '../../support/worlds.ts';

const agentAway = (forMs: number | null) => ({
  connected: false,
  enrolled: true,
  awaySinceMs: forMs === null ? null : NOW - forMs,
});
const bare = worldNode('bare', {
  agent: { connected: false, enrolled: false, awaySinceMs: null },
  hasCredential: true,
});
const looking = { isLooking: true, continueOnError: true, nodesAtOnce: 9 };
const running = { ...looking, status: 'RUNNING', startedMs: NOW - 10_000 } as const;

/** @returns words for what the pass does */
const told = (given: World): string[] =>
  plan(given).commands.flatMap((command: Command) => {
    if (command.do === 'move-node') return [`${command.jobNodeId} ${command.to}`];
    if (command.do === 'move-job') return [`job ${command.to}`];
    if (command.do === 'record-event') return [command.subtype];
    return command.do === 'start-run' ? [] : [command.do];
  });

describe('a job that only looks', () => {
  it('goes on at once without a node that has no agent, and brings none there', () => {
    expect(told(world(looking, [bare, worldNode('b')]))).to.deep.equal([
      'not-looked-at',
      'job-node-bare FAILED',
      'job-node-b RUNNING',
      'job RUNNING',
      'start',
    ]);
    const [event] = plan(world(looking, [bare])).commands;
    expect(event).to.deep.include({
      type: 'error',
      nodeId: 'node-bare',
      message:
        'Node bare was not looked at: it has no agent, and none is brought to a host for a look: enrol one, or run the job itself',
    });
  });

  it('starts before it fails where there is nobody to look at all, and is looked at again for that', () => {
    const first = plan(world(looking, [bare]));
    expect(first.commands.filter(({ do: what }) => what === 'move-job')).to.have.length(1);
    expect(first.lookAgainAtMs).to.equal(NOW + 1);
    const failed = worldNode('bare', { ...bare, status: 'FAILED', endedMs: NOW });
    expect(told(world(running, [failed]))).to.deep.equal(['job FAILED', 'end']);
  });

  it('waits a minute for an agent that is away, and says when that is over', () => {
    const a = worldNode('a', { agent: agentAway(59_000) });
    const busy = worldNode('b', { status: 'RUNNING', run: worldRun() });
    const waits = plan(world(running, [a, busy]));
    expect(waits.lookAgainAtMs).to.equal(NOW + 1_000);
    expect(told(world(running, [worldNode('a', { agent: agentAway(60_000) }), busy]))).to.deep.equal([
      'not-looked-at',
      'job-node-a FAILED',
      'job WILL_FAIL',
    ]);
    expect(told(world(running, [worldNode('a', { agent: agentAway(null) }), busy]))[0]).to.equal(
      'not-looked-at',
    );
  });

  it('counts from when a coordinator has listened, and not while others are ahead, or termination was asked for', () => {
    const gone = worldNode('a', { agent: agentAway(3_600_000) });
    const first = { ahead: { jobId: 'older', jobType: 'restart', status: 'RUNNING' } } as const;
    expect(told(world(looking, [gone], { listeningSinceMs: NOW - 1_000 }))).to.deep.equal([
      'set-waiting-for',
    ]);
    expect(told(world(looking, [gone], first))).to.deep.equal(['set-waiting-for']);
    const ended = { ...running, terminateRequestedMs: NOW - 1_000 };
    expect(told(world(ended, [gone]))).to.deep.equal(['job-node-a TERMINATED', 'job TERMINATED', 'end']);
  });

  it('gives up a look whose agent has gone in the middle, and waits for one of a job that acts', () => {
    const busy = worldNode('a', { status: 'RUNNING', run: worldRun(), agent: agentAway(60_000) });
    expect(told(world(running, [busy]))).to.deep.equal([
      'fence-run',
      'not-looked-at',
      'job-node-a FAILED',
      'job FAILED',
      'end',
    ]);
    const later = worldNode('a', { ...busy, agent: agentAway(59_000) });
    expect(plan(world(running, [later])).lookAgainAtMs).to.equal(NOW + 1_000);
    const acts = { status: 'RUNNING', startedMs: NOW - 10_000 } as const;
    expect(told(world(acts, [busy]))).to.not.include('fence-run');
    const orphaned = { ...running, status: 'ORPHANED', orphanedMs: NOW - 5_000 } as const;
    const unheard = { ...busy, run: worldRun({ lastActiveMs: NOW - 9_000 }) };
    expect(told(world(orphaned, [unheard]))).to.not.include('fence-run');
  });

  it('waits while it is paused, and a minute from when it was told to go on', () => {
    const gone = worldNode('a', { agent: agentAway(3_600_000) });
    expect(told(world({ ...running, pausedMs: NOW - 9_000 }, [gone]))).to.not.include('not-looked-at');
    expect(told(world({ ...running, resumedMs: NOW - 59_000 }, [gone]))).to.not.include('not-looked-at');
    expect(told(world({ ...running, resumedMs: NOW - 60_000 }, [gone]))).to.include('not-looked-at');
  });

  it('leaves a node that is not modelled to its run, which says what is missing', () => {
    const unmodelled = worldNode('a', { isModelled: false, agent: agentAway(3_600_000) });
    expect(told(world(looking, [unmodelled]))).to.deep.equal(['job-node-a RUNNING', 'job RUNNING', 'start']);
  });
});

describe('a job that acts', () => {
  it('waits for an agent for as long as it is away', () => {
    const gone = worldNode('a', { agent: agentAway(3_600_000) });
    expect(told(world({}, [gone]))).to.deep.equal(['set-waiting-for']);
  });
});
