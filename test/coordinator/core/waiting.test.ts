// Why a job does not move: which reason shows, since when, and that it is told once.
import { expect } from 'chai';
import { plan } from '../../../coordinator/core/plan.ts';
import type { WaitingFor, World, WorldNode } from '../../../coordinator/core/world.ts';
import { NOW, world, worldNode, worldRun } from '../../support/worlds.ts';

const running = { status: 'RUNNING', startedMs: NOW - 10_000_000 } as const;
const at = (ms: number): string => new Date(ms).toISOString();
const busy = (name: string, rest: Partial<WorldNode> = {}): WorldNode =>
  worldNode(name, { status: 'RUNNING', run: worldRun(), ...rest });
const away = (forMs: number | null) => ({
  agent: { connected: false, enrolled: true, awaySinceMs: forMs === null ? null : NOW - forMs },
});
const silent = (forMs: number) => ({ run: worldRun({ lastActiveMs: NOW - forMs }) });

/** What a pass makes of the reason; undefined when it leaves it as it is. */
const told = (seen: World): WaitingFor | null | undefined => {
  const [command] = plan(seen).commands.filter((one) => one.do === 'set-waiting-for');
  return command?.waitingFor;
};
const short = (reason: WaitingFor | null | undefined) => reason && [reason.kind, reason.ids, reason.since];

describe('what a job waits for', () => {
  it('is the agent of a run under way that is away, since it left', () => {
    expect(told(world(running, [busy('a', away(5_000)), worldNode('b')]))).to.deep.equal({
      kind: 'agent',
      ids: ['node-a'],
      since: at(NOW - 5_000),
      what: "Not connected while a run is under way: the agent of a. What has become of the run is not known until it is back (if its host is up, the run goes on); or terminate the job. Of an agent from its package `systemctl status ringmaster-agent` and `journalctl -u ringmaster-agent` on the node's host tell more.",
    });
    expect(short(told(world(running, [busy('a', away(null))])))).to.deep.equal([
      'agent',
      ['node-a'],
      at(NOW),
    ]);
  });

  it('is first what holds the job where it would not go on with that agent back, and then who is away or silent', () => {
    const by = (nodes: WorldNode[], job: Partial<World['job']>) => told(world({ ...running, ...job }, nodes));
    const paused = { pausedMs: NOW - 9_000 };
    const reason = by([busy('a', away(5_000)), worldNode('b')], paused);
    expect(short(reason)).to.deep.equal(['paused', ['job'], at(NOW - 9_000)]);
    expect(reason?.what).to.match(
      /^Paused: .* goes on up to the stop of its node; .* Not connected while a run is under way: the agent of a\.$/,
    );
    expect(by([busy('a', silent(300_000))], paused)?.what).to.match(
      /\. Connected, but without a sign of life from its run: the agent of a\.$/,
    );
    const failed = busy('b', {
      status: 'FAILED',
      endedMs: NOW - 2_000,
      run: worldRun({ outcome: 'failed' }),
    });
    const held = by([busy('a', away(5_000)), failed], { status: 'WILL_FAIL', holdOnError: true });
    expect(short(held)).to.deep.equal(['failure', ['node-b'], at(NOW - 2_000)]);
    expect(held?.what).to.match(/^Held since b failed.* the agent of a\.$/);
  });

  it('is all of several that are away, since the first of them left, though others are at work', () => {
    const nodes = [busy('a'), busy('b', away(1_000)), busy('c', away(2_000))];
    const reason = told(world({ ...running, nodesAtOnce: 3 }, nodes));
    expect(short(reason)).to.deep.equal(['agent', ['node-b', 'node-c'], at(NOW - 2_000)]);
    expect(reason?.what).to.include('the agent of b, c.');
  });

  it('is the next sign of life where an agent that is there has given none for too long, and the job is IDLE', () => {
    expect(told(world(running, [busy('a', silent(300_000)), busy('b')]))).to.deep.equal({
      kind: 'silent-run',
      ids: ['node-a'],
      since: at(NOW - 300_000),
      what: 'Connected, but without a sign of life from its run: the agent of a. The job goes on with the next one, or terminate it.',
    });
    const both = [busy('a', silent(400_000)), busy('b', { ...silent(300_000), ...away(1_000) })];
    expect(short(told(world(running, both)))).to.deep.equal(['agent', ['node-b'], at(NOW - 1_000)]);
  });

  it('is the run itself where no agent has taken it on for too long', () => {
    const run = worldRun({ createdMs: NOW - 300_000, acceptedMs: null, lastActiveMs: null });
    const reason = told(world(running, [busy('a', { run })]));
    expect(short(reason)).to.deep.equal(['silent-run', ['node-a'], at(NOW - 300_000)]);
    expect(reason?.what).to.match(/^Connected, but not on its run yet: the agent of a\./);
  });

  it('is no run that has ended in this very pass, and nothing while all are at work', () => {
    const ended = busy('a', { ...away(1_000), run: worldRun({ outcome: 'succeeded' }) });
    expect(told(world({ ...running, continueOnError: true }, [ended, worldNode('b')]))).to.equal(undefined);
    expect(told(world(running, [busy('a')]))).to.equal(undefined);
  });

  it('is the request to end it, before anything else, and after that its adoption', () => {
    const nodes = [busy('a', { ...silent(400_000), ...away(2_000) })];
    const asked = { terminateRequestedMs: NOW - 500, terminateRequests: 1 };
    const orphaned = { orphanedMs: NOW - 1_000 };
    expect(short(told(world({ ...running, ...asked, ...orphaned }, nodes)))).to.deep.equal([
      'terminate',
      ['node-a'],
      at(NOW - 500),
    ]);
    expect(short(told(world({ ...running, ...orphaned }, nodes)))).to.deep.equal([
      'adoption',
      ['node-a'],
      at(NOW - 1_000),
    ]);
  });
});

