// The actions and their parameters, once: read by validation, GET actions/, OpenAPI, CLI and UI.
import {
  type ActionParameter,
  common,
  defaultPassword,
  description,
  idleTimeout,
  onlyStale,
  parameter,
  revertOnFailure,
} from './job-options.ts';

export const JOB_TYPES = ['install', 'configure', 'restart', 'upgrade', 'check'] as const;
export type JobType = (typeof JOB_TYPES)[number];
export const JOB_SCOPES = ['cluster', 'datacenter', 'node'] as const;
export type JobScope = (typeof JOB_SCOPES)[number];
export const ACTION_NAMES = [...JOB_TYPES, 'terminate'] as const;
export type ActionName = (typeof ACTION_NAMES)[number];

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

export interface Action {
  name: ActionName;
  description: string;
  parameters: readonly ActionParameter[];
}

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
        { original: true },
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
      revertOnFailure,
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
