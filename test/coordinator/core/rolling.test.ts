// Which nodes start now: in order, never too many, never past one that has to wait, and why that one waits.
import { expect } from 'chai';
import { rolling } from '../../../coordinator/core/rolling.ts';
import type { WorldNode } from '../../../coordinator/core/world.ts';
import { NOW, world, worldNode, worldRun } from '../../support/worlds.ts';

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

  it('fills up to as many as may be worked on at once, and no further', () => {
    expect(look(2, [worldNode('a'), worldNode('b'), worldNode('c')]).start).to.deep.equal(['a', 'b']);
    expect(look(2, [busy('a'), worldNode('b'), worldNode('c')]).start).to.deep.equal(['b']);
    expect(look(5, [busy('a'), worldNode('b')]).start).to.deep.equal(['b']);
  });

  it('has nothing to start and nothing to wait for when every node has had its turn', () => {
    expect(look(1, [complete('a')])).to.deep.equal(nobody);
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
        what: 'The agent of node a is not connected: the job goes on when it is back.',
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
