// Checks the fields of a model that callers give, by every word a field goes by.
import { z } from 'zod';
import { PROFILE_FILE_IDS } from '../../shared/config-files.ts';
import { type FieldProblem, InvalidInput, pointerTo } from '../../shared/errors.ts';
import type { ModelField } from '../../shared/model-field.ts';
import { BOOKKEEPING, type Model } from '../../shared/models.ts';
import type { Body } from './body.ts';
import { scheduledOptionsSchema } from './parameters.ts';
import { bodyOf, boolean, formatWords, integer, oneOf, ownBoolean, take, text, uuid } from './schemas.ts';

/** What a profile says, by file; which settings each has depends on the version. */
const settings = z.record(z.string(), z.unknown(), { error: 'must be an object' }).meta({
  properties: Object.fromEntries(
    [...new Set(Object.values(PROFILE_FILE_IDS).flat())].map((fileId) => [fileId, { type: 'object' }]),
  ),
  additionalProperties: false,
  description: 'Settings by file: `definitions/{version}/` tells which there are.',
});

/** What a job is asked for with; which of them it may have depends on its type, and is looked at where that is known. */
const { $schema: _dialect, ...toldOptions } = z.toJSONSchema(scheduledOptionsSchema(), { io: 'input' });
const options = z.record(z.string(), z.unknown(), { error: 'must be an object' }).meta(toldOptions);

function fieldSchema(field: ModelField): z.ZodType {
  switch (field.type) {
    case 'boolean':
      return field.original ? boolean : ownBoolean;
    case 'integer':
      return integer(field.minimum, field.maximum);
    case 'uuid':
      return uuid;
    case 'object':
      return field.holdsSecrets ? settings : options;
    case 'string':
    case 'timestamp':
      return field.allowed === undefined ? text(field.format ?? 'text') : oneOf(field.allowed);
  }
}

/** Some clients send what they have not got as an empty string: where text has a format, that says nothing too. */
const saysNothing = (field: ModelField, value: unknown): boolean =>
  value === null || (value === '' && field.format !== undefined && !field.required);

/** What modelFields takes, as one schema: by every word that a field goes by. */
export function modelSchema(model: Model, creating: boolean): z.ZodType {
  const words: Record<string, z.ZodType> = {};
  for (const field of model.fields) {
    const must = creating && field.required === true;
    const one = field.format === undefined || field.required ? fieldSchema(field) : orEmpty(field);
    const schema = field.readOnly
      ? z.unknown().meta({ readOnly: true }).optional()
      : must
        ? one.meta(told(field))
        : one.nullable().meta(told(field)).optional();
    for (const word of [field.name, field.v1, ...(field.aliases ?? [])])
      if (word !== undefined) words[word] = schema;
  }
  return bodyOf(words);
}

const orEmpty = (field: ModelField): z.ZodType => z.union([fieldSchema(field), z.literal('')]);
const sentence = (words: string): string => `${words.slice(0, 1).toUpperCase()}${words.slice(1)}.`;
const told = ({ what, format, secret, default: otherwise }: ModelField) => ({
  description: `${sentence(what)}${format === undefined || format === 'text' ? '' : ` ${formatWords(format)}`}`,
  ...(secret ? { writeOnly: true } : {}),
  ...(otherwise === undefined ? {} : { default: otherwise }),
});

/**
 * Fields of a model by their own names, nothing said taken as the default. What records carry besides is ignored.
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
      problems.push({ pointer: pointerTo(word), message: `is not a field of a ${model.type}` });
    } else if (!field.readOnly && !saysNothing(field, value)) {
      values[field.name] = take(fieldSchema(field), word, value, problems);
    } else if (!field.readOnly && !field.required && field.like === undefined) {
      // The field may be there by another of its words as well, and say something.
      values[field.name] ??= field.default ?? null;
    }
  }
  if (creating) {
    for (const field of model.fields) {
      if (field.name in values) continue;
      if (field.required) problems.push({ pointer: pointerTo(field.name), message: 'is required' });
      if (field.like !== undefined) values[field.name] = values[field.like];
    }
  }
  if (problems.length > 0) throw new InvalidInput(`The ${model.type} is not valid`, problems);
  return values;
}
