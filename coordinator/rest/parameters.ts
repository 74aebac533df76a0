// Checks what callers give: ids in paths, options of actions, settings.
import type { ParsedUrlQuery } from 'node:querystring';
import { z } from 'zod';
import { ACTIONS, type Action, JOB_TYPES } from '../../shared/actions.ts';
import { type FieldProblem, InvalidInput, NotFound, pointerTo } from '../../shared/errors.ts';
import type { ActionParameter } from '../../shared/job-options.ts';
import { BOOKKEEPING } from '../../shared/models.ts';
import { MOST_HINTS, nearestWord } from '../../shared/nearest-word.ts';
import { SETTING_NAMES, SETTING_RANGE, type SettingChanges } from '../../shared/settings.ts';
import { isUuid } from '../../shared/uuid.ts';
import type { Body } from './body.ts';
import { bodyOf, boolean, integer, oneOf, ownBoolean, take, text, uuid } from './schemas.ts';

/** An id that is no UUID names nothing. @throws NotFound */
export function idOf(kind: string, id: string | undefined): string {
  if (id === undefined || !isUuid(id)) throw new NotFound(kind, String(id).slice(0, 64));
  return id.toLowerCase();
}

/** Lists that are given as one text. */
const LISTS = { 'keyspace-levels': 'keyspace-levels', 'relaxed-keyspaces': 'keyspace-names' } as const;

function parameterSchema(parameter: ActionParameter): z.ZodType {
  switch (parameter.type) {
    case 'boolean':
      return parameter.original ? boolean : ownBoolean;
    case 'integer':
      return integer(parameter.minimum, parameter.maximum);
    case 'uuid':
      return uuid;
    case 'string':
      if (parameter['allowed-values'] !== null) return oneOf(parameter['allowed-values']);
      if (parameter.name in LISTS) return text(LISTS[parameter.name as keyof typeof LISTS]);
      return parameter.secret
        ? text('text')
            .refine((secret) => secret !== '', { error: 'must not be empty' })
            .meta({ minLength: 1 })
        : text('text');
  }
}

export const optionNames = ({ parameters }: Action): string[] => parameters.map(({ name }) => name);

function hintFor(name: string, action: Action): string {
  const names = optionNames(action);
  const near = nearestWord(name, names, 2);
  return `; ${near === null ? '' : `did you mean ${near}? `}${action.name} takes ${names.join(', ')}`;
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
      const hint = problems.length < MOST_HINTS ? hintFor(name, action) : '';
      problems.push({ pointer: pointerTo(name), message: `is not a parameter of ${action.name}${hint}` });
    } else if (value !== null) options[name] = take(parameterSchema(parameter), name, value, problems);
  }
  for (const parameter of action.parameters) {
    if (
      parameter.required &&
      !(parameter.name in options) &&
      !problems.some(({ pointer }) => pointer === `/${parameter.name}`)
    ) {
      const choices = parameter.name === 'job-scope' ? ` (${parameter['allowed-values']?.join(', ')})` : '';
      problems.push({ pointer: `/${parameter.name}`, message: `is required${choices}` });
    }
  }
  if (problems.length > 0) throw new InvalidInput(`The options of ${action.name} are not valid`, problems);
  return options;
}

/**
 * Passed over there a job would be made, or go on, without them.
 * @param message where what is meant stands
 * @throws InvalidInput for options of these names in the query
 */
export function refuseInQuery(
  query: ParsedUrlQuery,
  names: readonly string[],
  message = 'stands in the body, and not in the query',
): void {
  const problems = names
    .filter((name) => name in query)
    .map((name) => ({ pointer: pointerTo(name), message }));
  if (problems.length > 0) throw new InvalidInput('The query is not valid', problems);
}

const parametersSchema = (parameters: readonly ActionParameter[]): z.ZodType =>
  bodyOf(
    Object.fromEntries(
      parameters.map((parameter) => {
        const { description, secret, default: otherwise, required } = parameter;
        const one = parameterSchema(parameter);
        const told = {
          description,
          ...(secret ? { writeOnly: true } : {}),
          ...(otherwise === null ? {} : { default: otherwise }),
        };
        return [parameter.name, required ? one.meta(told) : one.nullable().meta(told).optional()];
      }),
    ),
  );

/** What actionOptions takes, as one schema: for whoever wants to know before he asks. */
export const actionSchema = (action: Action): z.ZodType => parametersSchema(action.parameters);

/** The options of a schedule, whatever the type of its jobs: all but what the schedule says itself, and secrets. */
export const scheduledOptionsSchema = (): z.ZodType =>
  parametersSchema(
    JOB_TYPES.flatMap((type) => ACTIONS[type].parameters).filter(
      ({ required, secret, name }) => !required && !secret && name !== 'job-type',
    ),
  );

/** What settingChanges takes. */
export const settingsSchema = (): z.ZodType =>
  z.strictObject(
    Object.fromEntries(
      SETTING_NAMES.map((name) => [
        name,
        integer(SETTING_RANGE.minimum, SETTING_RANGE.maximum).nullable().optional(),
      ]),
    ),
  );

/**
 * Settings to change; null: back to what holds without.
 * @throws InvalidInput naming every one at fault
 */
export function settingChanges(body: Body): SettingChanges {
  const problems: FieldProblem[] = [];
  const changes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    if (!(SETTING_NAMES as readonly string[]).includes(name))
      problems.push({
        pointer: pointerTo(name),
        message: `is no setting; there are ${SETTING_NAMES.join(', ')}`,
      });
    else if (value === null) changes[name] = null;
    else changes[name] = take(integer(SETTING_RANGE.minimum, SETTING_RANGE.maximum), name, value, problems);
  }
  if (problems.length > 0) throw new InvalidInput('The settings are not valid', problems);
  return changes;
}
