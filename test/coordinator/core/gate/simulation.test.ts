// Ten thousand rings under a roll: failures, views that lag and disagree, many nodes at the gate at once. No range loses its level by our doing.
import { expect } from 'chai';
import type { AskedView, StopQuestion } from '../../../../coordinator/core/gate/facts.ts';
import { decide } from '../../../../coordinator/core/gate/gate.ts';
import type { ConsistencyLevel, ReplicaSet, RingKeyspace, RingView } from '../../../../shared/ring-view.ts';
import { NOW } from '../../../support/worlds.ts';
import { options, question } from './questions.ts';

const WORLDS = Number(process.env['WORLDS'] ?? 10_000);
const FIRST_SEED = Number(process.env['SEED'] ?? 1);

/** mulberry32: the same seed, the same world. */
function random(seed: number) {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number): number => Math.floor(next() * n);
  return {
    below,
    chance: (p: number): boolean => next() < p,
    pick: <T>(some: readonly T[]): T => some[below(some.length)] as T,
    shuffled: <T>(some: readonly T[]): T[] =>
      some
        .map((one) => [next(), one] as const)
        .sort(([a], [b]) => a - b)
        .map(([, one]) => one),
  };
}
type Random = ReturnType<typeof random>;

interface Node {
  address: string;
  datacenter: string;
  rack: string;
}

interface Keyspace {
  name: string;
  level: Exclude<ConsistencyLevel, 'ALL' | 'THREE'>;
  copies: Record<string, number>;
  isSimple: boolean;
  /** replicas of each range */
  ranges: string[][];
}

/** Walks the ring from each token; NetworkTopologyStrategy takes other racks first. */
function replicasAt(ring: readonly Node[], from: number, copies: Record<string, number>): string[] {
  const distinct = [...new Set([...ring.slice(from), ...ring.slice(0, from)])];
  if ('' in copies) return distinct.slice(0, copies['']).map(({ address }) => address);
  return Object.entries(copies).flatMap(([datacenter, count]) => {
    const here = distinct.filter((node) => node.datacenter === datacenter);
    const first = here.filter((node, at) => here.findIndex(({ rack }) => rack === node.rack) === at);
    return [...first, ...here.filter((node) => !first.includes(node))]
      .slice(0, count)
      .map(({ address }) => address);
  });
}

function makeRing(rnd: Random) {
  const nodes: Node[] = [];
  for (let dc = rnd.pick([1, 1, 2, 3]); dc > 0; dc -= 1)
    for (let rack = 1 + rnd.below(3); rack > 0; rack -= 1)
      for (let n = 1 + rnd.below(2); n > 0; n -= 1)
        nodes.push({ address: `n${nodes.length}`, datacenter: `dc${dc}`, rack: `r${rack}` });
  const tokens = rnd.shuffled(nodes.flatMap((node) => (rnd.chance(0.5) ? [node] : [node, node])));
  const datacenters = [...new Set(nodes.map(({ datacenter }) => datacenter))];
  const keyspaces: Keyspace[] = [];
  for (let n = 1 + rnd.below(3); n > 0; n -= 1) {
    const isSimple = rnd.chance(0.15);
    const copies: Record<string, number> = isSimple
      ? { '': rnd.pick([1, 2, 3, 5]) }
      : Object.fromEntries(
          datacenters.filter(() => rnd.chance(0.9)).map((one) => [one, rnd.pick([1, 2, 3, 3, 3, 5])]),
        );
    keyspaces.push({
      name: rnd.chance(0.15) ? `system_${n}` : `k${n}`,
      level: rnd.pick([
        'ONE',
        'TWO',
        'QUORUM',
        'LOCAL_ONE',
        'LOCAL_QUORUM',
        'LOCAL_QUORUM',
        'EACH_QUORUM',
      ] as const),
      copies,
      isSimple,
      ranges: tokens.map((_, at) => replicasAt(tokens, at, copies)),
    });
  }
  const datacenterOf = new Map(nodes.map(({ address, datacenter }) => [address, datacenter]));
  return { nodes, keyspaces, datacenterOf };
}
type World = ReturnType<typeof makeRing>;

/** An oracle of its own: how many copies a level needs, and how many are there. */
function hasLevel(
  { datacenterOf }: World,
  keyspace: Keyspace,
  replicas: readonly string[],
  away: ReadonlySet<string>,
  local: string,
): boolean {
  const inDc = (address: string): string => datacenterOf.get(address) ?? '';
  const up = replicas.filter((address) => !away.has(address));
  const majority = (of: number, have: number): boolean => have * 2 > of;
  const total = keyspace.isSimple
    ? (keyspace.copies[''] ?? 0)
    : Object.values(keyspace.copies).reduce((sum, n) => sum + n, 0);
  const inOne = (datacenter: string): boolean =>
    majority(
      keyspace.isSimple ? total : (keyspace.copies[datacenter] ?? 0),
      up.filter((address) => inDc(address) === datacenter).length,
    );
  switch (keyspace.level) {
    case 'ONE':
      return up.length > 0;
    case 'TWO':
      return up.length > 1;
    case 'QUORUM':
      return majority(total, up.length);
    case 'LOCAL_ONE':
      return up.some((address) => inDc(address) === local);
    case 'LOCAL_QUORUM':
      return inOne(local);
    case 'EACH_QUORUM':
      return [...new Set(replicas.map(inDc))].every(inOne);
  }
}

