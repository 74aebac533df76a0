// The actions and their parameters, once: read by validation, GET actions/, OpenAPI, CLI and UI.
import { GATE_TIMEOUT_S, HINTS_TIMEOUT_S } from './gate-options.ts';
import { CONSISTENCY_LEVELS } from './ring-view.ts';
import { CLIENTS_TIMEOUT_S, DRAIN_TIMEOUT_S, SETTLE_S } from './stop-options.ts';

export const JOB_TYPES = ['install', 'configure', 'restart', 'upgrade', 'check'] as const;
export type JobType = (typeof JOB_TYPES)[number];
export const JOB_SCOPES = ['cluster', 'datacenter', 'node'] as const;
export type JobScope = (typeof JOB_SCOPES)[number];
export const ACTION_NAMES = [...JOB_TYPES, 'terminate'] as const;
export type ActionName = (typeof ACTION_NAMES)[number];

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

/** LCM API: `actions/upgrade` is of the second version alone. */
export const isActionOf = (name: ActionName, version: 'v1' | 'v2'): boolean =>
  name !== 'upgrade' || version === 'v2';
/** LCM API: upgrades are for a datacenter or a node. */
export const scopesOf = (type: JobType): readonly JobScope[] =>
  type === 'upgrade' ? ['datacenter', 'node'] : JOB_SCOPES;
/** Jobs that get a version of the product from a repository. */
export const isFetching = (type: JobType): boolean => type === 'install' || type === 'upgrade';

/** Jobs whose runs look, and touch nothing. @param jobData its options, as they were checked */
export const isLookingJob = (type: JobType, jobData: Readonly<Record<string, unknown>>): boolean =>
  type === 'check' || jobData['dry-run'] === true;

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
  description: string;
}

export interface Action {
  name: ActionName;
  description: string;
  parameters: readonly ActionParameter[];
}

const parameter = (
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
  parameter('gate-timeout', 'integer', 'Seconds after which a stop that has to wait meets gate-limit.', {
    default: GATE_TIMEOUT_S,
    minimum: 1,
    maximum: 2_592_000,
  }),
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
    'Stop nodes whatever is lost by it. Each time the gate is overruled an error event says so.',
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

const target = (type: JobType): ActionParameter[] => [
  parameter('job-type', 'string', 'The action itself; may be left out.', {
    default: type,
    'allowed-values': [type],
  }),
  parameter('job-scope', 'string', 'What resource-id names.', {
    required: true,
    nullable: false,
    'allowed-values': scopesOf(type),
  }),
  parameter(
    'resource-id',
    'uuid',
    `The ${new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(scopesOf(type))} to work on.`,
    {
      required: true,
      nullable: false,
    },
  ),
];

const idleTimeout = parameter(
  'idle-timeout',
  'integer',
  'Seconds of silence after which the job shows IDLE; the setting of the job type unless given.',
  { minimum: 1, maximum: 86_400 },
);
const description = parameter('description', 'string', 'A verbal description of the job.');

const common: ActionParameter[] = [
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
    {
      default: false,
    },
  ),
  parameter(
    'hold-on-error',
    'boolean',
    'After a node has failed start no other until the job is resumed (it goes on with the remaining nodes) or terminated.',
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

const onlyStale = parameter(
  'only-stale',
  'boolean',
  'Stop only nodes that run with something else than what is there: a configuration file, or the installed version, changed after they were started, or by this job. Those that are down are started, the others left running.',
  { default: false },
);

const defaultPassword = (description: string): ActionParameter =>
  parameter('change-default-cassandra-password', 'string', description, { secret: true });

/** Every action by name (seed, "Install" to "Terminate"; LCM API 6.8, upgrade). */
export const ACTIONS: Readonly<Record<ActionName, Action>> = {
  install: {
    name: 'install',
    description:
      'Installs and configures DSE or Cassandra on a set of nodes. It is safe to re-run install on a node.',
    parameters: [
      ...target('install'),
      parameter(
        'auto-bootstrap',
        'boolean',
        "Overrides each node's auto-bootstrap; left to the node unless given.",
      ),
      ...common,
      defaultPassword('New password of the role cassandra, set once the last node is up.'),
    ],
  },
  configure: {
    name: 'configure',
    description: 'Pushes the current configuration to the nodes and restarts them.',
    parameters: [
      ...target('configure'),
      onlyStale,
      ...common,
      defaultPassword('Accepted and ignored, as the original does.'),
    ],
  },
  restart: {
    name: 'restart',
    description: 'Does a rolling restart of the nodes specified.',
    parameters: [...target('restart'), onlyStale, ...common],
  },
  upgrade: {
    name: 'upgrade',
    description:
      'Brings nodes to the version that their config profile says, one node at a time, and pushes the current configuration to those that change: a later patch version of the series that they have, or 5.0 of Cassandra 4.1. Once a node was started with another series, going back is not supported but by restoring a snapshot.',
    parameters: [
      ...target('upgrade'),
      parameter(
        'take-snapshot',
        'boolean',
        'Take a snapshot of all tables of a node before it is stopped; a node that cannot take one fails, and is not stopped. Unless given, one is taken where the series changes, and none where only the patch version does.',
      ),
      parameter(
        'upgrade-sstables',
        'boolean',
        'Rewrite sstables of earlier formats, node by node, as the last step of each: the next node waits for that. Where there is much data, upgrade all nodes without it, and then ask for the same upgrade again with it: nodes that have the version are not stopped.',
        { default: false },
      ),
      ...common,
    ],
  },
  check: {
    name: 'check',
    description:
      'Looks at nodes and touches nothing: what an install or upgrade would bring, which configuration files differ from what the model says, and whether a node runs with what is there. All nodes are looked at, also after one has failed.',
    parameters: [...target('check'), idleTimeout, description],
  },
  terminate: {
    name: 'terminate',
    description: 'Ends a job that is pending or running.',
    parameters: [parameter('job-id', 'uuid', 'The job to end.', { required: true, nullable: false })],
  },
};
