// The six model tables by one set of statements: made, read, changed, deleted; secrets sealed on the way in.
import { randomUUID } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import { Conflict, NotFound } from '../../shared/errors.ts';
import type { Model, ModelField } from '../../shared/models.ts';
import type { SealBox } from '../security/seal.ts';
import type { Database, Executor } from './database.ts';

/** Columns by name; timestamps as ISO text, secrets absent. */
export type ModelRow = Record<string, unknown> & { id: string };
/** Fields of the API by their own names, validated. */
export type ModelValues = Record<string, unknown>;

export const columnOf = (field: ModelField): string =>
  `${field.secret ? 'sealed_' : ''}${field.name.replaceAll('-', '_')}`;

const ISO = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;
const isoColumn = (column: string) => sql.raw(`to_char(m.${column} at time zone 'utc', ${ISO}) as ${column}`);

// What a cluster, datacenter or node shows of its jobs: the newest one that was about it.
const ROLL_UPS: Partial<Record<Model['table'], string>> = {
  cluster: `(select j.status, j.id from job j where j.cluster_id = m.id order by j.number desc limit 1)`,
  datacenter: `(select j.status, j.id from job j where j.cluster_id = m.cluster_id
    and (j.datacenter_id = m.id or j.job_scope = 'cluster') order by j.number desc limit 1)`,
  node: `(select n.status, j.id from job_node n join job j on j.id = n.job_id where n.node_id = m.id order by j.number desc limit 1)`,
};

function selection(model: Model): { columns: RawBuilder<unknown>; from: RawBuilder<unknown> } {
  const parts: RawBuilder<unknown>[] = [sql.raw('m.id'), isoColumn('created_on'), isoColumn('modified_on')];
  const rollUp = ROLL_UPS[model.table];
  for (const field of model.fields) {
    if (field.secret) continue;
    if (field.name === 'job-status') parts.push(sql.raw('roll_up.status as job_status'));
    else if (field.name === 'last-job-id') parts.push(sql.raw('roll_up.id as last_job_id'));
    else if (field.type === 'timestamp') parts.push(isoColumn(columnOf(field)));
    else parts.push(sql.raw(`m.${columnOf(field)}`));
  }
  const joined = rollUp === undefined ? '' : ` left join lateral ${rollUp} roll_up on true`;
  return { columns: sql.join(parts), from: sql.raw(`${model.table} m${joined}`) };
}

function assignments(
  model: Model,
  id: string,
  values: ModelValues,
  box: SealBox,
): { column: string; value: unknown }[] {
  return model.fields
    .filter((field) => field.name in values)
    .map((field) => {
      const column = columnOf(field);
      const value = values[field.name];
      if (field.secret && typeof value === 'string')
        return { column, value: box.seal(value, { table: model.table, id, column }) };
      return { column, value: field.type === 'object' && value !== null ? JSON.stringify(value) : value };
    });
}

/** @returns the id of the new row @throws what asLcmError turns into Conflict for duplicate names and missing references */
export async function insertModel(
  db: Executor,
  model: Model,
  values: ModelValues,
  box: SealBox,
): Promise<string> {
  const id = randomUUID();
  // A null means "the default": the column is left out.
  const given = assignments(model, id, values, box).filter(({ value }) => value !== null);
  const columns = ['id', ...given.map(({ column }) => column)];
  await sql`insert into ${sql.table(model.table)} (${sql.join(columns.map((column) => sql.ref(column)))})
    values (${sql.join([id, ...given.map(({ value }) => value)])})`.execute(db);
  return id;
}

/** Changes only what is given. @throws NotFound */
export async function updateModel(
  db: Executor,
  model: Model,
  id: string,
  values: ModelValues,
  box: SealBox,
): Promise<void> {
  const sets = assignments(model, id, values, box).map(
    ({ column, value }) => sql`${sql.ref(column)} = ${value}`,
  );
  const updated =
    await sql`update ${sql.table(model.table)} set ${sql.join([...sets, sql`modified_on = now()`])} where id = ${id}`.execute(
      db,
    );
  if (updated.numAffectedRows !== 1n) throw new NotFound(model.type, id);
}

/** @throws NotFound */
export async function readModel(db: Executor, model: Model, id: string): Promise<ModelRow> {
  const { columns, from } = selection(model);
  const rows = await sql<ModelRow>`select ${columns} from ${from} where m.id = ${id}`.execute(db);
  const row = rows.rows[0];
  if (row === undefined) throw new NotFound(model.type, id);
  return row;
}

/** @param within only those that refer to this row, e.g. the nodes of a datacenter */
export async function listModels(
  db: Executor,
  model: Model,
  page: { offset: number; limit: number },
  within: { column: string; id: string } | null = null,
): Promise<{ rows: ModelRow[]; count: number }> {
  const { columns, from } = selection(model);
  const where =
    within === null
      ? sql`true`
      : within.column === 'cluster_id' && model.table === 'node'
        ? sql`m.datacenter_id in (select id from datacenter where cluster_id = ${within.id})`
        : sql`m.${sql.ref(within.column)} = ${within.id}`;
  const rows = await sql<ModelRow>`select ${columns} from ${from} where ${where}
    order by m.created_on, m.id limit ${page.limit} offset ${page.offset}`.execute(db);
  const count = await sql<{
    count: number;
  }>`select count(*) as count from ${sql.table(model.table)} m where ${where}`.execute(db);
  return { rows: rows.rows, count: Number(count.rows[0]?.count ?? 0) };
}

// The open jobs that would lose what they work on.
const IN_USE: Record<Model['table'], string> = {
  repository: 'cl.repository_id = $id',
  machine_credential:
    'cl.machine_credential_id = $id or d.machine_credential_id = $id or n.machine_credential_id = $id',
  config_profile: 'cl.config_profile_id = $id or d.config_profile_id = $id or n.config_profile_id = $id',
  cluster: 'cl.id = $id',
  datacenter: 'd.id = $id',
  node: 'n.id = $id',
};

/** Deleting a cluster deletes its datacenters and nodes; the machines are not touched. @throws NotFound, Conflict */
export async function deleteModel(db: Database, model: Model, id: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const locked = await sql`select 1 from ${sql.table(model.table)} where id = ${id} for update`.execute(
      trx,
    );
    if (locked.rows.length === 0) throw new NotFound(model.type, id);
    const [before, ...after] = IN_USE[model.table].split('$id');
    const condition = sql.join(
      [sql.raw(before ?? ''), ...after.flatMap((part) => [sql`${id}::uuid`, sql.raw(part)])],
      sql` `,
    );
    const used = await sql<{
      id: string;
      status: string;
    }>`select j.id, j.status from job j join cluster cl on cl.id = j.cluster_id
      join job_node jn on jn.job_id = j.id left join node n on n.id = jn.node_id left join datacenter d on d.id = n.datacenter_id
      where j.ended_on is null and (${condition}) limit 1`.execute(trx);
    const job = used.rows[0];
    if (job !== undefined)
      throw new Conflict(
        `Job ${job.id} (${job.status}) still uses this ${model.type}: wait for it or terminate it first`,
      );
    await sql`delete from ${sql.table(model.table)} where id = ${id}`.execute(trx);
  });
}