/** The ranges of a node; those with the same replicas together. */
function keyspacesOf(world: World, about: Node): RingKeyspace[] {
  return world.keyspaces.map(({ name, copies, ranges }) => {
    const sets = new Map<string, ReplicaSet>();
    for (const replicas of ranges)
      if (replicas.includes(about.address))
        sets.set(replicas.join(), { replicas, ranges: 1, sample: '(0, 1]' });
    return { name, copies, replicaSets: [...sets.values()] };
  });
}

/** What one node sees of those that are down: it may not have noticed yet. */
function viewOf(world: World, keyspaces: RingKeyspace[], down: ReadonlySet<string>, rnd: Random): RingView {
  const noticed = [...down].filter(() => rnd.chance(0.8));
  return {
    live: world.nodes.map(({ address }) => address).filter((address) => !noticed.includes(address)),
    unreachable: noticed,
    joining: [],
    leaving: [],
    moving: [],
    schemaVersions: 1,
    streamsWith: [],
    datacenters: Object.fromEntries(world.datacenterOf),
    keyspaces,
  };
}

/** @returns how often leave was given, and was not at once */
function roll(seed: number): { allowed: number; held: number } {
  const rnd = random(seed);
  const world = makeRing(rnd);
  const level = Object.fromEntries(world.keyspaces.map((keyspace) => [keyspace.name, keyspace.level]));
  const relaxed = world.keyspaces.filter(() => rnd.chance(0.1)).map(({ name }) => name);
  const crashed = new Set<string>();
  const onLeave = new Set<string>();
  const count = { allowed: 0, held: 0 };
  const [atOnce, failing] = [1 + rnd.below(world.nodes.length), rnd.pick([0, 0.02, 0.1, 0.3])];
  const todo = rnd.shuffled(world.nodes);
  for (let step = 0; step < 16 && todo.length > 0; step += 1) {
    for (const { address } of world.nodes) if (rnd.chance(failing)) crashed.add(address);
    for (const address of crashed) if (rnd.chance(0.3)) crashed.delete(address);
    for (const address of onLeave) if (rnd.chance(0.3)) onLeave.delete(address);
    const about = todo[0];
    if (about === undefined || onLeave.size >= atOnce) continue;
    const down = new Set([...crashed, ...[...onLeave].filter(() => rnd.chance(0.7))]); // some are not stopped yet
    const others = world.nodes.filter(({ address }) => address !== about.address);
    const askedOf = rnd.shuffled(others).slice(0, 2);
    const keyspaces = keyspacesOf(world, about);
    const views: AskedView[] = [about, ...askedOf].map((node) => {
      const isDown = down.has(node.address);
      return {
        nodeId: node.address,
        name: node.address,
        seenMs: NOW,
        problem: isDown ? 'no database node runs there' : null,
        view: isDown ? null : viewOf(world, keyspaces, down, rnd),
        down: isDown,
      };
    });
    const asked: StopQuestion = question({
      nodeId: about.address,
      name: about.address,
      address: about.address,
      views,
      peers: others.map(({ address }) => ({ nodeId: address, name: address, address, connected: true })),
      onLeave: [...onLeave],
      options: options({ levels: level, relaxed }),
    });
    const decision = decide(asked, NOW, 0);
    if (decision.kind !== 'allowed') {
      count.held += 1;
      if (decision.kind === 'refused') todo.shift();
      else todo.push(...todo.splice(0, 1));
      continue;
    }
    count.allowed += 1;
    const notes = decision.notes.map(({ message }) => message).join('\n');
    // What nobody asked has noticed could not be known: it is not our doing.
    const known = new Set([
      ...onLeave,
      ...views.flatMap((view) => (view.down ? [view.nodeId] : (view.view?.unreachable ?? []))),
    ]);
    for (const keyspace of world.keyspaces) {
      for (const replicas of keyspace.ranges) {
        if (!replicas.includes(about.address) || notes.includes(`Keyspace ${keyspace.name} `)) continue;
        if (relaxed.includes(keyspace.name) || others.length === 0) continue;
        const after = new Set([...known, about.address]);
        const had = hasLevel(world, keyspace, replicas, known, about.datacenter);
        if (had && !hasLevel(world, keyspace, replicas, after, about.datacenter))
          throw new Error(
            `SEED=${seed} WORLDS=1: ${keyspace.name} at ${keyspace.level} loses ${replicas.join(', ')} when ${about.address} stops; away: ${[...known].join(', ')}`,
          );
      }
    }
    onLeave.add(about.address);
    todo.shift();
  }
  return count;
}

describe('a roll through the gate', function () {
  this.timeout(240_000); // about 15 s of a core that nobody else uses

  it(`takes the level from no range in ${WORLDS} rings, and gets on with it`, () => {
    const total = { allowed: 0, held: 0 };
    for (let seed = FIRST_SEED; seed < FIRST_SEED + WORLDS; seed += 1) {
      const { allowed, held } = roll(seed);
      total.allowed += allowed;
      total.held += held;
    }
    // Neither by letting nobody pass nor by never being asked when it mattered.
    if (WORLDS >= 1_000) {
      expect(total.allowed).to.be.greaterThan(WORLDS);
      expect(total.held).to.be.greaterThan(WORLDS);
    }
  });
});
