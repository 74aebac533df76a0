// The six model resources and their fields, once: read by validation, storage and views (LCM API, repository to node).
import type { FormatName } from './formats.ts';

export interface ModelField {
  /** the API's word; the column is the same in snake_case (secrets: sealed_ in front) */
  name: string;
  type: 'string' | 'boolean' | 'integer' | 'uuid' | 'object' | 'timestamp';
  required?: boolean;
  /** never returned, sealed in the database */
  secret?: boolean;
  /** secrets among its values are masked where they stand, and sealed beside it (sealed_secrets) */
  holdsSecrets?: true;
  /** told by the product, ignored in bodies */
  readOnly?: boolean;
  /** may not change: never, or not once the database nodes it went to have it, since they would refuse to start */
  fixed?: 'always' | 'once-converged';
  minimum?: number;
  maximum?: number;
  allowed?: readonly string[];
  /** of a string; `text` unless given */
  format?: FormatName;
  /** what null and absence mean; null unless given */
  default?: string | number | boolean | Readonly<Record<string, never>>;
  /** the field whose value a new record takes for this one unless given */
  like?: string;
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
const line = (name: string, rest: Partial<ModelField> = {}): ModelField =>
  text(name, { format: 'line', ...rest });
const address = (name: string, rest: Partial<ModelField> = {}): ModelField =>
  text(name, { format: 'address', ...rest });
const flag = (name: string, rest: Partial<ModelField> = {}): ModelField => ({
  name,
  type: 'boolean',
  ...rest,
});
const off = (name: string): ModelField => flag(name, { default: false });
const port = (name: string, rest: Partial<ModelField> = {}): ModelField => ({
  name,
  type: 'integer',
  minimum: 1,
  maximum: 65_535,
  ...rest,
});
const ref = (name: string, rest: Partial<ModelField> = {}): ModelField => ({ name, type: 'uuid', ...rest });
const name = text('name', { required: true, format: 'name' });
const convergedOn: ModelField = { name: 'converged-on', type: 'timestamp', readOnly: true };
const comment = text('comment');
const rollUp: ModelField[] = [text('job-status', { readOnly: true }), ref('last-job-id', { readOnly: true })];

export const MODELS: readonly Model[] = [
  {
    path: 'repositories',
    table: 'repository',
    type: 'repository',
    fields: [
      name,
      text('repo-key-url', { format: 'url' }),
      text('repo-url', { format: 'url' }),
      line('username'),
      text('password', { secret: true, format: 'line' }),
      off('use-proxy'),
      text('deb-dist', { format: 'apt-words', default: 'stable' }),
      text('deb-components', { format: 'apt-words', default: 'main' }),
      off('manual-repository-setup'),
      comment,
    ],
  },
  {
    path: 'machine_credentials',
    table: 'machine_credential',
    type: 'machine-credential',
    fields: [
      name,
      line('login-name', { aliases: ['login-user'] }),
      text('login-password', { secret: true }),
      text('ssh-private-key', { secret: true }),
      text('ssh-unlock', { secret: true }),
      text('become-mode', { allowed: ['sudo', 'su', 'direct'], default: 'direct' }),
      line('become-user'),
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
      text('product', { allowed: ['dse', 'cassandra'], default: 'dse' }),
      text('datastax-version', { required: true, format: 'version' }),
      line('agent-version'),
      text('config-path', { format: 'directory' }),
      { name: 'json', type: 'object', default: {}, holdsSecrets: true },
      comment,
    ],
  },
  {
    path: 'clusters',
    table: 'cluster',
    type: 'cluster',
    fields: [
      { ...name, fixed: 'always' },
      ref('repository-id'),
      ref('machine-credential-id'),
      ref('config-profile-id'),
      port('ssh-management-port', { default: 22 }),
      flag('managed', { default: true }),
      text('opsc-cluster-id', { readOnly: true }),
      flag('has-default-password', { readOnly: true }),
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
      { ...name, format: 'place', fixed: 'once-converged' },
      ref('cluster-id', { required: true, fixed: 'always' }),
      ref('machine-credential-id'),
      ref('config-profile-id'),
      port('ssh-management-port'),
      convergedOn,
      off('graph-enabled'),
      off('solr-enabled'),
      off('spark-enabled'),
      off('hadoop-enabled'),
      ...rollUp,
      comment,
    ],
  },
  {
    path: 'nodes',
    table: 'node',
    type: 'node',
    fields: [
      text('name', { format: 'name', like: 'ssh-management-address' }),
      ref('datacenter-id', { required: true, fixed: 'always' }),
      address('ssh-management-address', { required: true }),
      port('ssh-management-port'),
      text('ssh-host-key', { format: 'key-fingerprint' }),
      text('accepted-host-key', { readOnly: true }),
      address('listen-address'),
      address('broadcast-address'),
      text('native-transport-address', {
        format: 'listen-address',
        v1: 'rpc-address',
        aliases: ['rpc-address'],
      }),
      address('native-transport-broadcast-address', {
        v1: 'broadcast-rpc-address',
        aliases: ['broadcast-rpc-address'],
      }),
      ref('machine-credential-id'),
      ref('config-profile-id'),
      text('initial-token', { format: 'tokens' }),
      { name: 'facts', type: 'object', readOnly: true },
      off('seed'),
      flag('auto-bootstrap'),
      text('rack', { format: 'place', default: 'rack1', fixed: 'once-converged' }),
      convergedOn,
      ...rollUp,
      comment,
    ],
  },
];

/** By its path segment. */
export const modelOf = (path: string): Model => {
  const model = MODELS.find((candidate) => candidate.path === path);
  if (model === undefined) throw new Error(`no model ${path}`);
  return model;
};

/** Fields that records never show. */
export const secretFields = (model: Model): ModelField[] =>
  model.fields.filter(({ secret }) => secret === true);

/** The field of its records whose settings may hold secrets, if there is one. */
export const settingsField = (model: Model): string | undefined =>
  model.fields.find(({ holdsSecrets }) => holdsSecrets)?.name;

/** What records carry besides; known in bodies and ignored there. */
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
  'effective',
  'agent',
  'secrets-set',
] as const;
