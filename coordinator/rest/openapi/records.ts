// The answers of the API as schemas: the fields of every record in each of its forms, in the words of the wire.
import { z } from 'zod';
import { ACTION_NAMES, JOB_TYPES } from '../../../shared/actions.ts';
import { EVENT_TYPES } from '../../../shared/events.ts';
import type { ModelField } from '../../../shared/model-field.ts';
import { type Model, secretFields } from '../../../shared/models.ts';
import { SETTING_NAMES } from '../../../shared/settings.ts';
import { JOB_STATUSES } from '../../../shared/status.ts';

const uuid = z.string().meta({ format: 'uuid' });
const time = z.string().meta({ format: 'date-time' });
const link = z.string().meta({ format: 'uri' });
const anyObject = z.record(z.string(), z.unknown());
export const links = z.record(z.string(), link);
const status = z.enum(JOB_STATUSES);
const count = z.int().min(0);

const made = { 'created-on': time, 'created-by': z.string() };
const changed = { 'modified-on': time, 'modified-by': z.string() };
const linked = { href: link, 'related-resources': links };

const jobFields = {
  id: uuid,
  type: z.literal('job'),
  'job-type': z.enum(JOB_TYPES),
  status,
  'cluster-id': uuid,
  'cluster-name': z.string(),
  'datacenter-id': uuid.nullable(),
  'datacenter-name': z.string().nullable(),
  'node-id': uuid.nullable(),
  'node-name': z.string().nullable(),
  description: z.string().nullable(),
  'dry-run': z.boolean(),
  'created-on': time,
  'modified-on': time,
};
const jobOptions = {
  'job-data': anyObject.meta({
    description: 'The options as they were given; a secret is masked but in the answer to the POST itself.',
  }),
  'created-by': z.string(),
  'modified-by': z.string(),
};
// Beyond the original: its printed examples lack them, so they are not required.
const jobProgress = {
  'waiting-for': z
    .strictObject({ kind: z.string(), ids: z.array(uuid), since: time, what: z.string() })
    .nullable()
    .meta({ description: 'Why the job does not move, and what would end that.' })
    .optional(),
  'started-on': time.nullable().optional(),
  'ended-on': time.nullable().optional(),
  'terminate-requested-on': time
    .nullable()
    .meta({ description: 'When its end was first asked for; null while nobody has.' })
    .optional(),
  'paused-on': time
    .nullable()
    .meta({ description: 'Since when it starts and stops no node; null while it is not paused.' })
    .optional(),
  'retry-of': uuid
    .nullable()
    .meta({ description: 'The job of which it works on the nodes that were not COMPLETE.' })
    .optional(),
  'schedule-id': uuid
    .nullable()
    .meta({ description: 'The schedule that made it; null where a caller did.' })
    .optional(),
  'asked-by': z
    .string()
    .nullable()
    .meta({
      description:
        'The account, or the schedule by the name that it had, that asked for it; null while authentication is off.',
    })
    .optional(),
  'node-counts': z
    .record(z.string(), count)
    .meta({ description: 'How many of its nodes are in which status.' })
    .optional(),
};

export const jobCreated = z.strictObject({ ...jobFields, ...jobOptions });
export const jobListed = z.strictObject({ ...jobFields, ...linked, ...jobProgress });
export const job = z.strictObject({
  ...jobFields,
  ...linked,
  ...jobProgress,
  ...jobOptions,
  'event-count': count.optional(),
  'events-complete': z.boolean().optional(),
  'expected-end-on': time
    .nullable()
    .meta({
      description:
        'When it is expected to be over, at the pace of its nodes so far; null once it is, and while it waits for what has no time of its own.',
    })
    .optional(),
});

const jobNodeFields = {
  id: uuid,
  type: z.literal('job-node'),
  'job-id': uuid,
  'node-id': uuid,
  'node-name': z.string(),
  'datacenter-name': z.string(),
  batch: count.optional(),
  status,
  progress: z
    .strictObject({ step: z.string(), 'step-number': count, 'step-count': count })
    .nullable()
    .optional(),
  'retried-on': time.nullable().optional(),
  'created-on': time,
  'modified-on': time,
  ...linked,
};
export const jobNodeListed = z.strictObject(jobNodeFields);
export const jobNode = z.strictObject({
  ...jobNodeFields,
  'created-by': z.string(),
  'modified-by': z.string(),
});

const jobEventFields = {
  id: uuid,
  type: z.literal('job-event'),
  'job-id': uuid,
  'node-id': uuid.nullable(),
  'event-type': z.enum(EVENT_TYPES),
  'event-subtype': z.string(),
  message: z.string(),
  'created-on': time,
  ...linked,
};
export const jobEventListed = z.strictObject(jobEventFields);
export const jobEvent = z.strictObject({
  ...jobEventFields,
  'event-resource': z.string().nullable(),
  changes: z.boolean(),
  before: anyObject,
  after: anyObject,
  traceback: z.string().nullable(),
  'created-by': z.string(),
});

