// What the coordinator alone knows (the settings of a version, what stands once it is installed) it is asked before anything is sent.
import { Slots } from '../../../shared/slots.ts';
import { CliFailure } from '../exit.ts';
import { kindOf } from '../kinds.ts';
import { ApiRefusal, type Json } from '../rest-client.ts';
import type { Session } from '../session.ts';
import { hasTarget, TARGET_FIELDS } from '../target.ts';
import type { Secrets } from './gather-secrets.ts';
import { isReference, keyOf, saidFields } from './model-file.ts';
import type { Change, FieldChange } from './plan.ts';
import { titleOf } from './plan-words.ts';
import { dotted } from './secrets-in-file.ts';
import type { Stored, StoredModel } from './stored-model.ts';
import type { YamlSource } from './yaml-source.ts';

type Written = Exclude<Change, { do: 'delete' }>;

/** Each is a transaction there, which is rolled back. */
const AT_ONCE = 4;

const isAddress = ({ field }: FieldChange): boolean => field.name.endsWith('-address');

const isReaddressed = (change: Change): boolean =>
  change.do === 'update' && change.kind.word === 'node' && change.fields.some(isAddress);

/** What it lies in; null: in nothing, undefined: in what is still to be made. */
const parentOf = ({ kind, place }: Change, stored: StoredModel): Stored | null | undefined =>
  kind.parent === null ? null : stored.get(kindOf(kind.parent.word), place.slice(0, -1));

/** All that a stored record rests on: itself, what it lies in, and what these refer to. */
function groundOf(one: Stored | undefined, stored: StoredModel): Stored[] {
  if (one === undefined) return [];
  const { kind, record } = one;
  const referred = saidFields(kind).flatMap((field) =>
    isReference(field) ? (stored.referred(one, field) ?? []) : [],
  );
  const parent = kind.parent === null ? undefined : stored.byId(record[kind.parent.field]);
  return [one, ...referred, ...groundOf(parent, stored)];
}

/**
 * Changes of what is there, and new records where all that they rest on is there and stays as it is: else one may be refused for what
 * was. Nor is a schedule tried that is to be for what is still to be made.
 */
function triable(changes: readonly Change[], stored: StoredModel): Written[] {
  const touched = new Set(changes.map(({ kind, place }) => keyOf(kind, place)));
  const handingOver = new Set(changes.filter(isReaddressed).map(({ place }) => place[0]));
  const stands = (one: Stored): boolean => !touched.has(keyOf(one.kind, one.place));
  return changes.filter((change): change is Written => {
    if (change.do === 'delete') return false;
    const referred = change.fields.flatMap((field) =>
      field.what === 'reference' && field.after !== null
        ? [stored.get(field.after.kind, field.after.place)]
        : [],
    );
    if (change.do === 'update') return !hasTarget(change.kind) || !referred.includes(undefined);
    const parent = parentOf(change, stored);
    if (parent === undefined || referred.includes(undefined)) return false;
    if (change.kind.word === 'node' && handingOver.has(change.place[0])) return false;
    return [...groundOf(parent ?? undefined, stored), ...referred].every(
      (one) => one !== undefined && stands(one),
    );
  });
}

/** Without references to what is still to be made. */
function bodyOf(
  change: Written,
  secrets: Secrets,
  stored: StoredModel,
  fits: (field: FieldChange) => boolean,
): Json {
  const body: Json = {};
  for (const field of change.fields.filter(fits)) {
    const { name } = field.field;
    const secret = secrets.get(change)?.get(name);
    if (field.what === 'secret') body[name] = secret;
    else if (field.what === 'value') body[name] = secret ?? field.after;
    else if (field.after === null) body[name] = null;
    else {
      const referred = stored.get(field.after.kind, field.after.place);
      if (referred !== undefined) body[name] = referred.id;
    }
  }
  return body;
}

/** @returns where in the file what is refused stands, and why */
function wordsOf(change: Written, { message, problems }: ApiRefusal): { at: string; says: string }[] {
  const { declared } = change;
  if (problems.length === 0) return [{ at: declared.at, says: `${titleOf(change)}: ${message}` }];
  // A file has words of its own for what a schedule is for.
  const isTarget = (pointer: string): boolean =>
    hasTarget(change.kind) && (TARGET_FIELDS as readonly string[]).includes(pointer.slice(1));
  return problems.map(({ pointer, message: why }) => ({
    at: declared.where(pointer),
    says: `${isTarget(pointer) ? 'what it is for' : dotted(pointer)} of ${titleOf(change)} ${why}`,
  }));
}

/** @throws CliFailure usage for what is wrong in the file, conflict for what is stored and stands against it: all of it, with its lines */
export async function tryChanges(
  { client }: Session,
  changes: readonly Change[],
  stored: StoredModel,
  secrets: Secrets,
  source: YamlSource,
): Promise<void> {
  const slots = new Slots(AT_ONCE);
  const tried = triable(changes, stored);
  // Tried alone, a node would be refused the address that another one gives up before: of these the plan knows itself.
  const mayHandOver = changes.filter(isReaddressed).length > 1;
  const refusalOf = async (change: Written): Promise<ApiRefusal | null> => {
    const { path } = change.kind.model;
    const body = bodyOf(
      change,
      secrets,
      stored,
      (field) => change.do === 'create' || !mayHandOver || !isAddress(field),
    );
    if (Object.keys(body).length === 0) return null;
    try {
      const { parent } = change.kind;
      const within = parent === null ? {} : { [parent.field]: parentOf(change, stored)?.id };
      if (change.do === 'create') await client.post(`${path}/?dry-run=true`, { ...body, ...within });
      else await client.put(`${path}/${change.id}?dry-run=true`, body);
      return null;
    } catch (error) {
      if (error instanceof ApiRefusal && [400, 409].includes(error.status)) return error;
      throw error;
    }
  };
  const refusals = await Promise.all(tried.map((change) => slots.within(() => refusalOf(change))));
  const conflicts: string[] = [];
  for (const [index, change] of tried.entries()) {
    const refusal = refusals[index] ?? null;
    if (refusal === null) continue;
    for (const { at, says } of wordsOf(change, refusal))
      if (refusal.status === 409) conflicts.push(`${at}: ${says}`);
      else source.problem(at, says);
  }
  source.check();
  if (conflicts.length > 0)
    throw new CliFailure('conflict', 'what is stored stands against the file; nothing was sent', conflicts);
}
