// Ending a job on request: what stops, what is given up, and what is said meanwhile.
import { expect } from 'chai';
import { type Command, plan } from '../../../coordinator/core/plan.ts';
import type { World, WorldNode } from '../../../coordinator/core/world.ts';
import { NOW, world, worldNode, worldRun } from '../../support/worlds.ts';

const AWAY_MS = 60_000;
const busy = (name: string, rest: Partial<WorldNode> = {}): WorldNode =>
  worldNode(name, { status: 'RUNNING', run: worldRun({ id: `run-${name}` }), ...rest });
const away = (forMs: number | null) => ({
  agent: { connected: false, enrolled: true, awaySinceMs: forMs === null ? null : NOW - forMs },
});

/** A running job that was asked to end so long ago. */
const asked = (agoMs: number, nodes: readonly WorldNode[], rest: Partial<World> = {}, requests = 1): World =>
  world(
    {
      status: 'RUNNING',
      startedMs: NOW - 3_000_000,
      terminateRequestedMs: NOW - agoMs,
      terminateRequests: requests,
    },
    nodes,
    rest,
  );
const kinds = (commands: readonly Command[]): string[] => commands.map((command) => command.do);
const ofKind = <Kind extends Command['do']>(commands: readonly Command[], kind: Kind) =>
  commands.filter((command): command is Extract<Command, { do: Kind }> => command.do === kind);

describe('terminating a job', () => {
  it('asks each node under way to stop, ends the ones not started, and says what it waits for', () => {
    const { commands } = plan(asked(0, [busy('a'), busy('b'), worldNode('c')]));
    expect(ofKind(commands, 'request-stop').map(({ runId }) => runId)).to.deep.equal(['run-a', 'run-b']);
    expect(ofKind(commands, 'move-node')).to.deep.equal([
      {
        do: 'move-node',
        jobNodeId: 'job-node-c',
        from: 'PENDING',
        to: 'TERMINATED',
        signal: 'terminated',
        over: true,
      },
    ]);
    expect(ofKind(commands, 'set-waiting-for')).to.deep.equal([
      {
        do: 'set-waiting-for',
        waitingFor: {
          kind: 'terminate',
          ids: ['node-a', 'node-b'],
          since: new Date(NOW).toISOString(),
          what: 'Termination was asked for; still on the way to a safe point: a, b.',
        },
      },
    ]);
    expect(ofKind(commands, 'start-run')).to.deep.equal([]);
  });

  it('asks a run only once', () => {
    const told = busy('a', { run: worldRun({ stopRequestedMs: NOW - 500 }) });
    expect(kinds(plan(asked(1_000, [told])).commands)).to.deep.equal(['set-waiting-for']);
  });

  it('names the node whose agent is away, and says what ends the wait for it', () => {
    const gone = { connected: false, enrolled: true, awaySinceMs: NOW - 1_000 };
    const commands = plan(asked(500, [busy('a'), busy('b', { agent: gone })])).commands;
    const [reason] = ofKind(commands, 'set-waiting-for');
    expect(reason?.waitingFor?.what).to.equal(
      'Termination was asked for; still on the way to a safe point: a, b. Its agent is not connected: b; the run there is given up 60 s after that, or once termination is asked for again, which counts from 10 s after the first request.',
    );
  });

  it('does not name a node whose run has already ended', () => {
    const ended = busy('b', { run: worldRun({ outcome: 'stopped' }) });
    const [reason] = ofKind(plan(asked(0, [busy('a'), ended])).commands, 'set-waiting-for');
    expect(reason?.waitingFor?.what).to.equal(
      'Termination was asked for; still on the way to a safe point: a.',
    );
  });

  it('ends as TERMINATED when its nodes have stopped, and no longer waits for anything', () => {
    const stopped = busy('a', { run: worldRun({ outcome: 'stopped' }) });
    const job = {
      waitingFor: { kind: 'terminate', ids: ['node-a'], since: new Date(NOW).toISOString(), what: '' },
    } as const;
    const before = asked(1_000, [stopped]);
    const { commands, lookAgainAtMs } = plan({ ...before, job: { ...before.job, ...job } });
    expect(ofKind(commands, 'move-job').map(({ to, over }) => ({ to, over }))).to.deep.equal([
      { to: 'TERMINATED', over: true },
    ]);
    expect(ofKind(commands, 'set-waiting-for')).to.deep.equal([{ do: 'set-waiting-for', waitingFor: null }]);
    expect(lookAgainAtMs).to.equal(null);
  });

  it('ends as COMPLETE when its last node finished before it could stop', () => {
    const finished = busy('a', { run: worldRun({ outcome: 'succeeded' }) });
    expect(ofKind(plan(asked(1_000, [finished])).commands, 'move-job')[0]?.to).to.equal('COMPLETE');
  });

  it('gives a run up when its agent has been away for a minute, and says so', () => {
    const { commands } = plan(asked(AWAY_MS, [busy('a', away(AWAY_MS))]));
    expect(ofKind(commands, 'fence-run')).to.deep.equal([
      { do: 'fence-run', runId: 'run-a', nodeId: 'node-a' },
    ]);
    expect(
      ofKind(commands, 'record-event').map(({ type, subtype, message }) => [type, subtype, message]),
    ).to.deep.equal([
      [
        'error',
        'run-fenced',
        'The run on a was given up before its agent had stopped: the database node may be down or drained, run the same job on it again',
      ],
      ['milestone', 'end', 'job ended TERMINATED'],
    ]);
  });

  it('counts that minute from the request, from when the agent left and from when we could hear, whichever is last', () => {
    const fences = (agoMs: number, agentAwayMs: number | null, rest: Partial<World> = {}): boolean =>
      kinds(plan(asked(agoMs, [busy('a', away(agentAwayMs))], rest)).commands).includes('fence-run');
    expect(fences(AWAY_MS - 1, 1_000_000)).to.equal(false);
    expect(fences(1_000_000, AWAY_MS - 1)).to.equal(false);
    expect(fences(1_000_000, 1_000_000, { listeningSinceMs: NOW - AWAY_MS + 1 })).to.equal(false);
    expect(fences(AWAY_MS, null)).to.equal(true);
    expect(fences(AWAY_MS - 1, null)).to.equal(false);
  });

  it('looks again when that minute will be over', () => {
    expect(plan(asked(1_000, [busy('a', away(null))])).lookAgainAtMs).to.equal(NOW - 1_000 + AWAY_MS);
    expect(plan(asked(2_000, [busy('a', away(500))])).lookAgainAtMs).to.equal(NOW - 500 + AWAY_MS);
  });

  it('waits for an agent that is there however long its step takes, and gives the run up when asked twice', () => {
    expect(kinds(plan(asked(1_000_000, [busy('a')])).commands)).to.not.include('fence-run');
    expect(kinds(plan(asked(0, [busy('a')], {}, 2)).commands)).to.include('fence-run');
  });

  it('keeps how a run ended rather than giving it up', () => {
    const finished = busy('a', { ...away(AWAY_MS), run: worldRun({ outcome: 'succeeded' }) });
    const { commands } = plan(asked(AWAY_MS, [finished], {}, 2));
    expect(kinds(commands)).to.not.include('fence-run');
    expect(ofKind(commands, 'move-node')[0]?.to).to.equal('COMPLETE');
  });
});
