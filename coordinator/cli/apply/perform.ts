// Does the changes of a plan one after the other; when one fails it says what was done and what was not.
import { CliFailure, changedMeanwhile, explain } from '../exit.ts';
import type { Kind } from '../kinds.ts';
import type { Json } from '../rest-client.ts';
import type { Session } from '../session.ts';
import type { Tags } from './as-planned.ts';
import type { Secrets } from './gather-secrets.ts';
import { keyOf, ORDER } from './model-file.ts';
import type { Change } from './plan.ts';
import { titleOf } from './plan-words.ts';
import type { StoredModel } from './stored-model.ts';

export async function perform(
  session: Session,
  changes: readonly Change[],
  stored: StoredModel,
  secrets: Secrets,
  tags: Tags,
): Promise<Json[]> {
  const { around, output } = session;
  // Ctrl-C ends it between two changes: of one that is cut off nobody knows whether it was done.
  const client = session.client.until();
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
      const secret = secrets.get(change)?.get(name);
      if (field.what === 'secret') body[name] = secret;
      else if (field.what === 'value') body[name] = secret ?? field.after;
      else body[name] = field.after === null ? null : idOf(field.after.kind, field.after.place);
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
