// Checks what callers give: ids in paths, pages in queries, options of actions, fields of models.
import { z } from 'zod';
import { type Action, type ActionParameter, JOB_SCOPES } from '../../shared/actions.ts';
import { type FieldProblem, InvalidInput, NotFound } from '../../shared/errors.ts';
import { BOOKKEEPING, type Model, type ModelField } from '../../shared/models.ts';
import { isUuid } from '../../shared/uuid.ts';
import type { Body } from './body.ts';

export const DEFAULT_PER_PAGE = 50;
export const MOST_PER_PAGE = 500;

/** An id that is no UUID names nothing. @throws NotFound */
export function idOf(kind: string, id: string | undefined): string {
  if (id === undefined || !isUuid(id)) throw new NotFound(kind, String(id).slice(0, 64));
  return id.toLowerCase();
}

export interface PageQuery {
  page: number;
  perPage: number;
}

/** @throws InvalidInput for numbers out of range or unknown parameters */
export function pageOf(query: Readonly<Record<string, string | string[] | undefined>>): PageQuery {
  const problems: FieldProblem[] = [];
  const whole = (name: string, otherwise: number, most: number): number => {
    const text = query[name];
    if (text === undefined) return otherwise;
    const number = typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= 1 && number <= most) return number;
    problems.push({ pointer: `/${name}`, message: `must be a whole number from 1 to ${most}` });
    return otherwise;
  };
  const page = whole('page', 1, 100_000_000);
  const perPage = whole(
    query['per_page'] === undefined ? 'per-page' : 'per_page',
    DEFAULT_PER_PAGE,
    MOST_PER_PAGE,
  );
  for (const name of Object.keys(query)) {
    if (!['page', 'per-page', 'per_page'].includes(name))
      problems.push({ pointer: `/${name}`, message: 'is not a parameter of this list: page, per-page' });
  }
  if (problems.length > 0) throw new InvalidInput('The query is not valid', problems);
  return { page, perPage };
}

// Real clients send the strings "true" and "false".
const boolean = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')], {
  error: 'must be true or false',
});
const integer = (minimum: number | null | undefined, most: number | null | undefined) =>
  z
    .union(
      [
        z.int(),
        z
          .string()
          .regex(/^-?\d{1,15}$/)
          .transform(Number),
      ],
      { error: 'must be a whole number' },
    )
    .refine(
      (value) => value >= (minimum ?? Number.MIN_SAFE_INTEGER) && value <= (most ?? Number.MAX_SAFE_INTEGER),
      { error: `must be from ${minimum ?? 'any'} to ${most ?? 'any'}` },
    );
const text = (allowed: readonly string[] | null | undefined) => {
  const any = z
    .string({ error: 'must be a string' })
    .max(65_536)
    .refine((value) => !value.includes('\0'), { error: 'must not hold a NUL character' });
  return allowed
    ? any.refine((value) => allowed.includes(value), { error: `must be one of ${allowed.join(', ')}` })
    : any;
};
const uuid = z.string().refine(isUuid, { error: 'must be a UUID' });

function parameterSchema(parameter: ActionParameter): z.ZodType {
  switch (parameter.type) {
    case 'boolean':
      return boolean;
    case 'integer':
      return integer(parameter.minimum, parameter.maximum);
    case 'uuid':
      return uuid;
    case 'string':
      return text(parameter['allowed-values']);
  }
}

function fieldSchema(field: ModelField): z.ZodType {
  switch (field.type) {
    case 'boolean':
      return boolean;
    case 'integer':
      return integer(field.minimum, field.maximum);
    case 'uuid':
      return uuid;
    case 'object':
      return z.record(z.string(), z.unknown(), { error: 'must be an object' });
    case 'string':
    case 'timestamp':
      return field.required
        ? text(field.allowed).refine((value) => value.trim() !== '', { error: 'must not be empty' })
        : text(field.allowed);
  }
}

/** Runs one schema and collects what it refuses. */
function take(schema: z.ZodType, name: string, value: unknown, problems: FieldProblem[]): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  problems.push({ pointer: `/${name}`, message: parsed.error.issues[0]?.message ?? 'is not valid' });
  return undefined;
}

/**
 * Options of an action by name; nulls and absent ones are left out.
 * @throws InvalidInput naming every field at fault
 */
export function actionOptions(action: Action, body: Body): Record<string, unknown> {
  const problems: FieldProblem[] = [];
  const known = new Map(action.parameters.map((parameter) => [parameter.name, parameter]));
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    const parameter = known.get(name);
    if (parameter === undefined) {
      if (value === null || (BOOKKEEPING as readonly string[]).includes(name)) continue;
      problems.push({
        pointer: `/${name}`,
        message: `is not a parameter of ${action.name}; it takes ${[...known.keys()].join(', ')}`,
      });
    } else if (value !== null) options[name] = take(parameterSchema(parameter), name, value, problems);
  }
  for (const parameter of action.parameters) {
    if (
      parameter.required &&
      !(parameter.name in options) &&
      !problems.some(({ pointer }) => pointer === `/${parameter.name}`)
    ) {
      const choices = parameter.name === 'job-scope' ? ` (${JOB_SCOPES.join(', ')})` : '';
      problems.push({ pointer: `/${parameter.name}`, message: `is required${choices}` });
    }
  }
  if (problems.length > 0) throw new InvalidInput(`The options of ${action.name} are not valid`, problems);
  return options;
}

/**
 * Fields of a model by their own names. Read-only ones and what records carry besides are ignored; null stays null.
 * @param creating required fields must be there
 * @throws InvalidInput naming every field at fault
 */
export function modelFields(model: Model, body: Body, creating: boolean): Record<string, unknown> {
  const problems: FieldProblem[] = [];
  const known = new Map<string, ModelField>();
  for (const field of model.fields)
    for (const word of [field.name, field.v1, ...(field.aliases ?? [])])
      if (word !== undefined) known.set(word, field);
  const values: Record<string, unknown> = {};
  for (const [word, value] of Object.entries(body)) {
    const field = known.get(word);
    if (field === undefined) {
      if (value === null || (BOOKKEEPING as readonly string[]).includes(word)) continue;
      problems.push({ pointer: `/${word}`, message: `is not a field of a ${model.type}` });
    } else if (!field.readOnly && !(value === null && (field.required || values[field.name] !== undefined))) {
      values[field.name] = value === null ? null : take(fieldSchema(field), word, value, problems);
    }
  }
  for (const field of model.fields) {
    if (creating && field.required && !(field.name in values))
      problems.push({ pointer: `/${field.name}`, message: 'is required' });
  }
  if (problems.length > 0) throw new InvalidInput(`The ${model.type} is not valid`, problems);
  return values;
}
