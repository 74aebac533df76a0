// Worlds for tests of the pure core: a running job of three nodes unless told otherwise.
import type { World, WorldBootstrap, WorldJob, WorldNode, WorldRun } from '../../coordinator/core/world.ts';
import { IDLE_TIMEOUTS } from '../../shared/settings.ts';

/** What a coordinator's settings give every pass. */
export const PASS_DEFAULTS = {
  settings: { ...IDLE_TIMEOUTS, 'adoption-window': 900 },
  limits: {
    orphanGraceMs: 0,
    adoptOrphans: true,
    bringAgents: true,
    terminateAwayMs: 60_000,
    terminateAgainMs: 10_000,
  },
};

export const NOW = 1_700_000_000_000;

export const worldRun = (rest: Partial<WorldRun> = {}): WorldRun => ({
  id: 'run',
  createdMs: NOW - 5_000,
  acceptedMs: NOW - 5_000,
  stopRequestedMs: null,
  outcome: null,
  reason: null,
  step: null,
  lastActiveMs: NOW - 1_000,
  ...rest,
});

export const worldBootstrap = (rest: Partial<WorldBootstrap> = {}): WorldBootstrap => ({
  createdMs: NOW - 5_000,
  failedTries: 0,
  reason: null,
  hasBegun: true,
  hasEntered: false,
  waits: null,
  outcome: null,
  ...rest,
});

export const worldNode = (name: string, rest: Partial<WorldNode> = {}): WorldNode => ({
  jobNodeId: `job-node-${name}`,
  nodeId: `node-${name}`,
  name,
  batch: 0,
  status: 'PENDING',
  endedMs: null,
  isRetried: false,
  agent: { connected: true, enrolled: true, awaySinceMs: null },
  isModelled: true,
  hasCredential: false,
  bootstrap: null,
  heldByFencedRun: false,
  run: null,
  ...rest,
});

/** A job whose batches are of so many nodes, one unless told otherwise. */
export type JobOfBatches = Partial<WorldJob> & { nodesAtOnce?: number };

export const world = (
  { nodesAtOnce = 1, ...job }: JobOfBatches = {},
  nodes?: readonly WorldNode[],
  rest: Partial<World> = {},
): World => ({
  nowMs: NOW,
  listeningSinceMs: NOW - 3_600_000,
  ahead: null,
  job: {
    id: 'job',
    type: 'restart',
    status: 'PENDING',
    startedMs: null,
    endedMs: null,
    orphanedMs: null,
    terminateRequestedMs: null,
    terminateRequests: 0,
    continueOnError: false,
    holdOnError: false,
    isLooking: false,
    pausedMs: null,
    pausedBy: null,
    resumedMs: null,
    ignoreWindows: false,
    askedBy: null,
    windowsIgnoredMs: null,
    canary: null,
    idleAfterMs: 300_000,
    waitingFor: null,
    ...job,
  },
  nodes: (nodes ?? [worldNode('a'), worldNode('b'), worldNode('c')]).map((node, place) => ({
    ...node,
    batch: Math.floor(place / nodesAtOnce),
  })),
  limits: { ...PASS_DEFAULTS.limits, adoptionWindowMs: 900_000 },
  gate: [],
  windows: [],
  ...rest,
});
