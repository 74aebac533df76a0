// The model tables by one set of statements: made, read, changed; secrets sealed on the way in.
import { randomUUID } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import { Conflict, InvalidInput, NotFound, pointerTo } from '../../shared/errors.ts';
import type { ModelField } from '../../shared/model-field.ts';
import { type Model, secretFields, settingsField } from '../../shared/models.ts';
import type { SealBox } from '../security/seal.ts';
import { BEAT_LOST_AFTER_S } from './beats.ts';
import { NOW_MS } from './clock.ts';
import { constraintOf, type Executor, isForeignKeyViolation, isUniqueViolation } from './database.ts';
import { nearest } from './nearest.ts';
import { refuseSharedAddress } from './node-addresses.ts';
import { TAKEOVERS_WITHIN_S } from './presence.ts';
import { sealedSettings, secretsPlace } from './profile-secrets.ts';
import { ROLL_UPS } from './roll-ups.ts';
import { refuseStrayTarget } from './schedules.ts';
import { IS_SEED } from './seeds.ts';
import { whole } from './transactions.ts';
import type { Shape } from './walks.ts';

/** Columns by name; timestamps as ISO text, secrets absent, masked in settings. `sealed_secrets` is read of single records alone. */
export type ModelRow = Record<string, unknown> & { id: string; sealed_secrets?: Buffer | null };
/** Fields of the API by their own names, validated; settings with their secrets. */
export type ModelValues = Record<string, unknown>;

/** Who writes, and with what secrets are sealed. */
export interface Writer {
  box: SealBox;
  /** the account; null while authentication is off */
  by: string | null;
}

/** Where who writes is kept: what makes jobs by itself has nobody else to name. */
const namesWriters = ({ table }: Model): boolean => table === 'job_schedule';

export const columnOf = (field: ModelField): string =>
  `${field.secret ? 'sealed_' : ''}${field.name.replaceAll('-', '_')}`;

const ISO = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;
const isoColumn = (value: string, column: string) =>
  sql.raw(`to_char(${value} at time zone 'utc', ${ISO}) as ${column}`);

// As fresh as the node that was given its configuration first; nothing while one node was given none.
const DATACENTER_CONVERGED_ON = `(select n.converged_on from node n where n.datacenter_id = m.id
  order by n.converged_on nulls first limit 1)`;

// A stream whose coordinator no longer beats is no stream. Last seen: when it was lost, or how far its coordinator vouches for it.
const AGENT = `(select json_build_object('connected', a.session_id is not null and c.id is not null, 'version', a.version,
    'last-seen', to_char(coalesce(a.disconnected_on, k.beat_on, a.connected_on) at time zone 'utc', ${ISO}),
    'contested-by', case when a.contested_on > now() - make_interval(secs => ${TAKEOVERS_WITHIN_S})
      then json_build_array(a.former_host, format('%s (%s)', a.hostname, a.address)) end)
  from (select m.id) this left join agent a on a.node_id = this.id left join coordinator k on k.id = a.coordinator_id
  left join coordinator c on c.id = k.id and c.beat_on > now() - make_interval(secs => ${BEAT_LOST_AFTER_S})) as agent`;

// What rows carry beside their fields. `converged`: some database node was started with what the record says.
const BESIDE: Partial<Record<Model['table'], readonly string[]>> = {
  cluster: [
    `(select coalesce(json_agg(json_build_object('id', d.id, 'name', d.name) order by d.name), '[]')
      from datacenter d where d.cluster_id = m.id) as datacenters`,
  ],
  datacenter: [
    '(select max(n.converged_on) is not null from node n where n.datacenter_id = m.id) as converged',
  ],
  node: [
    'm.converged_on is not null as converged',
    `(select json_build_object('config-profile-id', ${nearest('config_profile_id')},
        'machine-credential-id', ${nearest('machine_credential_id')}, 'ssh-management-port', ${nearest('ssh_management_port')}, 'seed', ${IS_SEED})
      from node n join datacenter d on d.id = n.datacenter_id join cluster cl on cl.id = d.cluster_id where n.id = m.id) as effective`,
    AGENT,
  ],
  maintenance_window: [`${NOW_MS} as now_ms`],
  job_schedule: [`${NOW_MS} as now_ms`, 'm.created_by', 'm.modified_by'],
};

