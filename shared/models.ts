// The six model resources and their fields, once: read by validation, storage and views (LCM API, repository to node).

export interface ModelField {
  /** the API's word; the column is the same in snake_case (secrets: sealed_ in front) */
  name: string;
  type: 'string' | 'boolean' | 'integer' | 'uuid' | 'object' | 'timestamp';
  required?: boolean;
  /** never returned, sealed in the database */
  secret?: boolean;
  /** told by the product, ignored in bodies */
  readOnly?: boolean;
  /** may not change after creation */
  fixed?: boolean;
  minimum?: number;
  maximum?: number;
  allowed?: readonly string[];
  /** other words that real clients send for it */
  aliases?: readonly string[];
  /** what v1 of the API calls it, when it has another word there */
  v1?: string;
}

export interface Model {
  /** path segment and table: `machine_credentials`, `machine_credential` */
  path: string;
  table: 'repository' | 'machine_credential' | 'config_profile' | 'cluster' | 'datacenter' | 'node';
  /** the `type` of its records */
  type: string;
  fields: readonly ModelField[];
}

const text = (name: string, rest: Partial<ModelField> = {}): ModelField => ({
  name,
  type: 'string',
  ...rest,
});
const flag = (name: string): ModelField => ({ name, type: 'boolean' });
const port = (name: string): ModelField => ({ name, type: 'integer', minimum: 1, maximum: 65_535 });
const ref = (name: string, rest: Partial<ModelField> = {}): ModelField => ({ name, type: 'uuid', ...rest });
const name = text('name', { required: true });
const comment = text('comment');
const rollUp: ModelField[] = [text('job-status', { readOnly: true }), ref('last-job-id', { readOnly: true })];

export const MODELS: readonly Model[] = [
  {
    path: 'repositories',
    table: 'repository',
    type: 'repository',
    fields: [
      name,
      text('repo-key-url'),
      text('repo-url'),
      text('username'),
      text('password', { secret: true }),
      flag('use-proxy'),
      text('deb-dist'),
      text('deb-components'),
      flag('manual-repository-setup'),
      comment,
    ],
  },
  {
    path: 'machine_credentials',
    table: 'machine_credential',
    type: 'machine-credential',
    fields: [
      name,
      text('login-name', { aliases: ['login-user'] }),
      text('login-password', { secret: true }),
      text('ssh-private-key', { secret: true }),
      text('ssh-unlock', { secret: true }),
      text('become-mode', { allowed: ['sudo', 'su', 'direct'] }),
      text('become-user'),
      text('become-password', { secret: true }),
      flag('use-ssh-keys'),
      comment,
    ],
  },
  {
    path: 'config_profiles',
    table: 'config_profile',
    type: 'config-profile',
    fields: [
      name,
      text('product', { allowed: ['dse', 'cassandra'] }),
      text('datastax-version', { required: true }),
      text('agent-version'),
      text('config-path'),
      { name: 'json', type: 'object' },
      comment,
    ],
  },
  {
    path: 'clusters',
    table: 'cluster',
    type: 'cluster',
    fields: [
      { ...name, fixed: true },
      ref('repository-id'),
      ref('machine-credential-id'),
      ref('config-profile-id'),
      port('ssh-management-port'),
      flag('managed'),
      text('opsc-cluster-id', { readOnly: true }),
      flag('has-default-password'),
      text('old-password', { secret: true }),
      text('new-password', { secret: true }),
      ...rollUp,
      comment,
    ],
  },
  {
    path: 'datacenters',
    table: 'datacenter',
    type: 'datacenter',
    fields: [
      name,
      ref('cluster-id', { required: true, fixed: true }),
      ref('machine-credential-id'),
      ref('config-profile-id'),
      port('ssh-management-port'),
      { name: 'converged-on', type: 'timestamp', readOnly: true },
      flag('graph-enabled'),
      flag('solr-enabled'),
      flag('spark-enabled'),
      flag('hadoop-enabled'),
      ...rollUp,
      comment,
    ],
  },
  {
    path: 'nodes',
    table: 'node',
    type: 'node',
    fields: [
      name,
      ref('datacenter-id', { required: true, fixed: true }),
      text('ssh-management-address', { required: true }),
      port('ssh-management-port'),
      text('listen-address'),
      text('broadcast-address'),
      text('native-transport-address', { v1: 'rpc-address', aliases: ['rpc-address'] }),
      text('native-transport-broadcast-address', {
        v1: 'broadcast-rpc-address',
        aliases: ['broadcast-rpc-address'],
      }),
      ref('machine-credential-id'),
      ref('config-profile-id'),
      text('initial-token'),
      { name: 'facts', type: 'object' },
      flag('seed'),
      flag('auto-bootstrap'),
      text('rack'),
      { name: 'converged-on', type: 'timestamp', readOnly: true },
      ...rollUp,
      comment,
    ],
  },
];

/** What every record carries besides; known in bodies and ignored there. */
export const BOOKKEEPING = [
  'id',
  'type',
  'href',
  'related-resources',
  'created-on',
  'created-by',
  'modified-on',
  'modified-by',
  'datacenter',
] as const;
