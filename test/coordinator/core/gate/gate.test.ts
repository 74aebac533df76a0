// The gate's decision: what it waits for, what it refuses, what it lets pass and says.
import { expect } from 'chai';
import type { StopQuestion } from '../../../../coordinator/core/gate/facts.ts';
import { decide } from '../../../../coordinator/core/gate/gate.ts';
import type { RingView } from '../../../../shared/ring-view.ts';
import { NOW } from '../../../support/worlds.ts';
import { keyspace, options, peer, question, ringView, seen } from './questions.ts';

const on = (rest: Partial<StopQuestion>) => decide(question(rest), NOW, 0);
/** All nodes see the same. */
const seeing = (view: Partial<RingView>, rest: Partial<StopQuestion> = {}) => {
  const all = ringView(view);
  return on({ views: [seen('a', all), seen('b', all), seen('c', all)], ...rest });
};
const messageOf = (decision: ReturnType<typeof decide>): string =>
  decision.kind === 'looking' ? '' : decision.message;

describe('the gate', () => {
  it('lets a node be stopped whose ranges all keep their level', () => {
    expect(seeing({})).to.deep.equal({
      kind: 'allowed',
      message: 'Every range keeps its level, as 3 nodes see it',
      notes: [],
    });
  });

  it('waits while another replica is away, and names it, the keyspaces and a range', () => {
    const decision = seeing({ live: ['a', 'b'], unreachable: ['c'] });
    expect(decision).to.deep.include({ kind: 'wait', nodeIds: ['node-c'] });
    expect(messageOf(decision)).to.equal(
      'Away, or not back yet: c. With this node too, these would lose their level: users at LOCAL_QUORUM (4 ranges, (0, 100] is one).',
    );
  });

  it('takes the worse of views that disagree', () => {
    const worse = ringView({ live: ['a', 'b'] });
    expect(on({ views: [seen('a'), seen('b', worse), seen('c')] }).kind).to.equal('wait');
    const more = ringView({ keyspaces: [keyspace('users'), keyspace('once', ['a'])] });
    expect(on({ views: [seen('a'), seen('b', more), seen('c')] }).kind).to.equal('refused');
    const never = ringView({ live: ['a', 'b'], keyspaces: [keyspace('users', ['a', 'b'])] });
    for (const views of [
      [seen('a', worse), seen('b', never), seen('c', worse)],
      [seen('a', never), seen('b', worse), seen('c', worse)],
    ])
      expect(on({ views }).kind).to.equal('refused');
    const wider = keyspace('users');
    const widest = { ...wider, replicaSets: wider.replicaSets.map((set) => ({ ...set, ranges: 9 })) };
    const views = [seen('b', worse), seen('a', { ...worse, keyspaces: [widest] }), seen('c', worse)];
    expect(messageOf(on({ views }))).to.contain('9 ranges');
  });

  it('counts a node that has leave, and one whose agent says that it does not run, as away', () => {
    expect(on({ onLeave: ['b'] })).to.deep.include({ kind: 'wait', nodeIds: ['node-b'] });
    const views = [seen('a'), seen('b'), seen('c', null, { down: true })];
    expect(on({ views })).to.deep.include({ kind: 'wait', nodeIds: ['node-c'] });
    expect(messageOf(on({ views }))).to.match(/^Away, or not back yet: c\./);
    // an agent of a node that the model has lost since
    expect(on({ views: [...question().views, seen('d', null, { down: true })] }).kind).to.equal('allowed');
  });

  it('waits until two other live nodes have been heard, or as many as live', () => {
    const decision = on({ views: [seen('a'), seen('b'), seen('c', null)] });
    expect(decision.kind).to.equal('wait');
    expect(messageOf(decision)).to.contain('seen by 1 of 2 other live nodes that are needed (c: no)');
    const away = on({ views: [seen('a'), seen('b')], peers: [peer('b'), peer('c', false)] });
    expect(away).to.deep.include({ kind: 'wait', nodeIds: ['node-c'] });
    expect(messageOf(away)).to.contain('c: its agent is not connected');
    const unmodelled = on({ views: [seen('a'), seen('b')], peers: [peer('b')] });
    expect(messageOf(unmodelled)).to.contain("(c: no node of this cluster's model has this address)");
    expect(on({ views: [] }).kind).to.equal('wait');
    const two = ringView({ live: ['a', 'b'], keyspaces: [] });
    expect(on({ views: [seen('a', two), seen('b', two)], peers: [peer('b')] }).kind).to.equal('allowed');
  });

  it('looks until all have answered, but not for ever', () => {
    const views = [seen('a'), seen('b'), seen('c', null, { seenMs: null, problem: null })];
    expect(on({ views }).kind).to.equal('looking');
    const late = on({ views, roundMs: NOW - 5_000 });
    expect(late.kind).to.equal('wait');
    expect(messageOf(late)).to.contain('c: did not answer in time');
  });

  it('waits while the ring is not at rest', () => {
    for (const [view, why] of [
      [{ schemaVersions: 2 }, 'The nodes disagree about the schema.'],
      [{ joining: ['d'] }, 'A node is joining: d.'],
      [{ leaving: ['b'] }, 'A node is leaving: b.'],
      [{ moving: ['b'] }, 'A node is moving: b.'],
    ] as const)
      expect(messageOf(seeing({ ...view } as Partial<RingView>)), why).to.equal(why);
    expect(messageOf(seeing({ live: ['b', 'c'] }))).to.match(
      /^No node of the ring knows one at a, .* for a\. Correct its broadcast-address or, .* listen-address .* DNS/,
    );
    const streaming = on({ views: [seen('a'), seen('b', ringView({ streamsWith: ['a'] })), seen('c')] });
    expect(messageOf(streaming)).to.equal('Data is streamed to or from it (b).');
    const own = on({ views: [seen('a', ringView({ streamsWith: ['c'] })), seen('b'), seen('c')] });
    expect(own).to.deep.include({ kind: 'wait', nodeIds: ['node-c'] });
    expect(on({ views: [seen('a'), seen('b', ringView({ streamsWith: ['c'] })), seen('c')] }).kind).to.equal(
      'allowed',
    );
  });

  it('refuses keyspaces that can never keep their level, all in one sentence, unless each is relaxed', () => {
    const keyspaces = ['k1', 'k2', 'k3', 'k4', 'k5', 'k6'].map((name) => keyspace(name, ['a', 'b']));
    const refused = seeing({ keyspaces });
    expect(refused.kind).to.equal('refused');
    expect(messageOf(refused)).to.contain('and 1 more');
    const relaxed = keyspaces.map(({ name }) => name);
    const passed = seeing({ keyspaces }, { options: options({ relaxed }) });
    expect(passed).to.have.property(
      'message',
      'Every range of the other keyspaces keeps its level, as 3 nodes see it',
    );
    expect(passed.kind === 'allowed' && passed.notes.map(({ subtype }) => subtype)).to.deep.equal(
      relaxed.map(() => 'gate-relaxed'),
    );
    expect(seeing({ keyspaces }, { options: options({ relaxed: relaxed.slice(1) }) }).kind).to.equal(
      'refused',
    );
  });

  it('says which keyspaces a job names that the ring has not, and which there are, and goes on', () => {
    const noted = (rest: Partial<StopQuestion['options']>, view: Partial<RingView> = {}) => {
      const decision = seeing(view, { options: options(rest) });
      expect(decision.kind).to.equal('allowed');
      return decision.kind === 'allowed' ? decision.notes : [];
    };
    const keyspaces = [keyspace('users'), keyspace('system_auth'), keyspace('events', ['b'])];
    expect(noted({ relaxed: ['usres', 'users'] }, { keyspaces })).to.deep.equal([
      {
        subtype: 'gate-unknown-keyspace',
        message:
          'relaxed-keyspaces has no effect on what is no keyspace of this ring: usres. There are: events, users (capitals count)',
        loud: false,
      },
    ]);
    expect(
      noted({ relaxed: ['users', 'system_auth'], levels: { events: 'ONE' } }, { keyspaces }),
    ).to.deep.equal([]);
    const both = noted({ relaxed: ['Users'], levels: { once: 'ONE' }, force: true });
    expect(both.map(({ message }) => message.split(' ')[0])).to.deep.equal([
      'relaxed-keyspaces',
      'keyspace-levels',
    ]);
    const own = noted({ relaxed: ['x'] }, { keyspaces: [keyspace('system_auth')] });
    expect(own[0]?.message).to.contain('There are: none but those of the product');
    expect(noted({ relaxed: ['x'] }, { keyspaces: [] }), 'nobody could say').to.deep.equal([]);
  });

  it('says it of a job that is refused too, where it matters most', () => {
    const refused = seeing(
      { keyspaces: [keyspace('once', ['a'])] },
      { options: options({ relaxed: ['ones'] }) },
    );
    expect(refused.kind === 'refused' && refused.notes.map(({ subtype }) => subtype)).to.deep.equal([
      'gate-unknown-keyspace',
    ]);
    const blind = on({
      views: [seen('a', null), seen('b', null)],
      options: options({ relaxed: ['x'], force: true }),
    });
    expect(blind.kind === 'allowed' && blind.notes.map(({ subtype }) => subtype)).to.deep.equal([
      'gate-forced',
    ]);
  });

  it('says what helps where nodes that are down stand in the way, not of those that are about to be back', () => {
    const helps = (decision: ReturnType<typeof decide>): string => {
      expect(decision.kind).to.equal('wait');
      return decision.kind === 'wait' ? decision.helps : '';
    };
    const down = { live: ['a', 'b'], unreachable: ['c'] };
    expect(helps(seeing(down))).to.equal(
      ' A node that does not run is started without asking: a job on c alone may go first, once this one is over.',
    );
    expect(helps(seeing(down, { onLeave: ['c'] }))).to.equal('');
    expect(helps(seeing(down, { onLeave: ['c'], notLetGo: ['c'] }))).to.match(
      /^ The run on c was given up, .* until the agent is connected again and has let go of it, or a later job/,
    );
    const over = { jobId: 'job', jobType: 'restart', endedMs: NOW, untilMs: NOW + 60_000 } as const;
    const ended = [
      { ...over, address: 'c', outcome: 'failed' as const },
      { ...over, address: 'c', outcome: 'stopped' as const },
      { ...over, address: 'b', outcome: 'lost' as const },
    ];
    const [at, until] = [NOW, NOW + 60_000].map((ms) => new Date(ms).toISOString());
    expect(helps(seeing(down, { onLeave: ['c'], ended })), 'of the last run').to.equal(
      ` Node c had leave to be stopped in job job (restart), which was terminated there at ${at}: it counts as away until ${until}, in which others notice whether it runs, or until a job has brought it back. It may well run; if it does not, a restart of it alone starts it, once this job is over.`,
    );
    expect(helps(seeing(down, { peers: [peer('b')] })), 'of no node that jobs could be on').to.equal('');
    expect(helps(seeing({ schemaVersions: 2 }))).to.equal('');
    const without = ringView({ live: ['b'], unreachable: ['a', 'c'] });
    const hung = on({ views: [seen('a', null), seen('b', without)] });
    expect(helps(hung)).to.match(
      /^ Those that were asked see node a as down itself: .* force .* a job on c alone/,
    );
    const alone = ringView({ live: ['a'], unreachable: ['b', 'c'] });
    expect(helps(on({ views: [seen('a', alone)] })), 'nobody else was asked').to.match(
      /^ A node that does not run/,
    );
    expect(messageOf(seeing(down, { askedMs: NOW - 60_000 }))).to.match(
      /c alone may go first, once this one is over\.$/,
    );
  });

  it('goes by the level of the job, and by that of a keyspace before it', () => {
    const keyspaces = [keyspace('pair', ['a', 'b'])];
    expect(seeing({ keyspaces }, { options: options({ level: 'LOCAL_ONE' }) }).kind).to.equal('allowed');
    expect(seeing({ keyspaces }, { options: options({ levels: { pair: 'ONE' } }) }).kind).to.equal('allowed');
    expect(seeing({}, { options: options({ level: 'ALL' }) }).kind).to.equal('refused');
  });

  it('relaxes system keyspaces that are replicated too little by itself, and says so; not those that wait for a node', () => {
    for (const name of ['system_auth', 'dse_security', 'solr_admin']) {
      const passed = seeing({ keyspaces: [keyspace(name, ['a'])] });
      expect(passed.kind === 'allowed' && passed.notes[0]?.message).to.match(
        new RegExp(`^Keyspace ${name} .*system`),
      );
    }
    const view = { live: ['a', 'b'], unreachable: ['c'], keyspaces: [keyspace('system_auth')] };
    expect(seeing(view).kind).to.equal('wait');
    expect(seeing({ keyspaces: [keyspace('systematic', ['a'])] }).kind).to.equal('refused');
  });

  it('looks at no range that the node has no part in, and believes no datacenter that was not named', () => {
    const view = { live: ['a', 'b'], unreachable: ['c'], keyspaces: [keyspace('users', ['b', 'c'])] };
    expect(seeing(view).kind).to.equal('allowed');
    expect(seeing({ datacenters: {} }).kind).to.equal('allowed');
  });

  it('has nothing to keep in a ring of one node', () => {
    const alone = ringView({ live: ['a'], keyspaces: [keyspace('once', ['a'])] });
    const decision = on({ views: [seen('a', alone)], peers: [] });
    expect(decision.kind === 'allowed' && decision.notes.map(({ subtype }) => subtype)).to.deep.equal([
      'gate-alone',
    ]);
    // a ring that the model knows one node of is no ring of one
    expect(on({ views: [seen('a')], peers: [] }).kind).to.equal('wait');
    expect(on({ views: [seen('a', null, { down: true })], peers: [] }).kind).to.equal('allowed');
    for (const views of [[], [seen('a', null, { problem: 'a password is wanted' })]]) {
      const untold = on({ views, peers: [], askedMs: NOW - 60_000 });
      expect(untold.kind).to.equal('refused');
      expect(messageOf(untold)).to.match(
        /the model has none, and a does not tell \((a password is wanted|it did not answer in time)\)\. If it is alone, a job with force/,
      );
    }
  });

  it('fails at its limit, counted while we could hear, or is held', () => {
    const view = { live: ['a', 'b'], unreachable: ['c'] };
    const askedMs = NOW - 60_000;
    const late = seeing(view, { askedMs });
    expect(late.kind).to.equal('refused');
    expect(messageOf(late)).to.match(/^Not within 60 s \(gate-timeout\): Away/);
    expect(seeing(view, { askedMs: askedMs + 1 }).kind).to.equal('wait');
    expect(seeing(view, { askedMs, options: options({ atLimit: 'hold' }) }).kind).to.equal('wait');
    const all = ringView(view);
    const heard = question({ askedMs, views: [seen('a', all), seen('b', all), seen('c', all)] });
    expect(decide(heard, NOW, NOW - 1_000).kind).to.equal('wait');
  });

  it('is overruled by force, loudly, and only where it had something to say', () => {
    const force = { options: options({ force: true }) };
    expect(seeing({}, force)).to.deep.include({ kind: 'allowed', notes: [] });
    for (const view of [{ live: ['a', 'b'] }, { keyspaces: [keyspace('once', ['a'])] }]) {
      const forced = seeing(view, force);
      expect(forced.kind === 'allowed' && forced.notes).to.have.length(1);
      expect(forced.kind === 'allowed' && forced.notes[0]).to.include({ subtype: 'gate-forced', loud: true });
    }
    const two = {
      live: ['a', 'b'],
      unreachable: ['c'],
      keyspaces: [keyspace('once', ['a']), keyspace('users')],
    };
    expect(messageOf(seeing(two)))
      .to.match(/^These .* once at/)
      .and.not.contain('users');
    const lost = seeing(two, force);
    expect(lost.kind === 'allowed' && lost.notes[0]?.message, 'all that is lost by it').to.match(
      /^Stopped by force\. These .* once at .* Away, or not back yet: c\. .* users at LOCAL_QUORUM/,
    );
    const named = seeing({ live: ['a', 'b'] }, { ...force, askedBy: 'ops' });
    expect(named.kind === 'allowed' && named.notes[0]?.message).to.match(
      /^Stopped by force, as ops asked for\. Away/,
    );
  });
});
