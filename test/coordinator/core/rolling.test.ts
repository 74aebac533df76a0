// Which nodes start now: in order, never too many, never past one that has to wait, and why that one waits.
import { expect } from 'chai';
import { MOST_UNDER_WAY, rolling } from '../../../coordinator/core/rolling.ts';
import type { WorldBootstrap, WorldNode } from '../../../coordinator/core/world.ts';
import { NOW, world, worldBootstrap, worldNode, worldRun } from '../../support/worlds.ts';

const away = { connected: false, enrolled: true, awaySinceMs: NOW - 1_000 };
const busy = (name: string): WorldNode => worldNode(name, { status: 'RUNNING', run: worldRun() });
const complete = (name: string): WorldNode =>
  worldNode(name, { status: 'COMPLETE', endedMs: NOW, run: worldRun({ outcome: 'succeeded' }) });

/** The names that start with so many at once, and the reason when there is one. */
const look = (nodesAtOnce: number, nodes: readonly WorldNode[]) => {
  const { start, waitingFor } = rolling(world({ nodesAtOnce }, nodes));
  return { start: start.map(({ name }) => name), waitingFor };
};
const nobody = { start: [], waitingFor: null };

describe('a rolling job', () => {
  it('starts one node at a time, in the stored order', () => {
    expect(look(1, [complete('a'), worldNode('b'), worldNode('c')]).start).to.deep.equal(['b']);
    expect(look(1, [busy('a'), worldNode('b')])).to.deep.equal(nobody);
  });

  it('starts those of a batch at once, and no other before all of them are over', () => {
    expect(look(2, [complete('a'), busy('b'), worldNode('c')])).to.deep.equal(nobody);
    expect(look(2, [worldNode('a'), worldNode('b'), worldNode('c')]).start).to.deep.equal(['a', 'b']);
    expect(look(2, [busy('a'), worldNode('b'), worldNode('c')]).start).to.deep.equal(['b']);
    expect(look(5, [busy('a'), worldNode('b')]).start).to.deep.equal(['b']);
  });

  it('has so many nodes of a large batch under way, and the next whenever one is over', () => {
    const nodes = Array.from({ length: MOST_UNDER_WAY + 2 }, (_, place) => worldNode(`n${place}`));
    expect(look(nodes.length, nodes).start).to.have.length(MOST_UNDER_WAY);
    const underWay = nodes.map((node, place) => (place < MOST_UNDER_WAY ? busy(node.name) : node));
    expect(look(nodes.length, underWay)).to.deep.equal(nobody);
    expect(look(nodes.length, [complete('n0'), ...underWay.slice(1)]).start).to.deep.equal([
      `n${MOST_UNDER_WAY}`,
    ]);
  });

  it('has nothing to start and nothing to wait for when every node has had its turn', () => {
    expect(look(1, [complete('a')])).to.deep.equal(nobody);
  });

  it('looks at the nodes that are there, past one that is not, and brings no agent to look', () => {
    const gone = worldNode('a', { agent: away });
    const bare = worldNode('b', {
      agent: { connected: false, enrolled: false, awaySinceMs: null },
      hasCredential: true,
    });
    const given = world({ nodesAtOnce: 3, isLooking: true }, [gone, bare, worldNode('c')]);
    const { start, bootstrap } = rolling(given);
    expect([start.map(({ name }) => name), bootstrap]).to.deep.equal([['c'], []]);
    const left = rolling(world({ nodesAtOnce: 3, isLooking: true }, [gone])).waitingFor;
    expect(left).to.include({ kind: 'agent' });
    expect(left?.what).to.match(
      /not connected: the job goes on without it at 20\d\d-.*Z\. Of an agent from its package /,
    );
  });

  it('waits for a node without an agent and says what would end that', () => {
    const agent = { connected: false, enrolled: false, awaySinceMs: null };
    expect(look(3, [worldNode('a', { agent }), worldNode('b')])).to.deep.equal({
      start: [],
      waitingFor: {
        kind: 'agent-not-enrolled',
        ids: ['node-a'],
        since: new Date(NOW).toISOString(),
        what: 'Node a has no agent: enrol one and let it connect, or terminate the job.',
      },
    });
  });

  describe('with nodes that an agent can be brought to', () => {
    const agent = { connected: false, enrolled: false, awaySinceMs: null };
    const coming = (name: string, bootstrap: Partial<WorldBootstrap> | null): WorldNode =>
      worldNode(name, {
        agent,
        hasCredential: true,
        bootstrap:
          bootstrap === null
            ? null
            : worldBootstrap({ createdMs: NOW - 4_000, hasEntered: true, ...bootstrap }),
      });
    const brought = (nodesAtOnce: number, nodes: readonly WorldNode[]) => {
      const { start, bootstrap, waitingFor } = rolling(world({ nodesAtOnce }, nodes));
      const names = (of: readonly WorldNode[]) => of.map(({ name }) => name);
      return { start: names(start), bootstrap: names(bootstrap), waitingFor };
    };

    it('has none brought where that is off', () => {
      const given = world({}, [coming('a', null), coming('b', {})]);
      const { bootstrap, waitingFor } = rolling({
        ...given,
        limits: { ...given.limits, bringAgents: false },
      });
      expect(bootstrap).to.deep.equal([]);
      expect(waitingFor?.what).to.equal(
        'Node a has no agent: enrol one and let it connect, or terminate the job.',
      );
    });

    it('waits as without a credential where nobody is let in, and says why', () => {
      const refused = coming('a', { waits: 'change', reason: 'u@a:22 refused the login by the password' });
      expect(brought(2, [refused, worldNode('b')])).to.deep.equal({
        start: [],
        bootstrap: [],
        waitingFor: {
          kind: 'agent-not-enrolled',
          ids: ['node-a'],
          since: new Date(NOW - 4_000).toISOString(),
          what: 'Node a has no agent: enrol one and let it connect, or terminate the job. The coordinator could not bring one there, and tries it again once the node or its machine credential is changed: u@a:22 refused the login by the password',
        },
      });
      expect(brought(1, [coming('a', { waits: 'while', reason: 'x' })]).waitingFor?.what).to.include(
        'tries it again every minute',
      );
      const there = { connected: true, enrolled: true, awaySinceMs: null };
      expect(brought(1, [{ ...refused, agent: there }]).start).to.deep.equal(['a']);
    });

    it("has one brought at the node's turn, and says so", () => {
      expect(brought(1, [coming('a', null), coming('b', null)])).to.deep.equal({
        start: [],
        bootstrap: ['a'],
        waitingFor: {
          kind: 'bootstrap',
          ids: ['node-a'],
          since: new Date(NOW).toISOString(),
          what: 'Node a has no agent: the coordinator brings one there over SSH, as soon as it is at fewer others.',
        },
      });
    });

    it('says that its turn has not come while coordinators are at others', () => {
      const what = (hasBegun: boolean) => brought(1, [coming('a', { hasBegun })]).waitingFor?.what;
      expect(what(false)).to.include('as soon as it is at fewer others');
      expect(what(true)).to.include('try 1 of 3');
    });

    it('says of one under way since when, and why the try before failed', () => {
      const { bootstrap, waitingFor } = brought(1, [
        coming('a', { failedTries: 1, reason: 'root@a:22 is not reached: ECONNREFUSED' }),
      ]);
      expect(bootstrap).to.deep.equal(['a']);
      expect(waitingFor?.since).to.equal(new Date(NOW - 4_000).toISOString());
      expect(waitingFor?.what).to.equal(
        'Node a has no agent: the coordinator brings one there over SSH, try 2 of 3. The one before failed: root@a:22 is not reached: ECONNREFUSED',
      );
    });

    it('counts such a node as worked on, and goes on past it as far as that allows', () => {
      expect(brought(2, [coming('a', {}), coming('b', null), coming('c', null)]).bootstrap).to.deep.equal([
        'a',
        'b',
      ]);
      expect(brought(2, [coming('a', {}), worldNode('b')])).to.deep.equal({
        start: ['b'],
        bootstrap: ['a'],
        waitingFor: null,
      });
      expect(brought(1, [busy('a'), coming('b', null)]).bootstrap).to.deep.equal([]);
      const [first, blocked] = [coming('a', {}), worldNode('b', { agent })];
      expect(brought(2, [first, blocked]).waitingFor?.ids).to.deep.equal(['node-a']);
    });

    it('starts the node once the agent is there, whoever enrolled it', () => {
      const there = { connected: true, enrolled: true, awaySinceMs: null };
      for (const outcome of ['succeeded', null] as const)
        expect(brought(1, [{ ...coming('a', { outcome }), agent: there }])).to.deep.equal({
          start: ['a'],
          bootstrap: [],
          waitingFor: null,
        });
    });

    it('waits for an agent that was brought and is gone again like for any other', () => {
      expect(brought(1, [coming('a', { outcome: 'succeeded' })]).waitingFor?.kind).to.equal(
        'agent-not-enrolled',
      );
    });

    it('says what to do where an agent has gone with its host: none is brought there again', () => {
      const { bootstrap, waitingFor } = brought(1, [worldNode('a', { agent: away })]);
      expect(bootstrap).to.deep.equal([]);
      expect(waitingFor?.what).to.match(
        /On a host that was installed anew install and enrol another one\. Of an agent from its package /,
      );
    });

    it('brings none where the model says too little', () => {
      expect(brought(1, [{ ...coming('a', null), isModelled: false }]).start).to.deep.equal(['a']);
    });
  });

  it('waits for no agent where the model says too little: the run is refused at once, in its turn', () => {
    const bare = worldNode('a', { agent: away, isModelled: false });
    expect(look(1, [bare, worldNode('b')])).to.deep.equal({ start: ['a'], waitingFor: null });
    expect(look(1, [busy('b'), bare])).to.deep.equal(nobody);
  });

  it('waits for an agent that is away, since it left', () => {
    expect(look(1, [worldNode('a', { agent: away }), worldNode('b')])).to.deep.equal({
      start: [],
      waitingFor: {
        kind: 'agent',
        ids: ['node-a'],
        since: new Date(NOW - 1_000).toISOString(),
        what: "The agent of node a is not connected: the job goes on when it is back. On a host that was installed anew install and enrol another one. Of an agent from its package `systemctl status ringmaster-agent` and `journalctl -u ringmaster-agent` on the node's host tell more.",
      },
    });
  });

  it('waits for an agent to let go of an earlier run, though it is connected', () => {
    expect(look(1, [worldNode('a', { heldByFencedRun: true })])).to.deep.equal({
      start: [],
      waitingFor: {
        kind: 'fenced-run',
        ids: ['node-a'],
        since: new Date(NOW).toISOString(),
        what: 'The agent of node a has not yet confirmed that it let go of an earlier run.',
      },
    });
  });

  it('waits for that also where the model says too little, whether the agent is there or not', () => {
    const held = { heldByFencedRun: true, isModelled: false };
    for (const rest of [held, { ...held, agent: away }]) {
      const { start, waitingFor } = look(1, [worldNode('a', rest), worldNode('b')]);
      expect([start, waitingFor?.kind, waitingFor?.ids]).to.deep.equal([[], 'fenced-run', ['node-a']]);
    }
  });

  it('gives no reason while other nodes are at work, and starts nothing behind the one that waits', () => {
    expect(look(3, [busy('a'), worldNode('b', { agent: away }), worldNode('c')])).to.deep.equal(nobody);
    expect(look(3, [worldNode('a'), worldNode('b', { agent: away }), worldNode('c')])).to.deep.equal({
      start: ['a'],
      waitingFor: null,
    });
  });
});
