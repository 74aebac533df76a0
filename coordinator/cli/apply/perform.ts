// Does the changes of a plan one after the other; when one fails it says what was done and what was not.
import { CliFailure, changedMeanwhile, explain } from '../exit.ts';
import type { Kind } from '../kinds.ts';
import type { Json } from '../rest-client.ts';
import { readSecret } from '../secret-sources.ts';
import type { Session, Surroundings } from '../session.ts';
import type { Tags } from './as-planned.ts';
import { keyOf, ORDER } from './model-file.ts';
import type { Change, FieldChange } from './plan.ts';
import { titleOf } from './plan-words.ts';
import type { StoredModel } from './stored-model.ts';

/** Secrets by change and field name: read before anything is sent, so that none is missing half-way. */
export type Secrets = ReadonlyMap<Change, ReadonlyMap<string, string>>;

/**
 * @returns the changes without optional secrets that are not there (and without changes that held nothing else),
 * what to say of those, and the secrets themselves
 * @throws CliFailure usage that names every place in the file whose secret is not there
 */
export async function gatherSecrets(
  changes: readonly Change[],
  around: Pick<Surroundings, 'env' | 'readStdin'>,
): Promise<{ changes: Change[]; secrets: Secrets; notes: string[] }> {
  const [kept, secrets, notes, problems] = [
    [] as Change[],
    new Map<Change, Map<string, string>>(),
    [] as string[],
    [] as string[],
  ];
  for (const change of changes) {
    if (change.do === 'delete') {
      kept.push(change);
      continue;
    }
    const [found, missing] = [new Map<string, string>(), new Set<FieldChange>()];
    for (const field of change.fields) {
      const declared = field.what === 'secret' ? change.declared.secrets[field.field.name] : undefined;
      if (declared === undefined) continue;
      try {
        found.set(field.field.name, await readSecret(declared.source, around));
      } catch (error) {
        missing.add(field);
        const { message } = explain(error);
        if (declared.optional) notes.push(`${titleOf(change)} goes without ${field.field.name}: ${message}`);
        else problems.push(`${declared.at}: ${field.field.name} of ${titleOf(change)}: ${message}`);
      }
    }
    const fields = change.fields.filter((field) => !missing.has(field));
    if (change.do === 'update' && fields.length === 0) continue;
    const whole = { ...change, fields };
    kept.push(whole);
    secrets.set(whole, found);
  }
  if (problems.length > 0) throw new CliFailure('usage', 'secrets are missing; nothing was sent', problems);
  return { changes: kept, secrets, notes };
}

export async function perform(
  { client, around, output }: Session,
  changes: readonly Change[],
  stored: StoredModel,
  secrets: Secrets,
  tags: Tags,
): Promise<Json[]> {
  const ids = new Map(stored.all.map(({ kind, place, id }) => [keyOf(kind, place), id]));
  const idOf = (kind: Kind, place: readonly string[]): string => {
    const id = ids.get(keyOf(kind, place));
    if (id === undefined) throw new Error(`no id of ${kind.word} ${place.join('/')}`);
    return id;
  };
  const bodyOf = (change: Exclude<Change, { do: 'delete' }>): Json => {
    const body: Json = {};
    for (const field of change.fields) {
      const { name } = field.field;
      if (field.what === 'value') body[name] = field.after;
      else if (field.what === 'secret') body[name] = secrets.get(change)?.get(name);
      else body[name] = field.after === null ? null : idOf(field.kind, [field.after]);
    }
    return body;
  };
  const parentOf = ({ kind, place }: Change): Json =>
    kind.parent === null ? {} : { [kind.parent.field]: idOf(parentKind(kind), place.slice(0, -1)) };
  const one = async (change: Change): Promise<Json> => {
    const { path } = change.kind.model;
    switch (change.do) {
      case 'create':
        return await client.post(`${path}/`, { ...bodyOf(change), ...parentOf(change) });
      case 'update':
        return await client.put(`${path}/${change.id}`, bodyOf(change), tags.get(change));
      case 'delete':
        return await client.delete(`${path}/${change.id}`, tags.get(change));
    }
  };

  const answers: Json[] = [];
  for (const [at, change] of changes.entries()) {
    try {
      if (around.interrupted.aborted) throw new CliFailure('interrupted', 'stopped between two changes');
      const answer = await one(change);
      answers.push(answer);
      ids.set(keyOf(change.kind, change.place), String(answer['id']));
      output.note(`${output.errColours.green('✓')} ${PAST[change.do]} ${titleOf(change)}`);
    } catch (error) {
      throw halfDone(change, error, changes.slice(0, at), changes.slice(at + 1));
    }
  }
  return answers;
}

const PAST = { create: 'created', update: 'changed', delete: 'deleted' } as const;
const VERB = { create: 'create', update: 'change', delete: 'delete' } as const;

const parentKind = (kind: Kind): Kind => {
  const found = ORDER.find(({ word }) => word === kind.parent?.word);
  if (found === undefined) throw new Error(`${kind.word} lies in nothing`);
  return found;
};

function halfDone(
  failed: Change,
  error: unknown,
  done: readonly Change[],
  rest: readonly Change[],
): CliFailure {
  const { outcome, message, hints } = explain(changedMeanwhile(error, 'it', []));
  const first =
    outcome === 'interrupted' ? message : `could not ${VERB[failed.do]} ${titleOf(failed)}: ${message}`;
  return new CliFailure(outcome, first, [
    ...hints,
    `done: ${done.length} of ${done.length + 1 + rest.length}`,
    ...[failed, ...rest].map((change) => `not done: ${VERB[change.do]} ${titleOf(change)}`),
    'the same command again plans anew, and does what is missing',
  ]);
}
