// Questions at the gate: node a of a ring a, b, c in dc1 with one keyspace on all three, unless told otherwise.
import type { AskedView, GateOptions, StopQuestion } from '../../../../coordinator/core/gate/facts.ts';
import type { RingKeyspace, RingView } from '../../../../shared/ring-view.ts';
import { NOW } from '../../../support/worlds.ts';

export const keyspace = (
  name: string,
  replicas = ['a', 'b', 'c'],
  copies = replicas.length,
): RingKeyspace => ({
  name,
  copies: { dc1: copies },
  replicaSets: [{ replicas, ranges: 4, sample: '(0, 100]' }],
});

export const ringView = (rest: Partial<RingView> = {}): RingView => ({
  live: ['a', 'b', 'c'],
  unreachable: [],
  joining: [],
  leaving: [],
  moving: [],
  schemaVersions: 1,
  streamsWith: [],
  datacenters: { a: 'dc1', b: 'dc1', c: 'dc1' },
  keyspaces: [keyspace('users')],
  ...rest,
});

export const seen = (
  name: string,
  view: RingView | null = ringView(),
  rest: Partial<AskedView> = {},
): AskedView => ({
  nodeId: `node-${name}`,
  name,
  seenMs: NOW - 500,
  problem: view === null ? 'no' : null,
  view,
  down: false,
  ...rest,
});

export const peer = (name: string, connected = true) => ({
  nodeId: `node-${name}`,
  name,
  address: name,
  connected,
});

export const options = (rest: Partial<GateOptions> = {}): GateOptions => ({
  level: 'LOCAL_QUORUM',
  levels: {},
  relaxed: [],
  timeoutMs: 60_000,
  atLimit: 'fail',
  hintsMs: 30_000,
  force: false,
  keepsApart: false,
  ...rest,
});

export const question = (rest: Partial<StopQuestion> = {}): StopQuestion => ({
  jobNodeId: 'job-node-a',
  nodeId: 'node-a',
  name: 'a',
  questionId: 'question',
  address: 'a',
  askedMs: NOW - 1_000,
  roundMs: NOW - 1_000,
  answer: null,
  views: [seen('a'), seen('b'), seen('c')],
  peers: [peer('b'), peer('c')],
  onLeave: [],
  notLetGo: [],
  ended: [],
  options: options(),
  askedBy: null,
  ...rest,
});
