// From what is declared and what is stored to the changes that make them the same. Pure.
import { isDeepStrictEqual } from 'node:util';
import type { ModelField } from '../../../shared/model-field.ts';
import { meantBy } from '../../../shared/secret-settings.ts';
import { type Kind, kindOf, referenceWord } from '../kinds.ts';
import { hasTarget } from '../target.ts';
import {
  contentsOf,
  type Declared,
  isReference,
  keyOf,
  ORDER,
  type Place,
  pathOf,
  type Referred,
  saidFields,
  unsaid,
} from './model-file.ts';
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
  | {
      what: 'reference';
      field: ModelField;
      before: Referred | null;
      /** what it names is not there any more, and so nothing that could be named here */
      isGone: boolean;
      after: Referred | null;
    }
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
  /** when it was to delete what is not listed: declared without a list of what lies in it of these, which are left alone */
  unlisted: readonly (Referred & { without: Kind })[];
  /** declared schedules and freezes of a time that is past: no coordinator does anything for one, nor takes it */
  past: readonly Declared[];
  /** declared with a time zone beside a single time, which says its offset itself: no coordinator takes that, and so it is left out */
  zoned: readonly Declared[];
  /** stored schedules that are left alone, with what they are for, which is to be deleted */
  aimless: readonly { schedule: Stored; target: Referred }[];
  /** of records that are there: they cannot be read back, so they are not compared */
  uncomparedSecrets: number;
}

export interface PlanOptions {
  /** delete what is not listed */
  prune: boolean;
  /** send secrets of records that are there again */
  updateSecrets: boolean;
  nowMs: number;
}

/** As the file has it. */
const wordOf = (field: string, { model }: Kind): string =>
  field === 'resource-id' ? model.type : referenceWord({ name: field });

/** Whether a record goes by these changes, by itself or with what it lies in. */
function deletedBy(changes: readonly Change[]): (one: Referred) => boolean {
  const gone = new Set(
    changes.flatMap(({ do: what, kind, place }) => (what === 'delete' ? [keyOf(kind, place)] : [])),
  );
  const isGone = ({ kind, place }: Referred): boolean =>
    gone.has(keyOf(kind, place)) ||
    (kind.parent !== null && isGone({ kind: kindOf(kind.parent.word), place: place.slice(0, -1) }));
  return isGone;
}

/** References to what is neither declared nor stored, or is to be deleted by the plan, with where they stand. */
export function danglingReferences(
  declared: readonly Declared[],
  stored: StoredModel,
  changes: readonly Change[],
): { at: string; message: string }[] {
  const there = new Set(declared.map(({ kind, place }) => keyOf(kind, place)));
  const isDeleted = deletedBy(changes);
  return declared.flatMap((one) =>
    Object.entries(one.references).flatMap(([name, { to, at }]) => {
      if (to === null || there.has(keyOf(to.kind, to.place))) return [];
      const [word, what] = [wordOf(name, to.kind), `${to.kind.word} ${pathOf(to.place)}`];
      if (stored.get(to.kind, to.place) === undefined)
        return [{ at, message: `${word}: there is no ${what}, neither here nor at the coordinator` }];
      return isDeleted(to)
        ? [{ at, message: `${word}: ${what} is not in the file, and --prune deletes it` }]
        : [];
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
  for (const field of saidFields(one.kind)) {
    if (field.secret) {
      if (field.name in one.secrets && withSecrets) changes.push({ what: 'secret', field });
    } else if (isReference(field)) {
      const was = before === undefined ? null : stored.referred(before, field);
      const after = one.references[field.name]?.to ?? null;
      const [from, to] = [was, after].map((one) => one && keyOf(one.kind, one.place));
      const isGone = before !== undefined && stored.isGone(before, field);
      if (from !== to || isGone) changes.push({ what: 'reference', field, before: was, isGone, after });
    } else {
      const isLeftOut = field.format === 'time-zone' && isZonedInVain(one);
      const after = (isLeftOut ? null : one.values[field.name]) ?? unsaid(field);
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

/** What lies in a record that lists all of its kind, and is not among them. */
function extraIn(one: Declared, there: ReadonlySet<string>, stored: StoredModel): Stored[] {
  const before = stored.get(one.kind, one.place);
  if (before === undefined) return [];
  return stored
    .inside(before)
    .filter(({ kind, place }) => one.lists.has(kind) && !there.has(keyOf(kind, place)));
}

/** Of a schedule that is to make a job once, or a freeze that comes once. */
const isPast = ({ kind, values }: Declared, nowMs: number): boolean =>
  hasTarget(kind)
    ? values['enabled'] !== false && Date.parse(String(values['at'])) <= nowMs
    : Date.parse(String(values['until'])) <= nowMs;

/** As files may have it from before that was refused. */
const isZonedInVain = ({ values }: Declared): boolean =>
  (values['time-zone'] ?? 'UTC') !== 'UTC' &&
  (values['cron'] ?? null) === null &&
  (values['at'] ?? values['from'] ?? null) !== null;

export function planChanges(declared: readonly Declared[], stored: StoredModel, options: PlanOptions): Plan {
  const there = new Set(declared.map(({ kind, place }) => keyOf(kind, place)));
  const changes: Change[] = [];
  let uncomparedSecrets = 0;
  for (const kind of ORDER)
    for (const one of declared) {
      if (one.kind !== kind) continue;
      const before = stored.get(kind, one.place);
      if (before === undefined && isPast(one, options.nowMs)) continue;
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
  // What refers to others goes before them.
  const extra = declared
    .flatMap((one) => extraIn(one, there, stored))
    .sort((one, other) => ORDER.indexOf(other.kind) - ORDER.indexOf(one.kind));
  const unlisted = declared.flatMap(({ kind, place, lists }) => {
    const before = stored.get(kind, place);
    const inside = new Set(before === undefined ? [] : stored.inside(before).map((one) => one.kind));
    return contentsOf(kind)
      .filter((without) => !lists.has(without) && inside.has(without))
      .map((without) => ({ kind, place, without }));
  });
  if (options.prune)
    for (const { kind, place, id } of extra)
      changes.push({ do: 'delete', kind, place, id, inside: stored.inside({ id }).length });
  const isDeleted = deletedBy(changes);
  const past = declared.filter(
    (one) => isPast(one, options.nowMs) && stored.get(one.kind, one.place) === undefined,
  );
  return {
    changes,
    left: options.prune ? [] : extra,
    unlisted: options.prune ? unlisted : [],
    past,
    zoned: declared.filter((one) => isZonedInVain(one) && !past.includes(one)),
    aimless: stored.all.flatMap((schedule) => {
      const target = hasTarget(schedule.kind) ? stored.referred(schedule, { name: 'resource-id' }) : null;
      const isLeft = !isDeleted(schedule) && !there.has(keyOf(schedule.kind, schedule.place));
      return target !== null && isLeft && isDeleted(target) ? [{ schedule, target }] : [];
    }),
    uncomparedSecrets,
  };
}
