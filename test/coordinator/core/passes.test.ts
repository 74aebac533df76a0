// Pass after pass over one job while anything happens in between: what holds of each of them, in whatever order things come.
import { expect } from 'chai';
import fc from 'fast-check';
import { type Command, type Plan, plan } from '../../../coordinator/core/plan.ts';
import type { World, WorldBootstrap, WorldNode, WorldRun } from '../../../coordinator/core/world.ts';
import { NOW, world, worldBootstrap, worldNode, worldRun } from '../../support/worlds.ts';

const there = { connected: true, enrolled: true, awaySinceMs: null };
const ofRun = (node: WorldNode, run: Partial<WorldRun>): WorldNode =>
  node.run === null || node.run.outcome !== null ? node : { ...node, run: { ...node.run, ...run } };
const ofBootstrap = (node: WorldNode, bootstrap: Partial<WorldBootstrap>): WorldNode =>
  node.bootstrap === null || node.bootstrap.outcome !== null
    ? node
    : { ...node, bootstrap: { ...node.bootstrap, ...bootstrap } };

/** What may happen at one node between two passes. */
const AT_NODE = {
  entered: (node) => ofBootstrap(node, { hasEntered: true }),
  'not brought': (node) => ofBootstrap(node, { hasEntered: true, outcome: 'failed' }),
  brought: (node) =>
    node.bootstrap === null
      ? node
      : { ...ofBootstrap(node, { hasEntered: true, outcome: 'succeeded' }), agent: there },
  away: (node, nowMs) => ({ ...node, agent: { ...node.agent, connected: false, awaySinceMs: nowMs } }),
  heard: (node, nowMs) => ofRun(node, { lastActiveMs: nowMs }),
  succeeded: (node, nowMs) => ofRun(node, { lastActiveMs: nowMs, outcome: 'succeeded' }),
  failed: (node, nowMs) => ofRun(node, { lastActiveMs: nowMs, outcome: 'failed' }),
  stopped: (node, nowMs) => ofRun(node, { lastActiveMs: nowMs, outcome: 'stopped' }),
} satisfies Record<string, (node: WorldNode, nowMs: number) => WorldNode>;
type Happening =
  | { what: 'time passes'; ms: number }
  | { what: 'cold start' | 'terminate' }
  | { what: keyof typeof AT_NODE; node: number };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ what: fc.constant('time passes'), ms: fc.constantFrom(1_000, 60_000, 900_000) }),
  fc.record({ what: fc.constantFrom('cold start', 'cold start', 'terminate') }),
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constantFrom(...(Object.keys(AT_NODE) as (keyof typeof AT_NODE)[])),
      node: fc.nat(2),
    }),
  },
);

function after(at: World, happened: Happening): World {
  const { job, nowMs } = at;
  if (happened.what === 'time passes') return { ...at, nowMs: nowMs + happened.ms };
  if (happened.what === 'cold start')
    return job.startedMs === null ? at : { ...at, job: { ...job, orphanedMs: nowMs } };
  if ('node' in happened) {
    const { what, node: place } = happened;
    return { ...at, nodes: at.nodes.map((node, of) => (of === place ? AT_NODE[what](node, nowMs) : node)) };
  }
  return {
    ...at,
    job: { ...job, terminateRequestedMs: nowMs, terminateRequests: job.terminateRequests + 1 },
  };
}

/** The world as the commands leave it. */
function performed(at: World, command: Command): World {
  const { job, nowMs } = at;
  const withNode = (jobNodeId: string, rest: Partial<WorldNode>): World => ({
    ...at,
    nodes: at.nodes.map((node) => (node.jobNodeId === jobNodeId ? { ...node, ...rest } : node)),
  });
  const endedMs = 'over' in command && command.over ? nowMs : null;
  if (command.do === 'move-node') return withNode(command.jobNodeId, { status: command.to, endedMs });
  if (command.do === 'start-run')
    return withNode(command.jobNodeId, { run: worldRun({ createdMs: nowMs, lastActiveMs: null }) });
  if (command.do === 'bring-agent')
    return withNode(command.jobNodeId, { bootstrap: worldBootstrap({ createdMs: nowMs }) });
  if (command.do === 'adopt-job') return { ...at, job: { ...job, orphanedMs: null } };
  if (command.do !== 'move-job') return at;
  const startedMs = command.signal === 'started' ? nowMs : job.startedMs;
  return { ...at, job: { ...job, status: command.to, startedMs, endedMs } };
}

const bare = (name: string): WorldNode =>
  worldNode(name, { agent: { connected: false, enrolled: false, awaySinceMs: null }, hasCredential: true });

/** Each pass of a job of three nodes, with the world that it leaves. */
const passes = fc
  .record({
    between: fc.array(fc.array(happening, { maxLength: 4 }), { size: 'max', maxLength: 12 }),
    bareNodes: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    job: fc.record({ nodesAtOnce: fc.integer({ min: 1, max: 3 }), continueOnError: fc.boolean() }),
    adoptOrphans: fc.boolean(),
  })
  .map(({ between, bareNodes, job, adoptOrphans }) => {
    const nodes = bareNodes.map((isBare, place) => (isBare ? bare : worldNode)(`${place}`));
    const limits = { ...world().limits, adoptOrphans };
    let at = { ...world(job, nodes), limits, nowMs: NOW };
    const made: { said: Plan; left: World }[] = [];
    for (const happened of [[], ...between]) {
      at = happened.reduce(after, at);
      const said = plan(at);
      at = said.commands.reduce(performed, at);
      made.push({ said, left: at });
    }
    return made;
  });

/** Holds each pass of many jobs to it. */
const inEach = (holds: (said: Plan, left: World) => void): void =>
  fc.assert(
    fc.property(passes, (made) => {
      for (const { said, left } of made) holds(said, left);
    }),
    { numRuns: 3_000 },
  );

describe('passes, one after the other', () => {
  it('move no node twice in one of them', () => {
    inEach(({ commands }) => {
      const moved = commands.flatMap((command) => (command.do === 'move-node' ? [command.jobNodeId] : []));
      expect(moved).to.deep.equal([...new Set(moved)]);
    });
  });

  it('meet no cell that cannot be', () => {
    inEach(({ commands }) => {
      expect(commands.filter((command) => command.do === 'report-bug')).to.deep.equal([]);
    });
  });

  it('leave no node open in a job that is over', () => {
    inEach((_said, { job, nodes }) => {
      if (job.endedMs !== null)
        expect(nodes.filter((node) => node.endedMs === null).map(({ name }) => name)).to.deep.equal([]);
    });
  });
});
