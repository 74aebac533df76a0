// What a pass does about runs at the gate: one answer each time it changes, newer views while one waits, and words for it.
import { expect } from 'chai';
import type { StopQuestion } from '../../../../coordinator/core/gate/facts.ts';
import { plan } from '../../../../coordinator/core/plan.ts';
import type { WaitingFor, WorldJob, WorldNode } from '../../../../coordinator/core/world.ts';
import { NOW, world, worldNode, worldRun } from '../../../support/worlds.ts';
import { keyspace, options, peer, question, ringView, seen } from './questions.ts';

const at = (rest: Partial<StopQuestion>, job: Partial<WorldJob> = {}) => {
  const nodes = [worldNode('a', { status: 'RUNNING', run: worldRun() }), worldNode('b')];
  const under = { status: 'RUNNING', startedMs: NOW - 9_000, ...job } as const;
  return plan(world(under, nodes, { gate: [question(rest)] }));
};
const short = ringView({ live: ['a', 'b'], unreachable: ['c'] });
const views = [seen('a', short), seen('b', short)];
const dos = ({ commands }: ReturnType<typeof at>): string[] => commands.map((command) => command.do);
const waitingOf = ({ commands }: ReturnType<typeof at>) => {
  const set = commands.find((command) => command.do === 'set-waiting-for');
  return set?.do === 'set-waiting-for' ? set.waitingFor : undefined;
};

