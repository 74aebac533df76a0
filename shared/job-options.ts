// What may be asked of every job that works on nodes, and how a parameter is described.
import { GATE_TIMEOUT_S, HINTS_TIMEOUT_S } from './gate-options.ts';
import { CONSISTENCY_LEVELS } from './ring-view.ts';
import { CLIENTS_TIMEOUT_S, DRAIN_TIMEOUT_S, SETTLE_S } from './stop-options.ts';

/**
 * The levels of "Job concurrency" (LCM 6.8) in its order, from Automatic to All nodes, then ours. Of the original's own words
 * three are known from its clients (`default`, `rack-per-cluster-at-a-time`, `cluster-at-a-time`); the others are made after them.
 */
export const STRATEGIES = [
  'default',
  'node-per-cluster-at-a-time',
  'node-per-datacenter-at-a-time',
  'rack-per-cluster-at-a-time',
  'rack-per-datacenter-at-a-time',
  'datacenter-at-a-time',
  'cluster-at-a-time',
  'fastest-safe',
] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** Which nodes a job works on before the others, to see what comes of it. */
export const CANARIES = ['none', 'first-node', 'node-per-rack'] as const;
export type Canary = (typeof CANARIES)[number];
export const CANARY_WAIT_S = 300;

/** One parameter of an action, as GET actions/{name} shows it. */
export interface ActionParameter {
  name: string;
  type: 'string' | 'boolean' | 'integer' | 'uuid';
  required: boolean;
  nullable: boolean;
  /** what holds when the parameter is absent; null: nothing */
  default: string | number | boolean | null;
  'allowed-values': readonly string[] | null;
  minimum: number | null;
  maximum: number | null;
  /** masked in every answer but the POST's own */
  secret: boolean;
  /** of a boolean: the original has it, and real clients send it as text too; not shown */
  original?: true;
  description: string;
}

export const parameter = (
  name: string,
  type: ActionParameter['type'],
  description: string,
  rest: Partial<ActionParameter> = {},
): ActionParameter => ({
  name,
  type,
  required: false,
  nullable: true,
  default: null,
  'allowed-values': null,
  minimum: null,
  maximum: null,
  secret: false,
  description,
  ...rest,
});

const gate: ActionParameter[] = [
  parameter(
    'consistency-level',
    'string',
    'What every range of every keyspace has to keep while a node is away; no node is stopped before.',
    { default: 'LOCAL_QUORUM', 'allowed-values': CONSISTENCY_LEVELS },
  ),
  parameter('keyspace-levels', 'string', 'Keyspaces with a level of their own: "events=ONE, users=QUORUM".'),
  parameter(
    'relaxed-keyspaces',
    'string',
    'Keyspaces that may lose their level while a node is away, such as those with one replica: "scratch, cache".',
  ),
  parameter(
    'gate-timeout',
    'integer',
    'Seconds after which a stop that has to wait meets gate-limit; not counted while other nodes of the job are at work.',
    {
      default: GATE_TIMEOUT_S,
      minimum: 1,
      maximum: 2_592_000,
    },
  ),
  parameter(
    'gate-limit',
    'string',
    'What happens then: fail the node, with nothing stopped, or hold the job until it may go on or is terminated.',
    { default: 'fail', 'allowed-values': ['fail', 'hold'] },
  ),
  parameter(
    'hints-timeout',
    'integer',
    'Seconds that a stop waits for other nodes to get the hints that are kept for them; then it goes on, and says so.',
    { default: HINTS_TIMEOUT_S, minimum: 0, maximum: 86_400 },
  ),
  parameter(
    'force',
    'boolean',
    'Stop nodes whatever is lost by it; with fastest-safe none while another has leave to be away with which it shares token ranges, also by an earlier job. Each time the gate is overruled an error event says so.',
    { default: false },
  ),
];

const stop: ActionParameter[] = [
  parameter(
    'clients-timeout',
    'integer',
    'Seconds that clients of a node that is to be stopped may take to be gone, with their requests; then it is drained all the same.',
    { default: CLIENTS_TIMEOUT_S, minimum: 1, maximum: 3_600 },
  ),
  parameter(
    'drain-timeout',
    'integer',
    'Seconds that its drain may take; then it is stopped all the same, and replays its commit log when it starts.',
    { default: DRAIN_TIMEOUT_S, minimum: 1, maximum: 86_400 },
  ),
  parameter(
    'settle-seconds',
    'integer',
    'Seconds for which a node that was started is left in peace, once its peers see it, before the job goes on.',
    { default: SETTLE_S, minimum: 0, maximum: 86_400 },
  ),
];

export const idleTimeout = parameter(
  'idle-timeout',
  'integer',
  'Seconds of silence after which the job shows IDLE; the setting of the job type unless given.',
  { minimum: 1, maximum: 86_400 },
);
export const description = parameter('description', 'string', 'A verbal description of the job.');

export const common: ActionParameter[] = [
  parameter(
    'dry-run',
    'boolean',
    'Have each node looked at as this job does before it acts, and told what it would do; nothing is touched, and all nodes are looked at. Not to be mistaken for a plan, which asks no node.',
    { default: false },
  ),
  parameter(
    'continue-on-error',
    'boolean',
    'Go on with the remaining nodes after one has failed; the job still ends FAILED.',
    { default: false, original: true },
  ),
  parameter(
    'hold-on-error',
    'boolean',
    'After a node has failed start no other until the job is resumed (it goes on with the remaining nodes, or tries what failed again first) or terminated; also with continue-on-error.',
    { default: false },
  ),
  parameter(
    'concurrency-strategy',
    'string',
    'Which nodes a restart or configure may work on at once, at most: those that share token ranges are never away together. By default one at a time; fastest-safe has the largest batches.',
    { default: 'default', 'allowed-values': STRATEGIES },
  ),
  parameter('batch-size', 'integer', 'Upper bound of nodes at once within the strategy.', {
    minimum: 1,
    maximum: 10_000,
  }),
  parameter(
    'canary',
    'string',
    'Which nodes to work on before the others, one at a time: the first, or one of each rack; a seed only where there is no other. One that fails keeps the others from being touched, also with continue-on-error: the job then holds.',
    { default: 'none', 'allowed-values': CANARIES },
  ),
  parameter(
    'canary-wait',
    'integer',
    'Seconds between the last canary and the other nodes; 0: until the job is resumed.',
    { default: CANARY_WAIT_S, minimum: 0, maximum: 2_592_000 },
  ),
  idleTimeout,
  parameter(
    'ignore-windows',
    'boolean',
    'Stop and start nodes outside of the maintenance windows of the cluster too, and in its freezes. An error event says so.',
    { default: false },
  ),
  ...gate,
  ...stop,
  description,
];

export const onlyStale = parameter(
  'only-stale',
  'boolean',
  'Stop only nodes that run with something else than what is there: a configuration file, or the installed version, changed after they were started, or by this job. Those that are down are started, the others left running.',
  { default: false },
);

export const revertOnFailure = parameter(
  'revert-on-failure',
  'boolean',
  'Where a node does not come back with the configuration that was pushed, put its files back as they were before and start it with them. The node, and so the job, still ends FAILED.',
  { default: false },
);

export const defaultPassword = (description: string): ActionParameter =>
  parameter('change-default-cassandra-password', 'string', description, { secret: true });
