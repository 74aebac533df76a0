// The kinds of value that bodies hold, as schemas whose messages complete a sentence that begins with the field's name.
import { z } from 'zod';
import { type FieldProblem, InvalidInput, pointerTo } from '../../shared/errors.ts';
import { FORMATS, type FormatName, formatProblem } from '../../shared/formats.ts';
import { HOSTILE_KEYS } from '../../shared/hostile-keys.ts';
import { BOOKKEEPING } from '../../shared/models.ts';
import { isUuid } from '../../shared/uuid.ts';
import { patternOfRange } from './number-patterns.ts';

// Real clients send the strings "true" and "false".
export const boolean = z.union(
  [z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')],
  {
    error: 'must be true or false',
  },
);
/** Of what the original does not have: none of its clients sends it, and text may be no more than a slip. */
export const ownBoolean = z.boolean({
  error: ({ input }) =>
    input === 'true' || input === 'false'
      ? 'must be true or false without quotes: text is not taken for it'
      : 'must be true or false',
});
/** Beyond what can be kept, but whole: what is wrong with it is its range. */
const isWhole = (value: unknown): boolean =>
  typeof value === 'number'
    ? Number.isInteger(value)
    : typeof value === 'string' && /^-?[1-9]\d*$/.test(value);
export const integer = (minimum: number | null | undefined, most: number | null | undefined) => {
  const range = `must be from ${minimum ?? 'any'} to ${most ?? 'any'}`;
  const error = ({ input }: { input?: unknown }): string =>
    isWhole(input) ? range : 'must be a whole number';
  return z
    .union(
      [
        // Told to readers of the document; refused below, in words that name the range.
        z
          .int({ error })
          .meta({ ...(minimum == null ? {} : { minimum }), ...(most == null ? {} : { maximum: most }) }),
        z
          .string()
          .regex(/^(?:0|-?[1-9]\d{0,14})$/)
          .meta(minimum == null || most == null ? {} : { pattern: patternOfRange(minimum, most) })
          .transform(Number),
      ],
      { error },
    )
    .refine(
      (value) => value >= (minimum ?? Number.MIN_SAFE_INTEGER) && value <= (most ?? Number.MAX_SAFE_INTEGER),
      { error: range },
    );
};
export const oneOf = (allowed: readonly string[]) =>
  z.enum(allowed, { error: `must be one of ${allowed.join(', ')}` });
export const text = (format: FormatName) =>
  z
    .string({ error: 'must be a string' })
    .meta({
      ...FORMATS[format].schema,
      maxLength: FORMATS[format].most,
      ...(FORMATS[format].fits('') ? {} : { minLength: 1 }),
      ...(format === 'text' ? {} : { description: formatWords(format) }),
    })
    .check((checked) => {
      const message = formatProblem(format, checked.value);
      if (message !== null) checked.issues.push({ code: 'custom', message, input: checked.value });
    });
export const formatWords = (format: FormatName): string => `It ${FORMATS[format].must}.`;
export const uuid = z
  .string({ error: 'must be a UUID' })
  .meta({ format: 'uuid' })
  .refine(isUuid, { error: 'must be a UUID' })
  .transform((id) => id.toLowerCase());

/**
 * A body of these fields, what goes unseen, and nulls under other names.
 * Only what the database and JavaScript can keep is a name: see `checkShape` in body.ts.
 */
export const bodyOf = (fields: Record<string, z.ZodType>): z.ZodType =>
  z
    .object({ ...ignoredFields(), ...fields })
    .catchall(z.null())
    .meta({ propertyNames: { ...FORMATS.text.schema, not: { enum: [...HOSTILE_KEYS] } } });

/** What records carry beside their fields: whoever sends back what he read sends them too, and nobody looks. */
export const ignoredFields = (): Record<string, z.ZodType> =>
  Object.fromEntries(BOOKKEEPING.map((name) => [name, z.unknown().meta({ readOnly: true }).optional()]));

/** Of a request that takes no parameters; see `onlyFlag`. */
export const nothingSchema = bodyOf({});

const flag = ownBoolean.nullable().optional();
/** Of a request that takes one flag; see `onlyFlag`. */
export const flagSchema = (name: string, description: string): z.ZodType =>
  bodyOf({ [name]: flag.meta({ description, default: false }) });

/** Runs one schema and collects what it refuses. */
export function take(schema: z.ZodType, name: string, value: unknown, problems: FieldProblem[]): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  problems.push({ pointer: pointerTo(name), message: parsed.error.issues[0]?.message ?? 'is not valid' });
  return undefined;
}

/**
 * The one thing that a request may be told besides its path.
 * @param what it asks for, with its article
 * @param name of the flag; null where it takes nothing
 * @returns whether the flag is set
 * @throws InvalidInput naming every field at fault
 */
export function onlyFlag(
  what: string,
  name: string | null,
  body: Readonly<Record<string, unknown>>,
): boolean {
  const problems: FieldProblem[] = [];
  let isSet = false;
  for (const [field, value] of Object.entries(body)) {
    if (field === name) isSet = take(flag, field, value, problems) === true;
    else if (value !== null && !(BOOKKEEPING as readonly string[]).includes(field)) {
      const message = `is not known here; ${what} takes ${name ?? 'nothing'}`;
      problems.push({ pointer: pointerTo(field.slice(0, 64)), message });
    }
  }
  if (problems.length > 0) throw new InvalidInput('The body is not valid', problems);
  return isSet;
}
