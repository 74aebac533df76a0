// Pages of lists as walks along one index: whatever is asked for, a bounded number of rows is looked at.
import { type RawBuilder, sql } from 'kysely';
import { InvalidInput } from '../../shared/errors.ts';
import { isUuid } from '../../shared/uuid.ts';
import type { Executor } from './database.ts';

/** Rows that a count without a counter goes up to. */
export const COUNTED_TO = 2_000;
/** Rows that one page looks at where no index knows which of them are wanted. */
const LOOKED_AT = 1_000;
/** The same where they lie apart, a disk page or so each. */
const LOOKED_AT_APART = 400;
/** Rows that a page by number skips, from the nearer end. */
const DEEPEST = 20_000;

export type Condition = RawBuilder<unknown>;

/** One of the columns has this text in it, in capitals or not. */
export function hasText(columns: readonly string[], text: string): Condition {
  const pattern = `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`; // one that only that text fits
  return sql`(${sql.join(
    columns.map((column) => sql`${sql.ref(column)} ilike ${pattern}`),
    sql` or `,
  )})`;
}

/** Rows of a table with what orders them beside. */
export interface Source {
  /** all of them: where one is looked up */
  rows: RawBuilder<unknown>;
  /** those beyond the row with these keys, which come in the order of the walk; null: from its beginning */
  from(keys: readonly RawBuilder<unknown>[] | null): RawBuilder<unknown>;
}

/** A list in the order of one index. */
export interface Walk {
  table: string;
  alias: string;
  /** what is walked, where that is not the table itself */
  source?: Source;
  /** the word for its records in refusals */
  kind: string;
  /** the columns that order it; no two rows are alike in all of them */
  order: readonly { column: string; type: string }[];
  descending: boolean;
  /** the first column numbers the rows from 1 without a gap, unless something is sifted or found besides `within` */
  dense?: boolean;
  /** whose list it is: what `after` names has to be there */
  within: readonly Condition[];
  /** what the index finds: nothing else is come by */
  found: readonly Condition[];
  /** what it finds lies scattered over the table */
  isScattered?: boolean;
  /** what no index knows: each row that is come by is asked */
  sifted: readonly Condition[];
  /** how many rows there are, as a counter says; null: none counts these */
  counted: (() => Promise<number>) | null;
}

/** What is shown of a row, which has the walk's alias, and what is joined to it for that. */
export interface Shape {
  columns: RawBuilder<unknown>;
  joins: RawBuilder<unknown>;
}

export interface PageRequest {
  page: number;
  perPage: number;
  /** id of the row after which the list is to begin; null: it begins where it begins */
  after: string | null;
}

export interface Page<Row> {
  rows: Row[];
  count: number;
  /** there are at least so many */
  isCapped: boolean;
  /** id of the row after which the list goes on where no page with a number does; null: nowhere */
  following: string | null;
}

interface Slice {
  offset: number;
  limit: number;
}