describe('a run at the gate', () => {
  it('is given leave at once when nothing stands against it, and nobody waits', () => {
    const now = at({});
    expect(dos(now)).to.deep.equal(['answer-stop']);
    expect(now.commands[0]).to.deep.include({ questionId: 'question', nodeId: 'node-a' });
  });

  it('is told to wait once, and the job says for what, since when and what would end it', () => {
    const now = at({ views });
    expect(dos(now)).to.deep.equal(['answer-stop', 'set-waiting-for']);
    expect(waitingOf(now)).to.deep.include({ kind: 'gate', ids: ['node-c'] });
    expect(waitingOf(now)?.what).to.match(/^Node a is not stopped yet\. Away.*the run fails at .* otherwise/);
    expect(waitingOf(now)?.what).to.match(/does not wait\. A node that does not run .* a job on c alone/);
    expect(now.lookAgainAtMs).to.equal(NOW + 2_500);
    const message =
      'Away, or not back yet: c. With this node too, these would lose their level: users at LOCAL_QUORUM (4 ranges, (0, 100] is one).';
    const again = at(
      { views, answer: { verdict: 'wait', message, notes: [] } },
      { waitingFor: waitingOf(now) ?? null },
    );
    expect(dos(again)).to.deep.equal([]);
  });

  it('has newer views asked for while it waits, and keeps its reason meanwhile', () => {
    const first = waitingOf(at({ views })) ?? null;
    const old = views.map((view) => ({ ...view, seenMs: NOW - 3_000 }));
    const now = at({ views: old, roundMs: NOW - 4_000 }, { waitingFor: first });
    expect(dos(now)).to.deep.equal(['ask-views']);
    const open = views.map((view) => ({ ...view, seenMs: null }));
    const looking = at({ views: open }, { waitingFor: first });
    expect(dos(looking)).to.deep.equal([]);
    expect(looking.lookAgainAtMs).to.equal(NOW + 4_000);
    expect(waitingOf(at({ views: open }))?.what, 'of a first look').to.contain('are being asked');
  });

  it('says of another node that looks nothing of what was said of one that has leave by then', () => {
    const since = (ms: number): string => new Date(ms).toISOString();
    const open = views.map((view) => ({ ...view, seenMs: null }));
    const inBatch = (roundMs: number, first: Partial<StopQuestion>, second: Partial<StopQuestion>) => {
      const other = {
        questionId: 'other',
        jobNodeId: 'job-node-b',
        nodeId: 'node-b',
        name: 'b',
        address: 'b',
      };
      const both = { ...other, peers: [peer('a'), peer('c')], askedMs: NOW - 3_000, roundMs };
      const gate = [question({ roundMs, ...first }), question({ ...both, ...second })];
      const nodes = ['a', 'b'].map((name) => worldNode(name, { status: 'RUNNING', run: worldRun() }));
      const waitingFor = waitingOf(at({ views })) ?? null;
      const job = { status: 'RUNNING', startedMs: NOW - 9_000, nodesAtOnce: 2, waitingFor } as const;
      return waitingOf(plan(world(job, nodes, { gate })));
    };
    expect(inBatch(NOW - 500, {}, { views: open })).to.equal(null);
    const ofOther = { ids: ['node-b'], since: since(NOW - 3_000) };
    expect(inBatch(NOW - 1_500, {}, { views: open })).to.deep.include({ kind: 'look', ...ofOther });
    const asked = { views: open, askedMs: NOW - 2_000 };
    expect(inBatch(NOW - 1_500, asked, { views }), 'a look says less').to.deep.include({
      ...{ kind: 'gate', ids: ['node-c'], since: since(NOW - 3_000) },
    });
    const hints = { kind: 'hints', ids: ['node-c'], since: since(NOW - 700), what: 'Hints' } as const;
    const afterHints = (hintsSinceMs: number) => {
      const answer = { verdict: 'wait', message: '', notes: [], hintsSinceMs } as const;
      return waitingOf(at({ views: open, answer: { ...answer, notes: [] } }, { waitingFor: hints }));
    };
    expect(afterHints(NOW - 700), 'its own hints').to.equal(undefined);
    expect(afterHints(NOW - 200)).to.deep.include({ kind: 'look', ids: ['node-a'] });
  });

  it('has nodes that took long to look rest before they are asked anew, and is not decided by what they saw', () => {
    const first = waitingOf(at({ views })) ?? null;
    const sound = [seen('a'), seen('b')].map((view) => ({ ...view, seenMs: NOW - 4_000 }));
    const resting = at({ views: sound, roundMs: NOW - 8_000 }, { waitingFor: first });
    expect(dos(resting)).to.deep.equal([]);
    expect(resting.lookAgainAtMs).to.equal(NOW + 4_000);
    const rested = sound.map((view) => ({ ...view, seenMs: NOW - 8_000 }));
    const late = at({ views: rested, roundMs: NOW - 12_000 }, { waitingFor: first });
    expect(dos(late)).to.deep.equal(['ask-views']);
  });

  it('is decided without those who did not answer in time', () => {
    const none = views.map((view) => ({ ...view, seenMs: null, view: null }));
    const over = at({ views: none, roundMs: NOW - 5_000 });
    expect(dos(over)).to.deep.equal(['answer-stop', 'set-waiting-for']);
    const waits = { waitingFor: waitingOf(over) ?? null };
    const resting = at({ views: none, roundMs: NOW - 14_999 }, waits);
    expect(dos(resting), 'they are at it still').to.deep.equal([]);
    expect(dos(at({ views: none, roundMs: NOW - 15_000 }, waits))).to.deep.equal(['ask-views']);
    expect(dos(at({ views: [], roundMs: NOW }))).to.deep.equal(['answer-stop', 'set-waiting-for']);
  });

  it('says when it is held, up to its limit and beyond', () => {
    const held = (askedMs: number) =>
      waitingOf(at({ views, askedMs, options: options({ atLimit: 'hold' }) }))?.what;
    expect(held(NOW)).to.contain('the job is held until then');
    expect(held(NOW - 60_000)).to.contain('held beyond its limit of 60 s');
  });

  it('gets no leave while its job is paused, is told so once, and does not run out of time', () => {
    const paused = { pausedMs: NOW - 70_000 };
    const now = at({ askedMs: NOW - 80_000 }, paused);
    expect(dos(now)).to.deep.equal(['answer-stop', 'set-waiting-for']);
    const [told] = now.commands;
    if (told?.do !== 'answer-stop') throw new Error('no answer');
    expect(told.answer).to.deep.include({ verdict: 'wait', message: waitingOf(now)?.what });
    const again = at({ answer: told.answer }, { ...paused, waitingFor: waitingOf(now) ?? null });
    expect(dos(again)).to.deep.equal([]);
    const late = { views, askedMs: NOW - 80_000 };
    expect(waitingOf(at(late))).to.equal(undefined);
    expect(waitingOf(at(late, { resumedMs: NOW - 1_000 }))?.kind).to.equal('gate');
  });

  it('counts against those behind it as soon as it has leave, in the same pass too', () => {
    const both = [
      question(),
      question({
        questionId: 'other',
        nodeId: 'node-b',
        name: 'b',
        address: 'b',
        peers: [peer('a'), peer('c')],
      }),
    ];
    const under = { status: 'RUNNING', startedMs: NOW - 9_000, nodesAtOnce: 2 } as const;
    const nodes = ['a', 'b'].map((name) => worldNode(name, { status: 'RUNNING', run: worldRun() }));
    const answers = plan(world(under, nodes, { gate: both })).commands.flatMap((command) =>
      command.do === 'answer-stop' ? [`${command.nodeId} ${command.answer.verdict}`] : [],
    );
    expect(answers).to.deep.equal(['node-a allowed', 'node-b wait']);
  });

  it('has its limit stand still while other nodes of its job are at work, and count on from there', () => {
    const asked = { views, askedMs: NOW - 40_000 };
    const withOther = (
      other: Partial<WorldNode>,
      rest: Partial<StopQuestion>,
      { atMs = NOW, waitingFor = null }: { atMs?: number; waitingFor?: WaitingFor | null } = {},
    ) => {
      const nodes = [
        worldNode('a', { status: 'RUNNING', run: worldRun() }),
        worldNode('b', { status: 'RUNNING', run: worldRun({ id: 'other', lastActiveMs: atMs }), ...other }),
      ];
      const under = { status: 'RUNNING', startedMs: NOW - 9_000, nodesAtOnce: 2, waitingFor } as const;
      const seenMs = atMs - 500;
      const seenThen = { roundMs: atMs - 1_000, views: views.map((view) => ({ ...view, seenMs })) };
      return plan(world(under, nodes, { gate: [question({ ...rest, ...seenThen })], nowMs: atMs }));
    };
    const toldBy = ({ commands }: ReturnType<typeof plan>) =>
      commands.flatMap((command) => (command.do === 'answer-stop' ? [command.answer] : []))[0];
    const now = withOther({}, asked);
    const told = toldBy(now);
    expect(told).to.deep.include({ verdict: 'wait', countsFromMs: NOW - 40_000, heldSinceMs: NOW });
    expect(waitingOf(now)?.what).to.contain('its limit of 60 s does not count while other nodes of this job');
    if (told === undefined) throw new Error('no answer');
    const waitingFor = waitingOf(now) ?? null;
    const later = { atMs: NOW + 100_000, waitingFor };
    expect(dos(withOther({}, { ...asked, answer: told }, later)), 'long after').to.deep.equal([]);
    const done = { run: worldRun({ id: 'other', outcome: 'succeeded' }) };
    const on = toldBy(withOther(done, { ...asked, answer: told }, later));
    expect(on).to.deep.include({ verdict: 'wait', countsFromMs: NOW + 60_000 });
    expect(on).to.not.have.property('heldSinceMs');
    const over = { atMs: NOW + 120_001, waitingFor };
    expect(toldBy(withOther(done, { ...asked, answer: on ?? null }, over))?.verdict).to.equal('refused');
    const agent = { ...worldNode('b').agent, connected: false };
    const late = { ...asked, askedMs: NOW - 80_000 };
    for (const [what, other] of Object.entries({
      done,
      away: { agent },
      silent: { run: worldRun({ id: 'other', lastActiveMs: NOW - 9_000_000 }) },
    }))
      expect(toldBy(withOther(other, late))?.verdict, what).to.equal('refused');
  });

  it('teaches with whom its node shares replica sets once it has leave or is refused, unless it was forced', () => {
    const sharing = (rest: Partial<StopQuestion>) =>
      at(rest).commands.flatMap((command) => (command.do === 'answer-stop' ? [command.sharing] : []));
    const groups = [{ keyspaces: ['users'], copies: { dc1: 3 }, replicas: ['a', 'b', 'c'] }];
    expect(sharing({})).to.deep.equal([{ address: 'a', groups }]);
    expect(sharing({ views: [seen('a', null, { down: true }), seen('b'), seen('c')] })).to.deep.equal([
      { address: 'a', groups },
    ]);
    expect(sharing({ views })).to.deep.equal([null]);
    const once = ringView({ keyspaces: [keyspace('once', ['a'])] });
    const refused = [seen('a', once), seen('b', once), seen('c', once)];
    expect(sharing({ views: refused }), 'a plan knows of it from then on').to.deep.equal([
      { address: 'a', groups: [{ keyspaces: ['once'], copies: { dc1: 1 }, replicas: ['a'] }] },
    ]);
    const down = [seen('a', null, { down: true })];
    expect(sharing({ views: down, peers: [] }), 'alone, and nobody looked').to.deep.equal([null]);
    expect(sharing({ options: options({ force: true }) })).to.deep.equal([null]);
  });

  it('is called off where another node of the job failed and nothing tells the job to go on', () => {
    const failed = worldNode('b', {
      status: 'FAILED',
      endedMs: NOW - 1,
      run: worldRun({ id: 'other', outcome: 'failed' }),
    });
    const nodes = (run = worldRun()) => [worldNode('a', { status: 'RUNNING', run }), failed];
    const under = { status: 'WILL_FAIL', startedMs: NOW - 9_000, nodesAtOnce: 2 } as const;
    const gate = [question({})];
    const now = plan(world(under, nodes(), { gate }));
    expect(dos(now)).to.deep.equal(['request-stop', 'record-event']);
    expect(now.commands[1]).to.deep.include({ subtype: 'not-stopped', nodeId: 'node-a' });
    const asked = nodes(worldRun({ stopRequestedMs: NOW - 1 }));
    expect(dos(plan(world(under, asked, { gate })))).to.deep.equal([]);
    for (const goOn of [{ continueOnError: true }, { holdOnError: true, resumedMs: NOW }])
      expect(dos(plan(world({ ...under, ...goOn }, nodes(), { gate })))).to.include('answer-stop');
  });

  it('asks nothing more once it was answered, or its job is to end', () => {
    const answer = { verdict: 'allowed', message: '', notes: [] } as const;
    expect(dos(at({ answer: { ...answer, notes: [] } }))).to.deep.equal([]);
    expect(dos(at({}, { terminateRequestedMs: NOW, terminateRequests: 1 }))).to.not.include('answer-stop');
  });
});
