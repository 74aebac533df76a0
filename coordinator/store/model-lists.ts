// Lists of the models: all, or those that have a name or refer to a record.
import { sql } from 'kysely';
import type { Model } from '../../shared/models.ts';
import type { Executor } from './database.ts';
import { type ModelRow, modelShape } from './models.ts';
import { type Condition, type Page, type PageRequest, readWalk } from './walks.ts';

export interface ModelOrder {
  by: 'created_on' | 'name';
  descending: boolean;
}

/** @param filters by column, all have to hold; a node's cluster_id is that of its datacenter */
export async function listModels(
  db: Executor,
  model: Model,
  filters: Readonly<Record<string, string>>,
  order: ModelOrder,
  page: PageRequest,
): Promise<Page<ModelRow>> {
  const found = Object.entries(filters).map(
    ([column, value]): Condition =>
      column === 'cluster_id' && model.table === 'node'
        ? sql`m.datacenter_id in (select id from datacenter where cluster_id = ${value})`
        : sql`m.${sql.ref(column)} = ${value}`,
  );
  const all = sql.join([sql`true`, ...found], sql` and `);
  const walk = {
    table: model.table,
    alias: 'm',
    kind: model.type,
    order: [
      { column: order.by, type: order.by === 'name' ? 'text' : 'timestamptz' },
      { column: 'id', type: 'uuid' },
    ],
    descending: order.descending,
    within: [],
    found,
    sifted: [],
    // Models are few: they are what people have entered.
    counted: async (): Promise<number> => {
      const counted = await sql<{
        n: number;
      }>`select count(*) as n from ${sql.table(model.table)} m where ${all}`.execute(db);
      return counted.rows[0]?.n ?? 0;
    },
  };
  return await readWalk<ModelRow>(db, walk, modelShape(model), page);
}