const together = (conditions: readonly Condition[]): Condition =>
  conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `);
const columnOf = ({ alias }: Walk, column: string): RawBuilder<unknown> => sql.ref(`${alias}.${column}`);
const orderOf = (walk: Walk, descending = walk.descending): RawBuilder<unknown> =>
  sql.join(
    walk.order.map(({ column }) => sql`${columnOf(walk, column)} ${sql.raw(descending ? 'desc' : 'asc')}`),
  );
const tableOf = ({ table, alias }: Walk): RawBuilder<unknown> =>
  sql`${sql.table(table)} as ${sql.ref(alias)}`;

export async function readWalk<Row extends { id: string }>(
  db: Executor,
  given: Walk,
  shape: Shape,
  request: PageRequest,
): Promise<Page<Row>> {
  const begin = request.after === null ? null : await beginningAfter(db, given, request.after);
  const walk = { ...given, rows: given.source?.from(begin?.keys ?? null) ?? tableOf(given) };
  const conditions = [...walk.within, ...walk.found, ...(begin === null ? [] : [begin.condition])];
  const offset = (request.page - 1) * request.perPage;
  if (walk.sifted.length > 0)
    return await sift(db, walk, shape, conditions, { offset, limit: request.perPage }, begin !== null);
  const { count, isCapped } = await countOf(db, walk, conditions, begin);
  // What lies beyond a count has no page with a number, also where the count ends before the list does.
  if (offset >= count) return { rows: [], count, isCapped, following: null };
  const slice = { offset, limit: Math.min(request.perPage, count - offset) };
  const rows = await rowsOf<Row>(db, walk, shape, conditions, slice, count);
  const isLast = offset + slice.limit >= count;
  const goesOn = begin === null ? isLast && isCapped : isCapped || !isLast;
  return { rows, count, isCapped, following: goesOn ? (rows.at(-1)?.id ?? null) : null };
}

/** A walk with what it goes through. */
type Begun = Walk & { rows: RawBuilder<unknown> };

interface Beginning {
  condition: Condition;
  keys: readonly RawBuilder<unknown>[];
  /** how many rows come from there on, where their numbers say so */
  remaining: ((count: number) => number) | null;
}

/** @throws InvalidInput when there is no such row in the list */
async function beginningAfter(db: Executor, walk: Walk, id: string): Promise<Beginning> {
  const keys = walk.order.map(
    ({ column }, at) => sql`${columnOf(walk, column)}::text as ${sql.ref(`key${at}`)}`,
  );
  const conditions = together([sql`${columnOf(walk, 'id')} = ${id}`, ...walk.within]);
  const found = isUuid(id)
    ? await sql<
        Record<string, string>
      >`select ${sql.join(keys)} from ${walk.source?.rows ?? tableOf(walk)} where ${conditions}`.execute(db)
    : { rows: [] };
  const row = found.rows[0];
  if (row === undefined)
    throw new InvalidInput('The query is not valid', [
      { pointer: '/after', message: `must be the id of a ${walk.kind} of this list` },
    ]);
  const columns = sql.join(walk.order.map(({ column }) => columnOf(walk, column)));
  const values = walk.order.map(({ type }, at) => sql`${row[`key${at}`]}::${sql.raw(type)}`);
  const number = Number(row['key0']);
  return {
    condition: sql`(${columns}) ${sql.raw(walk.descending ? '<' : '>')} (${sql.join(values)})`,
    keys: values,
    remaining:
      walk.dense === true ? (count) => Math.max(0, walk.descending ? number - 1 : count - number) : null,
  };
}

async function countOf(
  db: Executor,
  walk: Begun,
  conditions: readonly Condition[],
  begin: Beginning | null,
): Promise<{ count: number; isCapped: boolean }> {
  if (walk.counted !== null && (begin === null || begin.remaining !== null)) {
    const count = await walk.counted();
    return { count: begin?.remaining?.(count) ?? count, isCapped: false };
  }
  const counted = await sql<{ count: number }>`select count(*) as count from (
    select from ${walk.rows} where ${together(conditions)} limit ${sql.lit(COUNTED_TO + 1)}) as counted`.execute(
    db,
  );
  const count = counted.rows[0]?.count ?? 0;
  return { count: Math.min(count, COUNTED_TO), isCapped: count > COUNTED_TO };
}

/** @param count of all rows that the conditions find, at least @throws InvalidInput for a page too far from either end */
async function rowsOf<Row>(
  db: Executor,
  walk: Begun,
  shape: Shape,
  conditions: readonly Condition[],
  { offset, limit }: Slice,
  count: number,
): Promise<Row[]> {
  const read = async (where: readonly Condition[], descending: boolean, skipped: number): Promise<Row[]> => {
    const rows = await sql<Row>`select ${shape.columns} from (
        select ${sql.ref(walk.alias)}.* from ${walk.rows} where ${together(where)}
        order by ${orderOf(walk, descending)} limit ${limit} offset ${skipped}) as ${sql.ref(walk.alias)}
      ${shape.joins} order by ${orderOf(walk)}`.execute(db);
    return rows.rows;
  };
  if (walk.dense === true && walk.counted !== null) {
    const number = columnOf(walk, walk.order[0]?.column ?? '');
    const skip = walk.descending ? sql`${number} <= ${count - offset}` : sql`${number} > ${offset}`;
    return await read(offset === 0 ? conditions : [...conditions, skip], walk.descending, 0);
  }
  if (offset <= DEEPEST) return await read(conditions, walk.descending, offset);
  const fromEnd = count - offset - limit;
  if (fromEnd <= DEEPEST) return await read(conditions, !walk.descending, fromEnd);
  throw new InvalidInput('The query is not valid', [
    {
      pointer: '/page',
      message: `lies too deep in this list: give a filter, or the id of a ${walk.kind} as after`,
    },
  ]);
}

interface Sifted {
  id: string | null;
  walk_seen: number;
  walk_hits: number;
  walk_last: string | null;
}

/** Looks at so many rows and no more; what is wanted of them is a page, and the next one begins where this one stopped. */
async function sift<Row extends { id: string }>(
  db: Executor,
  walk: Begun,
  shape: Shape,
  conditions: readonly Condition[],
  { offset, limit }: Slice,
  isAfter: boolean,
): Promise<Page<Row>> {
  const most = walk.isScattered === true ? LOOKED_AT_APART : LOOKED_AT;
  const alias = sql.ref(walk.alias);
  const keys = new Set(['id', ...walk.order.map(({ column }) => column)]);
  const kept = sql.join([...keys].map((column) => columnOf(walk, column)));
  const order = orderOf(walk);
  // Only keys are carried along; a row is fetched once it is known to be shown, by its id and by nothing else.
  const looked = await sql<Row & Sifted>`
    with looked as materialized (
      select ${kept}, coalesce(${together(walk.sifted)}, false) as walk_hit from ${walk.rows}
      where ${together(conditions)} order by ${order} limit ${sql.lit(most)}
    ), seen as (
      select count(*) as walk_seen, count(*) filter (where walk_hit) as walk_hits,
        (select id from looked as ${alias} order by ${orderOf(walk, !walk.descending)} limit 1) as walk_last
      from looked
    )
    select seen.*, shown.* from seen left join (
      select ${shape.columns}, walk_at from (
        select id as walk_id, row_number() over (order by ${order}) as walk_at from looked as ${alias} where walk_hit
        order by ${order} limit ${limit} offset ${offset}) as hit
      cross join lateral (select * from ${sql.table(walk.table)} where id = walk_id limit 1) as ${alias}
      ${shape.joins}
    ) as shown on true order by shown.walk_at`.execute(db);
  const first = looked.rows[0];
  const count = first?.walk_hits ?? 0;
  const isCapped = (first?.walk_seen ?? 0) === most;
  const rows = looked.rows.filter(({ id }) => id !== null);
  const isLast = offset + limit >= count;
  const end = isCapped ? (first?.walk_last ?? null) : null;
  if (isLast) return { rows, count, isCapped, following: offset === 0 || offset < count ? end : null };
  return { rows, count, isCapped, following: isAfter ? (rows.at(-1)?.id ?? null) : null };
}