/** Which secrets are stored: their fields, in the model's order. */
const secretsSet = (secrets: readonly ModelField[]): string =>
  `array_remove(array[${secrets.map((field) => `case when m.${columnOf(field)} is not null then '${field.name}' end`).join(', ')}], null) as secrets_set`;

/** Over a row `m` of the model's table. */
export function modelShape(model: Model): Shape {
  const parts: RawBuilder<unknown>[] = [
    sql.raw('m.id'),
    isoColumn('m.created_on', 'created_on'),
    isoColumn('m.modified_on', 'modified_on'),
  ];
  const rollUp = ROLL_UPS[model.table];
  for (const field of model.fields) {
    const column = columnOf(field);
    if (field.secret || field.derived) continue;
    if (field.name === 'job-status') parts.push(sql.raw('roll_up.status as job_status'));
    else if (rollUp !== undefined && field.name === 'last-job-id')
      parts.push(sql.raw('roll_up.id as last_job_id'));
    else if (model.table === 'datacenter' && field.name === 'converged-on')
      parts.push(isoColumn(DATACENTER_CONVERGED_ON, column));
    else if (field.type === 'timestamp') parts.push(isoColumn(`m.${column}`, column));
    else parts.push(sql.raw(`m.${column}`));
  }
  const secrets = secretFields(model);
  if (secrets.length > 0) parts.push(sql.raw(secretsSet(secrets)));
  parts.push(...(BESIDE[model.table] ?? []).map((column) => sql.raw(column)));
  const joined = rollUp === undefined ? '' : ` left join lateral ${rollUp} roll_up on true`;
  return { columns: sql.join(parts), joins: sql.raw(joined) };
}

/** @param before what is sealed of the record's settings so far */
function assignments(
  model: Model,
  id: string,
  values: ModelValues,
  box: SealBox,
  before: Buffer | null = null,
): { column: string; value: unknown }[] {
  return model.fields
    .filter((field) => field.name in values)
    .flatMap((field) => {
      const column = columnOf(field);
      const value = values[field.name];
      if (field.secret && typeof value === 'string')
        return [{ column, value: box.seal(value, { table: model.table, id, column }) }];
      if (field.holdsSecrets) {
        const place = secretsPlace('config_profile', id);
        const { shown, sealed } = sealedSettings(box, value, place, before);
        return [
          { column, value: JSON.stringify(shown) },
          { column: place.column, value: sealed },
        ];
      }
      return [{ column, value: field.type === 'object' && value !== null ? JSON.stringify(value) : value }];
    });
}

/** What a constraint of the table refused, in the words of the field. */
function asRefusal(model: Model, values: ModelValues, error: unknown): unknown {
  if (isUniqueViolation(error)) {
    const message = `There is already a ${model.type} named ${JSON.stringify(values['name'])}`;
    return new Conflict(message, [{ pointer: '/name', message: 'is taken' }], error);
  }
  const field = model.fields.find(
    (candidate) => constraintOf(error) === `${model.table}_${columnOf(candidate)}_fkey`,
  );
  if (!isForeignKeyViolation(error) || field === undefined) return error;
  const message = `names no ${field.name.replace(/-id$/, '')} that is there`;
  return new InvalidInput(
    `The ${model.type} is not valid`,
    [{ pointer: pointerTo(field.name), message }],
    error,
  );
}

