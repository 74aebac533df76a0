// The model resources and their fields, once: read by validation, storage and views (LCM API, repository to node; windows and schedules).
import { JOB_SCOPES, JOB_TYPES } from './actions.ts';
import { address, flag, line, type ModelField, moment, off, port, ref, text } from './model-field.ts';

export interface Model {
  /** path segment and table: `machine_credentials`, `machine_credential` */
  path: string;
  table:
    | 'repository'
    | 'machine_credential'
    | 'config_profile'
    | 'cluster'
    | 'datacenter'
    | 'node'
    | 'maintenance_window'
    | 'job_schedule';
  /** the `type` of its records */
  type: string;
  fields: readonly ModelField[];
}

/** Of the original's clients, which send it. */
const UNUSED = 'kept for clients that send it; nothing depends on it';
const INHERITED = 'that of the datacenter or the cluster where it is empty';

const name = text('name', 'what it is called', { required: true, format: 'name' });
const convergedOn = moment('converged-on', '', { readOnly: true });
const comment = text('comment', 'for people');
const rollUp: ModelField[] = [
  text('job-status', '', { readOnly: true }),
  ref('last-job-id', '', { readOnly: true }),
];

export const MODELS: readonly Model[] = [
  {
    path: 'repositories',
    table: 'repository',
    type: 'repository',
    fields: [
      name,
      text('repo-key-url', "where the repository's signing key is; its vendor's where it is empty", {
        format: 'url',
      }),
      text(
        'repo-url',
        "where packages are, or one tarball (.tar.gz); the vendor's packages where it is empty",
        {
          format: 'url',
        },
      ),
      line('username', 'for HTTP basic authentication'),
      text('password', 'for HTTP basic authentication', { secret: true, format: 'line' }),
      off('use-proxy', UNUSED),
      text('deb-dist', 'distribution of an apt repository', { format: 'apt-words', default: 'stable' }),
      text('deb-components', 'components of an apt repository', { format: 'apt-words', default: 'main' }),
      off('manual-repository-setup', 'the hosts have their repository already: none is written there'),
      comment,
    ],
  },
  {
    path: 'machine_credentials',
    table: 'machine_credential',
    type: 'machine-credential',
    fields: [
      name,
      line('login-name', 'who logs in by SSH', { aliases: ['login-user'] }),
      text('login-password', 'password of the login', { secret: true }),
      text('ssh-private-key', 'private key of the login: OpenSSH, PEM or PKCS #8', {
        secret: true,
        format: 'private-key',
      }),
      text('ssh-unlock', 'passphrase of the private key', { secret: true }),
      text('become-mode', 'how the login becomes root', {
        allowed: ['sudo', 'su', 'direct'],
        default: 'direct',
      }),
      line('become-user', 'who the login becomes; root where it is empty'),
      text('become-password', 'what sudo or su asks for', { secret: true }),
      flag('use-ssh-keys', UNUSED, { original: true }),
      comment,
    ],
  },
  {
    path: 'config_profiles',
    table: 'config_profile',
    type: 'config-profile',
    fields: [
      name,
      text('product', 'what the nodes run', { allowed: ['dse', 'cassandra'], default: 'dse' }),
      text('datastax-version', 'version of the product', { required: true, format: 'version' }),
      line('agent-version', UNUSED),
      text('config-path', UNUSED, { format: 'directory' }),
      {
        name: 'json',
        what: 'settings by file; definitions/{version}/ tells which there are',
        type: 'object',
        default: {},
        holdsSecrets: true,
      },
      comment,
    ],
  },
  {
    path: 'clusters',
    table: 'cluster',
    type: 'cluster',
    fields: [
      { ...name, fixed: 'always' },
      ref('repository-id', 'where its software comes from'),
      ref('machine-credential-id', 'how its hosts are reached by SSH'),
      ref('config-profile-id', 'product, version and settings of its nodes'),
      port('ssh-management-port', 'where its hosts listen for SSH', { default: 22 }),
      flag('managed', UNUSED, { default: true, original: true }),
      text('opsc-cluster-id', '', { readOnly: true }),
      flag('has-default-password', '', { readOnly: true }),
      text('old-password', 'present password of the database user cassandra', { secret: true }),
      text('new-password', 'password that an install gives the database user cassandra', { secret: true }),
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
      ref('cluster-id', 'the cluster it lies in', { required: true, fixed: 'always' }),
      ref('machine-credential-id', 'how its hosts are reached by SSH; that of the cluster where it is empty'),
      ref(
        'config-profile-id',
        'product, version and settings of its nodes; that of the cluster where it is empty',
      ),
      port('ssh-management-port', 'where its hosts listen for SSH; that of the cluster where it is empty'),
      convergedOn,
      off('graph-enabled', 'its nodes of DSE run Graph'),
      off('solr-enabled', 'its nodes of DSE run Search'),
      off('spark-enabled', 'its nodes of DSE run Analytics'),
      off('hadoop-enabled', UNUSED),
      ...rollUp,
      comment,
    ],
  },
  {
    path: 'nodes',
    table: 'node',
    type: 'node',
    fields: [
      text('name', 'what it is called', { format: 'name', like: 'ssh-management-address' }),
      ref('datacenter-id', 'the datacenter it lies in', { required: true, fixed: 'always' }),
      address('ssh-management-address', 'where the host is reached', { required: true }),
      port('ssh-management-port', `where the host listens for SSH; ${INHERITED}`),
      text('ssh-host-key', "the host's key; that of the first connection is kept where it is empty", {
        format: 'key-fingerprint',
      }),
      text('accepted-host-key', '', { readOnly: true }),
      address('listen-address', 'where other nodes reach it; its ssh-management-address where it is empty'),
      address('broadcast-address', 'what it tells other nodes to use; its listen-address where it is empty'),
      text('native-transport-address', 'where it listens for clients; its listen-address where it is empty', {
        format: 'listen-address',
        v1: 'rpc-address',
        aliases: ['rpc-address'],
      }),
      address('native-transport-broadcast-address', 'what it tells clients to use', {
        v1: 'broadcast-rpc-address',
        aliases: ['broadcast-rpc-address'],
      }),
      ref('machine-credential-id', `how the host is reached by SSH; ${INHERITED}`),
      ref('config-profile-id', `product, version and settings; ${INHERITED}`),
      text('initial-token', 'its tokens; chosen by the database where it is empty', { format: 'tokens' }),
      { name: 'facts', what: '', type: 'object', readOnly: true },
      off(
        'seed',
        'new nodes ask it for the ring; of a cluster that marks none, the oldest of each datacenter',
      ),
      flag('auto-bootstrap', 'take over its share of the data when it first starts', { original: true }),
      text('rack', 'the rack it stands in', { format: 'place', default: 'rack1', fixed: 'once-converged' }),
      convergedOn,
      ...rollUp,
      comment,
    ],
  },
  {
    path: 'maintenance_windows',
    table: 'maintenance_window',
    type: 'maintenance-window',
    fields: [
      name,
      ref('cluster-id', 'the cluster it is of', { required: true, fixed: 'always' }),
      text(
        'kind',
        'a window, outside of which no node is stopped or started, or a freeze, in which none is',
        {
          allowed: ['window', 'freeze'],
          default: 'window',
        },
      ),
      text('cron', 'when it begins, again and again', { format: 'cron' }),
      {
        name: 'duration',
        what: 'minutes for which it lasts each time',
        type: 'integer',
        minimum: 1,
        maximum: 43_200,
      },
      text('time-zone', 'whose clock the cron expression goes by', { format: 'time-zone', default: 'UTC' }),
      moment('from', 'when a freeze begins that comes once, in place of cron and duration', {
        format: 'moment',
      }),
      moment('until', 'when that freeze ends; once it is changed or deleted where this is empty', {
        format: 'moment',
      }),
      flag('open', '', { readOnly: true, derived: true }),
      moment('next-open-on', '', { readOnly: true, derived: true }),
      moment('next-close-on', '', { readOnly: true, derived: true }),
      comment,
    ],
  },
  {
    path: 'job_schedules',
    table: 'job_schedule',
    type: 'job-schedule',
    fields: [
      name,
      ref('cluster-id', 'the cluster it is of', { required: true, fixed: 'always' }),
      text('job-type', 'what its jobs do', { required: true, allowed: JOB_TYPES }),
      text('job-scope', 'what resource-id names', { allowed: JOB_SCOPES, default: 'cluster' }),
      ref('resource-id', 'the datacenter or node to work on; the whole cluster where it is empty'),
      {
        name: 'options',
        what: 'further parameters of actions/{job-type}, but for secrets',
        type: 'object',
        default: {},
      },
      text('cron', 'when it makes a job, again and again', { format: 'cron' }),
      text('time-zone', 'whose clock the cron expression goes by', { format: 'time-zone', default: 'UTC' }),
      moment('at', 'when it makes a job once, in place of cron', { format: 'moment' }),
      flag('enabled', 'it makes jobs', { default: true }),
      moment('next-on', '', { readOnly: true }),
      moment('last-on', '', { readOnly: true }),
      ref('last-job-id', '', { readOnly: true }),
      text('last-problem', '', { readOnly: true }),
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
