// A field of a model resource, and the kinds of fields that there are.
import type { FormatName } from './formats.ts';

export interface ModelField {
  /** the API's word; the column is the same in snake_case (secrets: sealed_ in front) */
  name: string;
  /** for people: what it says of the record, without the words of its format, default and limits; '' where the product tells it */
  what: string;
  type: 'string' | 'boolean' | 'integer' | 'uuid' | 'object' | 'timestamp';
  required?: boolean;
  /** never returned, sealed in the database */
  secret?: boolean;
  /** secrets among its values are masked where they stand, and sealed beside it (sealed_secrets) */
  holdsSecrets?: true;
  /** told by the product, ignored in bodies */
  readOnly?: boolean;
  /** has no column: it is worked out when the record is shown */
  derived?: true;
  /** may not change: never, or not once the database nodes it went to have it, since they would refuse to start */
  fixed?: 'always' | 'once-converged';
  minimum?: number;
  maximum?: number;
  allowed?: readonly string[];
  /** of a string; `text` unless given */
  format?: FormatName;
  /** what null and absence mean; null unless given */
  default?: string | number | boolean | Readonly<Record<string, never>>;
  /** the field whose value a new record takes for this one unless given */
  like?: string;
  /** of a boolean: the original has it, and real clients send it as text too */
  original?: true;
  /** other words that real clients send for it */
  aliases?: readonly string[];
  /** what v1 of the API calls it, when it has another word there */
  v1?: string;
}

type Rest = Partial<Omit<ModelField, 'name' | 'what'>>;

export const text = (name: string, what: string, rest: Rest = {}): ModelField => ({
  name,
  what,
  type: 'string',
  ...rest,
});
export const line = (name: string, what: string, rest: Rest = {}): ModelField =>
  text(name, what, { format: 'line', ...rest });
export const address = (name: string, what: string, rest: Rest = {}): ModelField =>
  text(name, what, { format: 'address', ...rest });
export const flag = (name: string, what: string, rest: Rest = {}): ModelField => ({
  name,
  what,
  type: 'boolean',
  ...rest,
});
/** Of the original, as all are that are off unless given. */
export const off = (name: string, what: string): ModelField =>
  flag(name, what, { default: false, original: true });
export const port = (name: string, what: string, rest: Rest = {}): ModelField => ({
  name,
  what,
  type: 'integer',
  minimum: 1,
  maximum: 65_535,
  ...rest,
});
export const moment = (name: string, what: string, rest: Rest = {}): ModelField => ({
  name,
  what,
  type: 'timestamp',
  ...rest,
});
export const ref = (name: string, what: string, rest: Rest = {}): ModelField => ({
  name,
  what,
  type: 'uuid',
  ...rest,
});
