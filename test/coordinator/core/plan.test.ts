// What a pass decides, case by case: plain values in, commands out.
import { expect } from 'chai';
import { type Command, plan } from '../../../coordinator/core/plan.ts';
import type { WorldRun } from '../../../coordinator/core/world.ts';
import { NOW, world, worldNode, worldRun } from '../../support/worlds.ts';

const done = (commands: readonly Command[], what: Command['do']) =>
  commands.filter((command) => command.do === what);
const running = { status: 'RUNNING', startedMs: NOW - 10_000 } as const;

describe('the plan of a pass', () => {
  it('starts the first node of a pending job and the job with it', () => {
    const { commands } = plan(world());
    expect(done(commands, 'start-run')).to.deep.equal([
      { do: 'start-run', jobNodeId: 'job-node-a', nodeId: 'node-a', hadAgentBrought: false },
    ]);
    expect(done(commands, 'move-job')).to.deep.include({
      do: 'move-job',
      from: 'PENDING',
      to: 'RUNNING',
      signal: 'started',
      over: false,
    });
    expect(done(commands, 'record-event')).to.deep.equal([
      {
        do: 'record-event',
        jobNodeId: null,
        nodeId: null,
        type: 'milestone',
        subtype: 'start',
        message: 'job started...',
      },
    ]);
  });

  it('keeps a job PENDING behind an older one of its cluster, and says which', () => {
    const { commands } = plan(
      world({}, undefined, { ahead: { jobId: 'older', jobType: 'install', status: 'RUNNING' } }),
    );
    expect(commands).to.deep.equal([
      {
        do: 'set-waiting-for',
        waitingFor: {
          kind: 'job',
          ids: ['older'],
          since: new Date(NOW).toISOString(),
          what: 'Job older (install, RUNNING) of the same cluster has to end first.',
        },
      },
    ]);
  });

  it('waits for the first node in order when its agent is away, and starts nothing behind it', () => {
    const away = worldNode('a', { agent: { connected: false, enrolled: true, awaySinceMs: NOW - 1_000 } });
    const { commands } = plan(world({}, [away, worldNode('b')]));
    expect(commands.map((command) => command.do)).to.deep.equal(['set-waiting-for']);
  });

  it('starts the next node in the pass that sees the one before succeed', () => {
    const finished = worldNode('a', { status: 'RUNNING', run: worldRun({ outcome: 'succeeded' }) });
    const { commands } = plan(world(running, [finished, worldNode('b')]));
    expect(done(commands, 'move-node').map((move) => 'to' in move && move.to)).to.deep.equal([
      'COMPLETE',
      'RUNNING',
    ]);
    expect(done(commands, 'start-run')).to.have.length(1);
  });

  it('stops at a failure: the rest is TERMINATED with the name of the node that failed, the job FAILED', () => {
    const failed = worldNode('a', { status: 'RUNNING', run: worldRun({ outcome: 'failed' }) });
    const { commands } = plan(world(running, [failed, worldNode('b')]));
    expect(done(commands, 'record-event')).to.deep.include({
      do: 'record-event',
      jobNodeId: 'job-node-b',
      nodeId: 'node-b',
      type: 'milestone',
      subtype: 'not-started',
      message: 'Not started because a failed',
    });
    expect(done(commands, 'move-job')).to.deep.include({
      do: 'move-job',
      from: 'RUNNING',
      to: 'FAILED',
      signal: 'failed',
      over: true,
    });
    expect(done(commands, 'start-run')).to.have.length(0);
  });

  it('goes on after a failure when told to, and shows WILL_FAIL on the way', () => {
    const failed = worldNode('a', { status: 'RUNNING', run: worldRun({ outcome: 'failed' }) });
    const { commands } = plan(world({ ...running, continueOnError: true }, [failed, worldNode('b')]));
    expect(done(commands, 'start-run')).to.have.length(1);
    expect(done(commands, 'move-job')).to.deep.include({
      do: 'move-job',
      from: 'RUNNING',
      to: 'WILL_FAIL',
      signal: 'doomed',
      over: false,
    });
  });

  it('calls a silent run IDLE, and no earlier than the limit, counted only while somebody could hear', () => {
    const silent = worldNode('a', { status: 'RUNNING', run: worldRun({ lastActiveMs: NOW - 300_000 }) });
    expect(done(plan(world(running, [silent])).commands, 'move-job')).to.deep.include({
      do: 'move-job',
      from: 'RUNNING',
      to: 'IDLE',
      signal: 'quieted',
      over: false,
    });
    const deaf = plan(world(running, [silent], { listeningSinceMs: NOW - 299_999 }));
    expect(done(deaf.commands, 'move-job')).to.have.length(0);
    expect(deaf.lookAgainAtMs).to.equal(NOW + 1);
  });

  it('is looked at again when a run under way may have fallen silent, not for a moment that is past or a node that is over', () => {
    const active = (lastActiveMs: number) => ({
      status: 'RUNNING' as const,
      run: worldRun({ lastActiveMs }),
    });
    const over = worldNode('a', { ...active(NOW - 299_000), status: 'COMPLETE', endedMs: NOW - 1 });
    const one = world(running, [over, worldNode('b', active(NOW - 200_000)), worldNode('c', active(NOW))]);
    expect(plan(one).lookAgainAtMs).to.equal(NOW + 100_000);
    const idle = worldNode('a', { ...active(NOW - 300_000), status: 'IDLE' });
    expect(plan(world({ ...running, status: 'IDLE' }, [idle])).lookAgainAtMs).to.equal(null);
  });

  it('ends a pending job at once when it is terminated', () => {
    const { commands } = plan(world({ terminateRequestedMs: NOW, terminateRequests: 1 }));
    expect(done(commands, 'move-job')).to.deep.include({
      do: 'move-job',
      from: 'PENDING',
      to: 'TERMINATED',
      signal: 'terminated',
      over: true,
    });
  });

  it('asks a node under way to stop once, and fences it only on a second request or when its agent stays away', () => {
    const busy = worldNode('a', { status: 'RUNNING', run: worldRun() });
    const asked = { ...running, terminateRequestedMs: NOW - 61_000, terminateRequests: 1 };
    expect(done(plan(world(asked, [busy])).commands, 'fence-run')).to.have.length(0);
    expect(done(plan(world(asked, [busy])).commands, 'request-stop')).to.have.length(1);
    const away = { ...busy, agent: { connected: false, enrolled: true, awaySinceMs: NOW - 60_500 } };
    expect(done(plan(world(asked, [away])).commands, 'fence-run')).to.have.length(1);
    expect(
      done(plan(world({ ...asked, terminateRequests: 2 }, [busy])).commands, 'fence-run'),
    ).to.have.length(1);
  });

  it('shows ORPHANED after a cold start until something is heard, then adopts the job', () => {
    const unheard = worldNode('a', { status: 'RUNNING', run: worldRun({ lastActiveMs: NOW - 2_000 }) });
    const orphaned = { ...running, orphanedMs: NOW - 1_000 };
    expect(done(plan(world(orphaned, [unheard])).commands, 'move-job')).to.deep.include({
      do: 'move-job',
      from: 'RUNNING',
      to: 'ORPHANED',
      signal: 'orphaned',
      over: false,
    });
    const heard = worldNode('a', { status: 'ORPHANED', run: worldRun({ lastActiveMs: NOW }) });
    const back = plan(world({ ...orphaned, status: 'ORPHANED' }, [heard])).commands;
    expect(done(back, 'adopt-job')).to.have.length(1);
    expect(done(back, 'move-job')).to.deep.include({
      do: 'move-job',
      from: 'ORPHANED',
      to: 'RUNNING',
      signal: 'woke',
      over: false,
    });
  });

  it('ends an orphan at once where adoption is off, though its agent was heard or nothing was under way', () => {
    const orphaned = { ...running, status: 'ORPHANED', orphanedMs: NOW - 1_000 } as const;
    const final = {
      limits: {
        orphanGraceMs: 0,
        adoptOrphans: false,
        bringAgents: true,
        adoptionWindowMs: 900_000,
        terminateAwayMs: 60_000,
        terminateAgainMs: 10_000,
      },
    };
    const heard = worldNode('a', { status: 'ORPHANED', run: worldRun({ lastActiveMs: NOW }) });
    const notStarted = worldNode('b');
    for (const nodes of [[heard, notStarted], [notStarted]]) {
      const { commands } = plan(world(orphaned, nodes, final));
      expect(done(commands, 'move-job')).to.deep.include({
        do: 'move-job',
        from: 'ORPHANED',
        to: 'ORPHANED',
        signal: 'expired',
        over: true,
      });
      expect(done(commands, 'adopt-job')).to.deep.equal([]);
      const moves = commands.flatMap((one) => (one.do === 'move-node' ? [`${one.to} ${one.over}`] : []));
      expect(moves).to.deep.equal(nodes.map(() => 'ORPHANED true'));
    }
  });

  it('ends an orphan whose agents stay away beyond the window, fencing what it left behind', () => {
    const lost = worldNode('a', { status: 'ORPHANED', run: worldRun({ lastActiveMs: NOW - 1_000_000 }) });
    const { commands } = plan(
      world({ status: 'ORPHANED', startedMs: NOW - 1_000_000, orphanedMs: NOW - 900_000 }, [
        lost,
        worldNode('b'),
      ]),
    );
    expect(done(commands, 'fence-run')).to.have.length(1);
    expect(done(commands, 'move-job')).to.deep.include({
      do: 'move-job',
      from: 'ORPHANED',
      to: 'ORPHANED',
      signal: 'expired',
      over: true,
    });
    expect(done(commands, 'move-node').every((move) => 'over' in move && move.over)).to.equal(true);
  });

  it('keeps the moment since when it has waited for the same thing', () => {
    const away = worldNode('a', { agent: { connected: false, enrolled: true, awaySinceMs: null } });
    const first = plan(world({}, [away])).commands[0];
    if (first?.do !== 'set-waiting-for') throw new Error('expected a reason');
    const later = plan(world({ waitingFor: first.waitingFor }, [away], { nowMs: NOW + 60_000 }));
    expect(later.commands).to.deep.equal([]);
  });

  it('has nothing to do for a job that is over', () => {
    const over = world({ status: 'FAILED', startedMs: NOW - 9, endedMs: NOW - 1 });
    expect(plan(over)).to.deep.equal({ commands: [], lookAgainAtMs: null });
  });

  it('tells why a run failed that its agent could not tell of: lost or refused, with the reason when there is one', () => {
    const told = (run: Partial<WorldRun>) => {
      const node = worldNode('a', { status: 'RUNNING', run: worldRun(run) });
      const [event] = done(plan(world(running, [node])).commands, 'record-event');
      return event?.do === 'record-event' ? [event.type, event.subtype, event.message] : [];
    };
    const reason = 'The agent no longer holds the run';
    expect(told({ outcome: 'lost', reason })).to.deep.equal(['error', 'run-lost', reason]);
    expect(told({ outcome: 'refused' })).to.deep.equal([
      'error',
      'run-refused',
      'The run could not be carried out',
    ]);
  });

  it('reports what cannot be true instead of acting on it', () => {
    const notOver = worldNode('a', { status: 'COMPLETE', run: worldRun() });
    expect(done(plan(world(running, [notOver])).commands, 'report-bug')).to.deep.equal([
      { do: 'report-bug', what: 'node COMPLETE was woke' },
    ]);
    const ended = worldNode('a', { status: 'COMPLETE', endedMs: NOW, run: worldRun() });
    expect(plan(world({}, [ended])).commands).to.deep.equal([
      { do: 'report-bug', what: 'job PENDING was succeeded' },
    ]);
  });
});
