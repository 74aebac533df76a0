// Jobs that go on only when somebody says so: what starts and stops meanwhile, and what they say they wait for.
import { expect } from 'chai';
import { pauseWords, resumeWords } from '../../../coordinator/core/pausing.ts';
import { plan } from '../../../coordinator/core/plan.ts';
import type { World, WorldJob } from '../../../coordinator/core/world.ts';
import { NOW, world, worldBootstrap, worldNode, worldRun } from '../../support/worlds.ts';

const running = { status: 'RUNNING', startedMs: NOW - 60_000 } as const;
const paused = { ...running, pausedMs: NOW - 5_000, pausedBy: 'ops' } as const;
const failed = worldNode('a', {
  status: 'FAILED',
  endedMs: NOW - 4_000,
  run: worldRun({ outcome: 'failed' }),
});
const busy = worldNode('b', { status: 'RUNNING', run: worldRun() });
const next = worldNode('c');

const done = (seen: World): string[] => plan(seen).commands.map((command) => command.do);
const reason = (seen: World) =>
  plan(seen).commands.flatMap((one) => (one.do === 'set-waiting-for' ? [one.waitingFor] : []))[0];
const holds = (rest: Partial<WorldJob> = {}) => ({ ...running, holdOnError: true, ...rest });

describe('a job that is paused', () => {
  it('starts no node, brings no agent and says since when, by whom, and what goes on', () => {
    const bare = worldNode('c', {
      agent: { connected: false, enrolled: false, awaySinceMs: null },
      hasCredential: true,
    });
    for (const nodes of [[next], [bare]])
      expect(done(world(paused, nodes))).to.deep.equal(['set-waiting-for']);
    expect(reason(world({ ...paused, nodesAtOnce: 2 }, [busy, next]))).to.deep.equal({
      kind: 'paused',
      ids: ['job'],
      since: new Date(NOW - 5_000).toISOString(),
      what: 'Paused by ops: no node is started or stopped until the job is resumed or terminated. What is under way on b goes on up to the stop of its node; one that is stopped is brought back.',
    });
    expect(reason(world({ ...paused, pausedBy: null }, [next]))?.what).to.match(/^Paused: /);
  });

  it('says what failed meanwhile, for which it holds once it is resumed', () => {
    const failed = worldNode('f', { status: 'FAILED', endedMs: NOW - 1_000 });
    const told = { ...paused, holdOnError: true };
    expect(reason(world(told, [failed, next]))?.what).to.contain(
      '. Once it is resumed it holds, since f failed.',
    );
    expect(resumeWords('ops', [], 'held')).to.equal(
      'Resumed by ops: the pause is over, and the job holds since nodes failed',
    );
  });

  it('does not begin, and shows the job ahead of it for as long as there is one', () => {
    const pending = { pausedMs: NOW - 5_000 };
    expect(reason(world(pending))?.kind).to.equal('paused');
    const ahead = { jobId: 'other', jobType: 'restart', status: 'RUNNING' } as const;
    expect(reason(world(pending, undefined, { ahead }))?.kind).to.equal('job');
  });

  it('still lets what is under way end, and ends with it', () => {
    const over = { ...busy, run: worldRun({ outcome: 'succeeded' }) };
    expect(done(world(paused, [over]))).to.include.members(['move-node', 'move-job']);
  });

  it('ends at once where that is asked for', () => {
    const asked = { ...paused, terminateRequestedMs: NOW, terminateRequests: 1 };
    expect(done(world(asked, [next]))).to.include.members(['move-node', 'move-job']);
  });

  it('keeps an agent that was being brought', () => {
    const coming = worldNode('c', { status: 'RUNNING', bootstrap: worldBootstrap({ hasEntered: true }) });
    expect(done(world(paused, [coming]))).to.deep.equal(['set-waiting-for']);
  });
});

describe('what events say of a pause', () => {
  it('is who asked, where that is known', () => {
    expect([pauseWords('ops'), resumeWords('ops')]).to.satisfy(
      ([pause = '', resume = '']) =>
        pause.startsWith('Paused by ops: ') && resume.startsWith('Resumed by ops: '),
    );
    expect(resumeWords(null, ['a'])).to.equal(
      'Resumed: a is tried again, and the job goes on with the nodes that are left',
    );
    expect(resumeWords('ops', [], 'over')).to.equal('Resumed by ops: the pause is over');
    expect(resumeWords(null, ['a'], 'over')).to.equal(resumeWords(null, ['a']));
    expect(resumeWords('ops', ['a', 'b'])).to.match(/^Resumed by ops: a, b are tried again, and /);
    expect([pauseWords(null), resumeWords(null)]).to.satisfy(
      ([pause = '', resume = '']) => pause.startsWith('Paused: ') && resume.startsWith('Resumed: '),
    );
  });
});

