// From what is declared and what is stored to the changes that make them the same. Pure.
import { isDeepStrictEqual } from 'node:util';
import type { ModelField } from '../../../shared/model-field.ts';
import { meantBy } from '../../../shared/secret-settings.ts';
import { type Kind, referenceWord, referredKind } from '../kinds.ts';
import { CONTENTS, type Declared, fileFields, keyOf, ORDER, type Place, unsaid } from './model-file.ts';
import type { Stored, StoredModel } from './stored-model.ts';

export type FieldChange =
  | {
      what: 'value';
      field: ModelField;
      before: unknown;
      after: unknown;
      /** of settings: where in `after` secrets are to be put, by JSON pointer, and whether one is stored there */
      secrets: readonly { at: string; isStored: boolean }[];
    }
  /** by name: the record referred to may have to be made first */
  | { what: 'reference'; field: ModelField; kind: Kind; before: string | null; after: string | null }
  | { what: 'secret'; field: ModelField };

export type Change =
  | { do: 'create'; kind: Kind; place: Place; declared: Declared; fields: readonly FieldChange[] }
  | { do: 'update'; kind: Kind; place: Place; id: string; declared: Declared; fields: readonly FieldChange[] }
  | { do: 'delete'; kind: Kind; place: Place; id: string; inside: number };

export interface Plan {
  /** in the order in which they are to be done */
  changes: readonly Change[];
  /** stored in a declared cluster or datacenter that does not list them, and left alone */
  left: readonly Stored[];
  /** when it was to delete what is not listed: declared without a list of what lies in it, which is left alone */
  unlisted: readonly Pick<Declared, 'kind' | 'place'>[];
  /** of records that are there: they cannot be read back, so they are not compared */
  uncomparedSecrets: number;
}

export interface PlanOptions {
  /** delete what is not listed */
  prune: boolean;
  /** send secrets of records that are there again */
  updateSecrets: boolean;
}

/** Names of references that are neither declared nor stored, with where they stand. */
export function danglingReferences(
  declared: readonly Declared[],
  stored: StoredModel,
): { at: string; message: string }[] {
  const there = new Set(declared.map(({ kind, place }) => keyOf(kind, place)));
  return declared.flatMap((one) =>
    Object.entries(one.references).flatMap(([name, { name: given, at }]) => {
      const field = one.kind.model.fields.find((candidate) => candidate.name === name);
      const kind = field === undefined ? null : referredKind(field);
      if (given === null || kind === null || field === undefined) return [];
      if (there.has(keyOf(kind, [given])) || stored.get(kind, [given]) !== undefined) return [];
      const message = `${referenceWord(field)}: there is no ${kind.word} named ${given}, neither here nor at the coordinator`;
      return [{ at, message }];
    }),
  );
}

/** Which secrets of settings are to be sent: those that no stored one stands for, and all that the file gives when it is told to. */
function settingSecrets(one: Declared, was: unknown, after: unknown, withSecrets: boolean) {
  const missing = meantBy(after, was === undefined ? null : { shown: was, secrets: {} }).unmeant;
  const given = withSecrets ? Object.keys(one.settings).filter((at) => !missing.includes(at)) : [];
  return [...missing.map((at) => ({ at, isStored: false })), ...given.map((at) => ({ at, isStored: true }))];
}

function fieldChanges(
  one: Declared,
  before: Stored | undefined,
  stored: StoredModel,
  withSecrets: boolean,
): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const field of fileFields(one.kind).values()) {
    const kind = referredKind(field);
    if (field.secret) {
      if (field.name in one.secrets && withSecrets) changes.push({ what: 'secret', field });
    } else if (kind !== null) {
      const was = before === undefined ? null : (stored.byId(before.record[field.name])?.place[0] ?? null);
      const after = one.references[field.name]?.name ?? null;
      if (was !== after) changes.push({ what: 'reference', field, kind, before: was, after });
    } else {
      const after = one.values[field.name] ?? unsaid(field);
      // The API takes null for nothing said, too.
      const was = before?.record[field.name] ?? unsaid(field);
      const secrets = field.holdsSecrets
        ? settingSecrets(one, before?.record[field.name], after, withSecrets)
        : [];
      if (secrets.length > 0 || !isDeepStrictEqual(was, after))
        changes.push({ what: 'value', field, before: was, after, secrets });
    }
  }
  return changes;
}

/** What lies in a record that lists its contents and is not among them. */
function extraIn(one: Declared, there: ReadonlySet<string>, stored: StoredModel): Stored[] {
  const before = stored.get(one.kind, one.place);
  if (before === undefined || !one.listsContents || CONTENTS[one.kind.word] === undefined) return [];
  return stored.inside(before).filter(({ kind, place }) => !there.has(keyOf(kind, place)));
}

export function planChanges(declared: readonly Declared[], stored: StoredModel, options: PlanOptions): Plan {
  const there = new Set(declared.map(({ kind, place }) => keyOf(kind, place)));
  const changes: Change[] = [];
  let uncomparedSecrets = 0;
  for (const kind of ORDER)
    for (const one of declared) {
      if (one.kind !== kind) continue;
      const before = stored.get(kind, one.place);
      const fields = fieldChanges(one, before, stored, before === undefined || options.updateSecrets);
      if (before === undefined) changes.push({ do: 'create', kind, place: one.place, declared: one, fields });
      else {
        const sent = fields.flatMap((field) => (field.what === 'value' ? field.secrets : [])).length;
        const declaredSecrets = Object.keys(one.secrets).length + Object.keys(one.settings).length - sent;
        if (!options.updateSecrets) uncomparedSecrets += declaredSecrets;
        if (fields.length > 0)
          changes.push({ do: 'update', kind, place: one.place, id: before.id, declared: one, fields });
      }
    }
  const extra = declared.flatMap((one) => extraIn(one, there, stored));
  const unlisted = declared.filter((one) => {
    const before = stored.get(one.kind, one.place);
    return !one.listsContents && before !== undefined && stored.inside(before).length > 0;
  });
  if (options.prune)
    for (const { kind, place, id } of extra)
      changes.push({ do: 'delete', kind, place, id, inside: stored.inside({ id }).length });
  return {
    changes,
    left: options.prune ? [] : extra,
    unlisted: options.prune ? unlisted : [],
    uncomparedSecrets,
  };
}