describe('the moment since when a job waits', () => {
  const notEnrolled = { connected: false, enrolled: false, awaySinceMs: null };
  const first = told(world({}, [worldNode('a', { agent: notEnrolled })])) ?? null;
  const later = { nowMs: NOW + 60_000 };

  it('stays while it waits for the same thing', () => {
    expect(told(world({ waitingFor: first }, [worldNode('a', { agent: notEnrolled })], later))).to.equal(
      undefined,
    );
    const behind = (status: 'RUNNING' | 'IDLE', waitingFor: WaitingFor | null) =>
      told(
        world({ waitingFor }, undefined, { ...later, ahead: { jobId: 'older', jobType: 'install', status } }),
      );
    const reason = behind('RUNNING', null) ?? null;
    expect(behind('IDLE', reason)).to.deep.equal({
      ...reason,
      what: 'Job older (install, IDLE) of the same cluster has to end first.',
    });
  });

  it("is another node's no longer once it waits for this one", () => {
    const over = worldNode('a', {
      status: 'COMPLETE',
      endedMs: NOW,
      run: worldRun({ outcome: 'succeeded' }),
    });
    const next = [over, worldNode('b', { agent: notEnrolled })];
    expect(short(told(world({ ...running, waitingFor: first }, next, later)))).to.deep.equal([
      'agent-not-enrolled',
      ['node-b'],
      at(NOW + 60_000),
    ]);
    const two = [busy('a', away(9_000)), busy('b', away(1_000))];
    const both = told(world(running, two)) ?? null;
    const oneIsBack = [busy('a'), two[1] as WorldNode];
    expect(short(told(world({ ...running, waitingFor: both }, oneIsBack)))).to.deep.equal([
      'agent',
      ['node-b'],
      at(NOW - 1_000),
    ]);
  });

  it('is told once: neither the order of fields nor of ids makes another reason of it', () => {
    const nodes = [busy('a', away(2_000)), busy('b', away(1_000))];
    const reason = told(world(running, nodes));
    if (!reason) throw new Error('expected a reason');
    const { kind, ids, since, what } = reason;
    const asRead = { what, since, ids: [...ids].reverse(), kind };
    expect(told(world({ ...running, waitingFor: asRead }, nodes))).to.equal(undefined);
    expect(told(world({ ...running, waitingFor: asRead }, [busy('a'), busy('b')]))).to.equal(null);
  });

  it('is found anew for a reason that was stored without ids', () => {
    const { ids: _, ...old } = first as WaitingFor;
    const seen = world({ waitingFor: old as WaitingFor }, [worldNode('a', { agent: notEnrolled })], later);
    expect(short(told(seen))).to.deep.equal(['agent-not-enrolled', ['node-a'], at(NOW + 60_000)]);
  });
});