describe('a job that holds on an error', () => {
  it('starts and ends no other node once one has failed, and names it', () => {
    const nodes = [failed, next];
    expect(plan(world(holds({ status: 'WILL_FAIL' }), nodes)).commands.map((one) => one.do)).to.deep.equal([
      'set-waiting-for',
    ]);
    expect(reason(world(holds(), nodes))).to.deep.include({ kind: 'failure', ids: ['node-a'] });
    expect(reason(world(holds(), nodes))?.what).to.match(/^Held since a failed: resume the job to go on/);
  });

  it('says of each at which step, and why, in short; of those of which that is not known no more than that', () => {
    const whys = (...nodes: ReturnType<typeof worldNode>[]) =>
      /^Held since (.* failed): resume .* that are left\.(.*)$/
        .exec(reason(world(holds(), [...nodes, next]))?.what ?? '')
        ?.slice(1)
        .join();
    const ended = { status: 'FAILED', endedMs: NOW - 4_000 } as const;
    const of = (name: string, why: string | null, step: string | null = null) =>
      worldNode(name, { ...ended, run: worldRun({ outcome: 'failed', reason: why, step }) });
    expect(whys(of('a', 'It does not\nanswer.', 'start-node'))).to.equal(
      'a failed, Why: a, last at start-node: It does not answer.',
    );
    const bare = { ...failed, run: null, bootstrap: worldBootstrap({ reason: 'no way in' }) };
    expect(whys(bare, of('b', null))).to.equal('a, b failed, Why: a: no way in.');
    expect(whys({ ...failed, run: null })).to.equal('a failed,');
    expect(whys(of('a', '🙂'.repeat(321)))).to.equal(`a failed, Why: a: ${'🙂'.repeat(320)} …`);
    expect(whys(...['a', 'b', 'd', 'e'].map((name) => of(name, name)))).to.match(
      / Why: a: a; b: b; d: d; …$/,
    );
  });

  it('also where it would go on without being told', () => {
    expect(reason(world(holds({ continueOnError: true }), [failed, next]))?.kind).to.equal('failure');
  });

  it('goes on once it is told to, and holds again at the next failure', () => {
    const told = holds({ status: 'WILL_FAIL', resumedMs: NOW - 3_000 });
    expect(done(world(told, [failed, next]))).to.include('start-run');
    const again = worldNode('b', {
      status: 'FAILED',
      endedMs: NOW - 1_000,
      run: worldRun({ outcome: 'failed' }),
    });
    expect(reason(world(told, [failed, again, next]))?.ids).to.deep.equal(['node-b']);
  });

  it('tries what failed again, holds again where that fails, and goes by what became of the last try', () => {
    const told = holds({ status: 'WILL_FAIL', resumedMs: NOW - 3_000, nodesAtOnce: 3 } as Partial<WorldJob>);
    const before = { ...failed, isRetried: true };
    const again = worldNode('a', { jobNodeId: 'job-node-a2' });
    const start = plan(world(told, [before, again, next])).commands.find(
      ({ do: what }) => what === 'start-run',
    );
    expect(start).to.include({ jobNodeId: 'job-node-a2' });
    const ended = (status: 'FAILED' | 'COMPLETE') => ({ ...again, status, endedMs: NOW - 1_000 });
    expect(reason(world(told, [before, ended('FAILED'), next]))?.ids).to.deep.equal(['node-a']);
    expect(done(world(told, [before, ended('COMPLETE'), next]))).to.include('start-run');
    const over = { ...next, status: 'COMPLETE', endedMs: NOW - 500 } as const;
    const end = (last: typeof before) =>
      plan(world(told, [before, last, over])).commands.find(({ do: what }) => what === 'move-job');
    expect(end(ended('COMPLETE') as typeof before)).to.include({ to: 'COMPLETE', over: true });
    expect(end(ended('FAILED') as typeof before)).to.include({ to: 'FAILED', over: true });
  });

  it('ends where no node is left to hold', () => {
    expect(done(world(holds({ status: 'WILL_FAIL' }), [failed]))).to.deep.equal(['move-job', 'record-event']);
  });
});
