// What a model file declares: records with where each stands in the file, and which lists are said to be whole.
import type { ModelField } from '../../../shared/model-field.ts';
import { type Kind, kindOf, referenceWord, referredKind, writable } from '../kinds.ts';
import type { SecretSource } from '../secret-sources.ts';
import { hasTarget, TARGET_FIELDS } from '../target.ts';

/** file:line:column */
export type At = string;

/** The names that lead to a record: [cluster, datacenter, node]. */
export type Place = readonly string[];
export const keyOf = (kind: Kind, place: Place): string => JSON.stringify([kind.word, ...place]);
export const pathOf = (place: Place): string => place.join('/');

/** A record by the names that lead to it: it may have to be made first. */
export interface Referred {
  kind: Kind;
  place: Place;
}

export interface DeclaredSecret {
  source: SecretSource;
  /** the record is made without it when it is not there */
  optional: boolean;
  at: At;
}

export interface Declared {
  kind: Kind;
  place: Place;
  at: At;
  /** plain fields that the file says, by the API's names; what it does not say is as it is without being said */
  values: Readonly<Record<string, unknown>>;
  /** fields that refer to another record; null: to none */
  references: Readonly<Record<string, { to: Referred | null; at: At }>>;
  secrets: Readonly<Record<string, DeclaredSecret>>;
  /** secrets of which `values` has masks among a profile's settings, by JSON pointer; what stands before each in its text */
  settings: Readonly<Record<string, DeclaredSecret & { before: string }>>;
  /** where a field of it stands, or what is inside of one, by JSON pointer; the record itself where the file does not say it */
  where: (pointer: string) => At;
  /** of which kinds it lists all that lie in it: what is not listed is too much */
  lists: ReadonlySet<Kind>;
}

/** What a file may declare, in the order in which records are made: what is referred to comes first. */
export const ORDER: readonly Kind[] = [
  'repo',
  'credential',
  'profile',
  'cluster',
  'dc',
  'node',
  'window',
  'schedule',
].map(kindOf);

/** The key that records of a kind are listed under. */
export const listKey = ({ model }: Kind): string => model.path.replaceAll('_', '-');

/** The kinds that lie in a kind. */
export const contentsOf = (of: Kind): readonly Kind[] =>
  ORDER.filter(({ parent }) => parent?.word === of.word);

/** Kinds that stand on their own, by the key of a document. */
export const TOP: Readonly<Record<string, Kind>> = {
  ...Object.fromEntries(
    (['repo', 'credential', 'profile'] as const).map((word) => {
      const kind = kindOf(word);
      return [listKey(kind), kind];
    }),
  ),
  cluster: kindOf('cluster'),
};

/** Fields that a file can say, the parent aside, which is where the record stands. */
export const saidFields = (kind: Kind): ModelField[] =>
  writable(kind.model).filter(({ name }) => name !== kind.parent?.field);

/** Those that stand there as they are, by their keys: a reference loses its -id. Of a schedule's target see target-in-file.ts. */
export const fileFields = (kind: Kind): Map<string, ModelField> =>
  new Map(
    saidFields(kind)
      .filter(({ name }) => !(hasTarget(kind) && (TARGET_FIELDS as readonly string[]).includes(name)))
      .map((field) => [referredKind(field) === null ? field.name : referenceWord(field), field]),
  );

/** Another record is named by it, and not a value given. */
export const isReference = (field: ModelField): boolean =>
  referredKind(field) !== null || field.name === 'resource-id';

/** What holds when the file says nothing of a field. */
export const unsaid = (field: ModelField): unknown => field.default ?? null;
