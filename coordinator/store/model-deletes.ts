// Deleting from the model: refused, by name, while something refers to the record or an open job works on it.
import { sql } from 'kysely';
import { Conflict, NotFound } from '../../shared/errors.ts';
import type { Model } from '../../shared/models.ts';
import type { Executor } from './database.ts';
import { type ModelRow, readModel } from './models.ts';
import { whole } from './transactions.ts';

/** Named in a refusal; the rest is counted. */
const MOST_NAMED = 5;

const REFERRING: Partial<Record<Model['table'], readonly Model['table'][]>> = {
  repository: ['cluster'],
  machine_credential: ['cluster', 'datacenter', 'node'],
  config_profile: ['cluster', 'datacenter', 'node'],
};

const WORKED_ON: Partial<Record<Model['table'], string>> = {
  cluster: 'j.cluster_id',
  datacenter: 'n.datacenter_id',
  node: 'n.id',
};

/** Clusters, datacenters and nodes that would lose what they refer to. */
async function checkReferences(trx: Executor, model: Model, id: string): Promise<void> {
  const referring = REFERRING[model.table];
  if (referring === undefined) return;
  const each = referring.map(
    (table) =>
      sql`select ${table}::text as kind, name from ${sql.table(table)} where ${sql.ref(`${model.table}_id`)} = ${id}`,
  );
  const found = await sql<{
    kind: string;
    name: string;
  }>`${sql.join(each, sql` union all `)} order by kind, name`.execute(trx);
  if (found.rows.length === 0) return;
  const named = found.rows.slice(0, MOST_NAMED).map(({ kind, name }) => `${kind} ${name}`);
  const more = found.rows.length - named.length;
  throw new Conflict(
    `This ${model.type} is referred to by ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}: give them another first`,
  );
}

/** Open jobs that would lose what they work on. */
async function checkJobs(trx: Executor, model: Model, id: string): Promise<void> {
  const column = WORKED_ON[model.table];
  if (column === undefined) return;
  const used = await sql<{ id: string; status: string }>`select j.id, j.status from job j
    join job_node jn on jn.job_id = j.id left join node n on n.id = jn.node_id
    where j.ended_on is null and ${sql.raw(column)} = ${id} order by j.number limit 1`.execute(trx);
  const job = used.rows[0];
  if (job !== undefined)
    throw new Conflict(
      `Job ${job.id} (${job.status}) still uses this ${model.type}: wait for it or terminate it first`,
    );
}

/** Runs given up that an agent which is there may still be at; one that is away must not hold its node for ever. */
async function checkFences(trx: Executor, model: Model, id: string): Promise<void> {
  const column = { cluster: 'd.cluster_id', datacenter: 'd.id', node: 'n.id' }[model.table as string];
  if (column === undefined) return;
  const held = await sql<{
    name: string;
  }>`select n.name from node n join datacenter d on d.id = n.datacenter_id
    join agent g on g.node_id = n.id and g.session_id is not null
    join run r on r.node_id = n.id and r.fenced_on is not null and r.let_go_on is null and r.finished_on is null
    where ${sql.raw(column)} = ${id} limit 1`.execute(trx);
  const node = held.rows[0];
  if (node !== undefined)
    throw new Conflict(
      `The agent of node ${node.name} has not yet let go of a run that was given up: try again in a moment`,
    );
}

/**
 * Deleting a cluster deletes its datacenters and nodes; the machines are not touched.
 * @param check sees the record as it stands while nobody else can change it
 * @throws NotFound, Conflict, and what `check` throws: then nothing is deleted
 */
export async function deleteModel(
  db: Executor,
  model: Model,
  id: string,
  check: (before: ModelRow) => void,
): Promise<void> {
  await whole(db, async (trx) => {
    const locked = await sql`select 1 from ${sql.table(model.table)} where id = ${id} for update`.execute(
      trx,
    );
    if (locked.rows.length === 0) throw new NotFound(model.type, id);
    check(await readModel(trx, model, id));
    await checkReferences(trx, model, id);
    await checkJobs(trx, model, id);
    await checkFences(trx, model, id);
    await sql`delete from ${sql.table(model.table)} where id = ${id}`.execute(trx);
  });
}