/** @returns the new row @throws Conflict for a name that is taken, InvalidInput for a reference to nothing */
export async function insertModel(
  db: Executor,
  model: Model,
  values: ModelValues,
  { box, by }: Writer,
): Promise<ModelRow> {
  const id = randomUUID();
  const writer = ['created_by', 'modified_by'].map((column) => ({ column, value: by }));
  const given = [...assignments(model, id, values, box), ...(namesWriters(model) ? writer : [])];
  const columns = ['id', ...given.map(({ column }) => column)];
  return await whole(db, async (trx) => {
    await sql`insert into ${sql.table(model.table)} (${sql.join(columns.map((column) => sql.ref(column)))})
    values (${sql.join([id, ...given.map(({ value }) => value)])})`
      .execute(trx)
      .catch((error: unknown) => {
        throw asRefusal(model, values, error);
      });
    if (model.table === 'node') await refuseSharedAddress(trx, id);
    if (model.table === 'job_schedule') await refuseStrayTarget(trx, id);
    return await readModel(trx, model, id); // before anybody else can have deleted it
  });
}

/**
 * Changes a record while nobody else can; `modified_on` moves only when something is different then.
 * @param decide what to set, from the record as it stands
 * @throws NotFound, Conflict, InvalidInput, and what `decide` throws: then nothing is changed
 */
export async function updateModel(
  db: Executor,
  model: Model,
  id: string,
  decide: (before: ModelRow) => ModelValues,
  { box, by }: Writer,
): Promise<ModelRow> {
  return await whole(db, async (trx) => {
    const locked =
      await sql`select 1 from ${sql.table(model.table)} where id = ${id} for no key update`.execute(trx);
    if (locked.rows.length === 0) throw new NotFound(model.type, id);
    const before = await readModel(trx, model, id);
    const values = decide(before);
    const given = assignments(model, id, values, box, before.sealed_secrets);
    if (given.length > 0) {
      const sets = given.map(({ column, value }) => sql`${sql.ref(column)} = ${value}`);
      const differs = given.map(({ column, value }) => sql`${sql.ref(column)} is distinct from ${value}`);
      const writer = namesWriters(model) ? [sql`modified_by = ${by}`] : [];
      await sql`update ${sql.table(model.table)} set ${sql.join([...sets, ...writer, sql`modified_on = now()`])}
        where id = ${id} and (${sql.join(differs, sql` or `)})`
        .execute(trx)
        .catch((error: unknown) => {
          throw asRefusal(model, values, error);
        });
      // Only what is changed is looked at: a comment may be given to a node whose address was taken twice before that was refused.
      if (model.table === 'node' && Object.keys(values).some((name) => name.endsWith('-address')))
        await refuseSharedAddress(trx, id);
    }
    const after = await readModel(trx, model, id);
    // Or to a schedule whose node is gone, also by whoever sends back all of it.
    if (
      model.table === 'job_schedule' &&
      (after['resource_id'] !== before['resource_id'] || after['job_scope'] !== before['job_scope'])
    )
      await refuseStrayTarget(trx, id);
    return after;
  });
}

/** Changes whenever something is stored that callers give, secrets too; what the product tells of itself has no part in it. */
const storedVersion = (model: Model): RawBuilder<unknown> => {
  const columns = model.fields.filter(({ readOnly }) => !readOnly).map((field) => `m.${columnOf(field)}`);
  if (settingsField(model) !== undefined) columns.push('m.sealed_secrets');
  return sql.raw(`md5(row(m.modified_on, ${columns.join(', ')})::text) as stored`);
};

/** With `stored`, the version of what callers have stored, and with what is sealed of its settings. @throws NotFound */
export async function readModel(db: Executor, model: Model, id: string): Promise<ModelRow> {
  const { columns, joins } = modelShape(model);
  const sealed = sql.raw(settingsField(model) === undefined ? '' : ', m.sealed_secrets');
  const rows =
    await sql<ModelRow>`select ${columns}, ${storedVersion(model)}${sealed} from ${sql.table(model.table)} m ${joins}
    where m.id = ${id}`.execute(db);
  const row = rows.rows[0];
  if (row === undefined) throw new NotFound(model.type, id);
  return row;
}

/** The names of all records of a kind that begin like that. */
export async function namesBeginning(db: Executor, model: Model, beginning: string): Promise<string[]> {
  const found = await sql<{
    name: string;
  }>`select name from ${sql.table(model.table)} where starts_with(name, ${beginning})`.execute(db);
  return found.rows.map(({ name }) => name);
}
