// Checks the query of a list: pages, what to begin after, order, filters; and says the same query again for links.
import type { ParsedUrlQuery } from 'node:querystring';
import { type FieldProblem, InvalidInput, pointerTo } from '../../shared/errors.ts';
import { FORMATS, lengthOf } from '../../shared/formats.ts';
import type { ListFilter, ListKind } from '../../shared/lists.ts';
import { timeOf } from '../../shared/times.ts';
import { isUuid } from '../../shared/uuid.ts';

export const DEFAULT_PER_PAGE = 50;
export const MOST_PER_PAGE = 500;
export const MOST_PAGE = 100_000_000;
export const MOST_TEXT = 200;

const GIVEN_ONCE = 'must be given once, and was given more often';

export interface ListQuery {
  page: number;
  perPage: number;
  after: string | null;
  /** without its sign */
  sort: string;
  descending: boolean;
  /** what was asked for, by the filter's name; checked, UUIDs in small letters */
  filters: ReadonlyMap<string, string>;
  /** `sort=…&status=…` as it was given, to be repeated by links */
  rest: string;
}

/** @returns why this is no value for the filter; null when it is one */
function problemOf({ type, 'allowed-values': allowed }: ListFilter, text: string): string | null {
  switch (type) {
    case 'uuid':
      return isUuid(text) ? null : 'must be a UUID';
    case 'boolean':
      return ['true', 'false'].includes(text) ? null : 'must be true or false';
    case 'timestamp':
      return timeOf(text) === null ? 'must be a time like 2016-06-21T16:20:00Z, or a day' : null;
    case 'string':
      if (allowed !== null) return allowed.includes(text) ? null : `must be one of ${allowed.join(', ')}`;
      return text !== '' && lengthOf(text) <= MOST_TEXT && FORMATS.text.fits(text)
        ? null
        : `must be text of 1 to ${MOST_TEXT} characters`;
  }
}

/** @throws InvalidInput naming every parameter at fault */
export function listQuery(query: Readonly<ParsedUrlQuery>, list: ListKind): ListQuery {
  const problems: FieldProblem[] = [];
  const refuse = (name: string, message: string): void => {
    problems.push({ pointer: pointerTo(name), message });
  };
  const known = new Map(list.filters.map((filter) => [filter.name, filter]));
  const common = list.sorts.length === 0 ? ['page', 'per-page'] : ['page', 'per-page', 'after', 'sort'];
  const one = (name: string): string | undefined => {
    const given = query[name];
    if (!Array.isArray(given)) return given;
    refuse(name, GIVEN_ONCE);
    return undefined;
  };
  const whole = (name: string, otherwise: number, most: number): number => {
    const text = one(name);
    if (text === undefined) return otherwise;
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= 1 && number <= most) return number;
    refuse(name, `must be a whole number from 1 to ${most}`);
    return otherwise;
  };
  const page = whole('page', 1, MOST_PAGE);
  const perPage = whole(
    query['per_page'] === undefined ? 'per-page' : 'per_page',
    DEFAULT_PER_PAGE,
    MOST_PER_PAGE,
  );
  const after = one('after') ?? null;
  if (after !== null && !isUuid(after)) refuse('after', 'must be the id of a record of this list');
  if (after !== null && query['page'] !== undefined)
    refuse(
      'page',
      'cannot be given together with after: what comes after a record begins with its first page',
    );
  const sort = one('sort') ?? list.sorts[0] ?? '';
  if (list.sorts.length > 0 && !list.sorts.includes(sort))
    refuse('sort', `must be one of ${list.sorts.join(', ')}`);
  const filters = new Map<string, string>();
  const rest = new URLSearchParams(query['sort'] === undefined ? {} : { sort });
  for (const name of Object.keys(query)) {
    const filter = known.get(name);
    if (filter !== undefined) {
      const text = one(name);
      if (text === undefined) continue;
      const problem = problemOf(filter, text);
      if (problem !== null) refuse(name, problem);
      filters.set(name, filter.type === 'uuid' ? text.toLowerCase() : text);
      rest.set(name, text);
    } else if (![...common, 'per_page'].includes(name))
      refuse(name, `is not a parameter of this list: ${[...common, ...known.keys()].join(', ')}`);
  }
  const [since, until] = ['since', 'until'].map((name) => timeOf(filters.get(name) ?? ''));
  if (since != null && until != null && until <= since) refuse('until', 'must be later than since');
  if (problems.length > 0) throw new InvalidInput('The query is not valid', problems);
  return {
    page,
    perPage,
    after: after?.toLowerCase() ?? null,
    sort: sort.replace(/^-/, ''),
    descending: sort.startsWith('-'),
    filters,
    rest: rest.toString(),
  };
}

/** The query of what is no list. @param names of all its parameters @throws InvalidInput naming every parameter at fault */
export function plainQuery<Name extends string>(
  query: Readonly<ParsedUrlQuery>,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const problems: FieldProblem[] = [];
  const given: Partial<Record<Name, string>> = {};
  for (const [name, value] of Object.entries(query)) {
    const known = names.find((one) => one === name);
    const refuse = (message: string) => problems.push({ pointer: pointerTo(name), message });
    if (known === undefined) refuse(`is not a parameter here: ${names.join(', ')}`);
    else if (Array.isArray(value)) refuse(GIVEN_ONCE);
    else if (value !== undefined) given[known] = value;
  }
  if (problems.length > 0) throw new InvalidInput('The query is not valid', problems);
  return given;
}

/** The last moment of which the database has an ISO form of four digits a year. */
const LAST_MS = Date.UTC(10_000, 0, 1) - 1;

/** In milliseconds since 1970, before which there is nothing. */
export function timeRange({ filters }: ListQuery): {
  sinceMs: number | undefined;
  untilMs: number | undefined;
} {
  const at = (name: string): number | undefined => {
    const time = timeOf(filters.get(name) ?? '');
    return time === null ? undefined : Math.min(Math.max(time, 0), LAST_MS);
  };
  return { sinceMs: at('since'), untilMs: at('until') };
}
