// The parameters of the API as its document tells them: pages of lists, preconditions, keys of requests, ids.
import { z } from 'zod';
import { FORMATS } from '../../../shared/formats.ts';
import type { FilterType, ListKind } from '../../../shared/lists.ts';
import { DEFAULT_PER_PAGE, MOST_PAGE, MOST_PER_PAGE, MOST_TEXT } from '../list-queries.ts';
import type { Parameter } from './operation.ts';

export const ID: Parameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The id of the record.',
  schema: z.string().meta({ format: 'uuid' }),
};

export const PAGE: readonly Parameter[] = [
  {
    name: 'page',
    in: 'query',
    description: 'Which page of the list.',
    schema: z.int().min(1).max(MOST_PAGE).meta({ default: 1 }),
  },
  {
    name: 'per-page',
    in: 'query',
    description: 'How many records a page has.',
    schema: z.int().min(1).max(MOST_PER_PAGE).meta({ default: DEFAULT_PER_PAGE }),
  },
];

const AFTER: Parameter = {
  name: 'after',
  in: 'query',
  description: 'The id of a record: the list begins after it. Not together with page.',
  schema: z.string().meta({ format: 'uuid' }),
};

const FILTER_SCHEMA: Readonly<Record<FilterType, () => z.ZodType>> = {
  string: () =>
    z
      .string()
      .min(1)
      .max(MOST_TEXT)
      .meta({ ...FORMATS.text.schema }),
  uuid: () => z.string().meta({ format: 'uuid' }),
  boolean: () => z.boolean(),
  timestamp: () =>
    z.string().meta({
      anyOf: [{ format: 'date-time' }, { format: 'date' }],
      examples: ['2016-06-21T16:20:00Z', '2016-06-21'],
    }),
};

/** Pages, order and filters, from the tables that the query is checked by. */
export const listParameters = ({ filters, sorts }: ListKind): Parameter[] => [
  ...PAGE,
  AFTER,
  {
    name: 'sort',
    in: 'query',
    description: 'The order; with a minus the other way round.',
    schema: z.enum(sorts).meta({ default: sorts[0] }),
  },
  ...filters.map(
    ({ name, type, description, 'allowed-values': allowed }): Parameter => ({
      name,
      in: 'query',
      description,
      schema: allowed === null ? FILTER_SCHEMA[type]() : z.enum(allowed),
    }),
  ),
];

const TAG = '(?:W/)?"[!#-~]*"';
const tags = z.union([z.literal('*'), z.string().meta({ pattern: `^${TAG}(?:, ?${TAG})*$` })]);

export const IF_NONE_MATCH: Parameter = {
  name: 'If-None-Match',
  in: 'header',
  description: 'Entity tags that the caller has: with one that is still right the answer is a 304.',
  schema: tags,
};
export const IF_MATCH: Parameter = {
  name: 'If-Match',
  in: 'header',
  description:
    'The entity tag of the record as the caller read it, or *: when it was changed since, nothing is written.',
  schema: tags,
};

export const IDEMPOTENCY_KEY: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'A new one, best a UUID, for each thing that is wanted: sent again it is done once, and answered alike.',
  schema: z.string().meta({ pattern: '^(?:[!#-~]{1,255}|"[ !#-\\[\\]-~]{1,255}")$' }),
};

export const DRY_RUN: Parameter = {
  name: 'dry-run',
  in: 'query',
  description:
    'With `true` the request is checked and answered as if it were done, and nothing is done; no Idempotency-Key is used up.',
  schema: z.enum(['true', 'false']).meta({ default: 'false' }),
};

export const PREFER: Parameter = {
  name: 'Prefer',
  in: 'header',
  description:
    'With `handling=strict` what only a job would tell is refused at once: a job that the model cannot carry out (which version 1 always refuses), settings of a profile that have no effect where they stand, and a second request to terminate a job that comes too soon to count.',
  schema: z.string().meta({ examples: ['handling=strict'] }),
};

/** On every route. */
export const TRACING: readonly Parameter[] = [
  {
    name: 'X-Request-Id',
    in: 'header',
    description:
      'Stands in the answer and in the log; one is made for who gives none, or one that is not like this.',
    schema: z.string().meta({ examples: ['order-7'] }),
  },
  {
    name: 'traceparent',
    in: 'header',
    description: 'W3C Trace Context: the answer and the log carry on the trace.',
    schema: z.string().meta({ examples: ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'] }),
  },
];

export const SHARED: readonly Parameter[] = [
  ID,
  ...PAGE,
  AFTER,
  IF_MATCH,
  IF_NONE_MATCH,
  IDEMPOTENCY_KEY,
  DRY_RUN,
  PREFER,
  ...TRACING,
];
