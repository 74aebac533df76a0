// What a model file declares: records with where each stands in the file, and which lists are said to be whole.
import type { ModelField } from '../../../shared/model-field.ts';
import { type Kind, kindOf, referenceWord, referredKind, writable } from '../kinds.ts';
import type { SecretSource } from '../secret-sources.ts';

/** file:line:column */
export type At = string;

/** The names that lead to a record: [cluster, datacenter, node]. */
export type Place = readonly string[];
export const keyOf = (kind: Kind, place: Place): string => JSON.stringify([kind.word, ...place]);
export const pathOf = (place: Place): string => place.join('/');

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
  /** fields that refer to another record, by its name; null: to none */
  references: Readonly<Record<string, { name: string | null; at: At }>>;
  secrets: Readonly<Record<string, DeclaredSecret>>;
  /** secrets of which `values` has masks among a profile's settings, by JSON pointer; what stands before each in its text */
  settings: Readonly<Record<string, DeclaredSecret & { before: string }>>;
  /** where a field of it stands, or what is inside of one, by JSON pointer; the record itself where the file does not say it */
  where: (pointer: string) => At;
  /** whether it lists all that lies in it (its datacenters or nodes): what is not listed is too much */
  listsContents: boolean;
}

/** What a file may declare, in the order in which records are made: what is referred to comes first. */
export const ORDER: readonly Kind[] = ['repo', 'credential', 'profile', 'cluster', 'dc', 'node'].map(kindOf);

/** The kind that lies in a kind, and the key it is listed under. */
export const CONTENTS: Readonly<Record<string, { kind: Kind; key: string }>> = Object.fromEntries(
  ORDER.flatMap((kind) => (kind.parent === null ? [] : [[kind.parent.word, { kind, key: kind.model.path }]])),
);

/** Kinds that stand on their own, by the key of a document. */
export const TOP: Readonly<Record<string, Kind>> = {
  ...Object.fromEntries(
    (['repo', 'credential', 'profile'] as const).map((word) => {
      const kind = kindOf(word);
      return [kind.model.path.replaceAll('_', '-'), kind];
    }),
  ),
  cluster: kindOf('cluster'),
};

/** Fields as the file has them, by their keys there: a reference loses its -id, the parent is where it stands. */
export function fileFields(kind: Kind): Map<string, ModelField> {
  return new Map(
    writable(kind.model)
      .filter(({ name }) => name !== kind.parent?.field)
      .map((field) => [referredKind(field) === null ? field.name : referenceWord(field), field]),
  );
}

/** What holds when the file says nothing of a field. */
export const unsaid = (field: ModelField): unknown => field.default ?? null;