export const action = z.strictObject({
  name: z.enum(ACTION_NAMES),
  type: z.literal('action'),
  description: z.string(),
  href: link,
  parameters: z.array(
    z.strictObject({
      name: z.string(),
      type: z.enum(['string', 'boolean', 'integer', 'uuid']),
      required: z.boolean(),
      nullable: z.boolean(),
      default: z.union([z.string(), z.number(), z.boolean()]).nullable(),
      'allowed-values': z.array(z.string()).nullable(),
      minimum: z.int().nullable(),
      maximum: z.int().nullable(),
      secret: z.boolean(),
      description: z.string(),
    }),
  ),
});

export type Version = 'v1' | 'v2';

function shownField(field: ModelField): z.ZodType {
  if (field.name === 'job-status') return status.nullable();
  const types: Record<ModelField['type'], z.ZodType> = {
    boolean: z.boolean(),
    integer: z.int(),
    uuid,
    object: anyObject,
    timestamp: time,
    string: field.allowed === undefined ? z.string() : z.enum(field.allowed),
  };
  const schema = types[field.type];
  const always = field.required === true || field.default !== undefined || field.like !== undefined;
  return always ? schema : schema.nullable();
}

const nodeExtras = {
  effective: z
    .strictObject({
      'config-profile-id': uuid.nullable(),
      'machine-credential-id': uuid.nullable(),
      'ssh-management-port': z.int().nullable(),
      seed: z.boolean(),
    })
    .meta({ description: 'What the nearest of node, datacenter and cluster gives.' }),
  agent: z.strictObject({
    connected: z.boolean(),
    version: z.string().nullable(),
    'last-seen': time.nullable(),
    'contested-by': z.array(z.string()).nullable().meta({
      description: 'The hosts whose agents have one identity and take turns as this node; else null.',
    }),
  }),
};

const clusterExtras = {
  datacenter: z
    .array(z.strictObject({ id: uuid, name: z.string(), href: link }))
    .meta({ description: 'Its datacenters.' }),
};

function secretExtras(model: Model): Record<string, z.ZodType> {
  const names = secretFields(model).map(({ name }) => name);
  if (names.length === 0) return {};
  const set = z
    .array(z.enum(names))
    .meta({ description: 'The fields whose secrets are stored; none is ever shown.' });
  return { 'secrets-set': set };
}

/** A record of the model as this version shows it: without secrets. */
export function modelRecord(model: Model, version: Version): z.ZodObject {
  const shown = model.fields.filter(
    ({ secret, name }) => secret !== true && !(version === 'v2' && name === 'has-default-password'),
  );
  const fields = shown.map((field) => [
    version === 'v1' ? (field.v1 ?? field.name) : field.name,
    shownField(field),
  ]);
  return z.strictObject({
    id: uuid,
    type: z.literal(model.type),
    ...Object.fromEntries(fields),
    ...secretExtras(model),
    ...(model.table === 'node' ? nodeExtras : {}),
    ...(model.table === 'cluster' && version === 'v2' ? clusterExtras : {}),
    ...made,
    ...changed,
    ...linked,
  });
}

export const deleted = z.strictObject({ id: uuid, type: z.string(), deleted: z.literal(true) });
export const enrolment = z.strictObject({
  bundle: z.string().meta({ description: 'What the agent is started with; a secret, good once.' }),
  'expires-on': time,
});
export const settings = z.strictObject(
  Object.fromEntries(SETTING_NAMES.map((name) => [name, z.int().meta({ description: 'In seconds.' })])),
);

/** The seed's paginated envelope. */
export const pageOfRecords = (item: z.ZodType) =>
  z.strictObject({
    next: link.nullable(),
    previous: link.nullable(),
    last: z.int().min(1),
    count,
    'per-page': z.int().min(1),
    current: z.int().min(1),
    'count-capped': z
      .literal(true)
      .optional()
      .meta({ description: 'There are at least as many as `count` says.' }),
    results: z.array(item),
  });

const problems = z.array(z.strictObject({ pointer: z.string(), message: z.string() }));
export const errorBody = z.strictObject({
  code: z.int().meta({ description: 'The HTTP status.' }),
  type: z.string(),
  message: z.string(),
  msg: z.string().meta({ description: 'The same as message, for clients of version 1.' }),
  errors: problems.meta({ description: 'The fields at fault, by JSON pointer.' }),
});
export const problem = z.strictObject({
  type: z.string().meta({ format: 'uri' }),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: problems,
});

export const sessionOpened = z.strictObject({ sessionid: z.string() });
export const nothing = z.strictObject({});
export const meta = z.strictObject({
  version: z.string(),
  product: z.literal('ringmaster'),
  user: z.string().nullable(),
});
export const alive = z.strictObject({ live: z.literal(true) });
export const ready = z.strictObject({ ready: z.boolean(), database: z.enum(['answers', 'full', 'away']) });
