// Answers of lists: the seed's envelope, and the same links as a header (RFC 8288).
import { NotFound } from '../../shared/errors.ts';
import type { Page } from '../store/walks.ts';
import type { ListQuery } from './list-queries.ts';
import type { Context } from './parts.ts';

/** The way to another page of the same list. */
function linkTo(at: string, { perPage, rest }: ListQuery, place: Record<string, string>): string {
  const query = new URLSearchParams({ ...place, 'per-page': String(perPage) }).toString();
  return `${at}?${query}${rest === '' ? '' : `&${rest}`}`;
}

/**
 * Answers with one page. No page that has something in it is beyond `last`.
 * @param path of the list below the base, e.g. `jobs/`
 * @throws NotFound for a page beyond the last one
 */
export function sendPage<Row>(
  ctx: Context,
  path: string,
  query: ListQuery,
  page: Page<Row>,
  view: (row: Row) => unknown,
): void {
  const at = `${ctx.state.base.url}/${path}`;
  const { count, isCapped, following } = page;
  const last = Math.max(1, Math.ceil(count / query.perPage));
  const numbered = (number: number): string => linkTo(at, query, { page: String(number) });
  const isNumbered = query.after === null;
  if (isNumbered && query.page > last)
    throw new NotFound('page', String(query.page), `This list has no page ${query.page}`, [
      { pointer: '/page', message: `must be from 1 to ${last}${isCapped ? ', or go on by `next`' : ''}` },
    ]);
  const next =
    isNumbered && query.page < last
      ? numbered(query.page + 1)
      : following === null
        ? null
        : linkTo(at, query, { after: following });
  const previous = query.page > 1 ? numbered(query.page - 1) : null;
  const links = {
    first: numbered(1),
    prev: previous,
    next,
    // Where a list goes on beyond its count nobody knows which page is the last one.
    last: isNumbered && !isCapped ? numbered(last) : null,
  };
  ctx.set(
    'link',
    Object.entries(links)
      .filter(([, link]) => link !== null)
      .map(([rel, link]) => `<${link}>; rel="${rel}"`)
      .join(', '),
  );
  ctx.body = {
    next,
    previous,
    last,
    count,
    'per-page': query.perPage,
    current: query.page,
    ...(isCapped ? { 'count-capped': true } : {}),
    results: page.rows.map(view),
  };
}
