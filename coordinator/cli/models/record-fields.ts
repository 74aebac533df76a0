// Fields of records as options of commands, and what was given by them: a schedule's target by name.
import { type Command, Option } from 'commander';
import type { ModelField } from '../../../shared/model-field.ts';
import { didYouMean } from '../../../shared/nearest-word.ts';
import { CliFailure } from '../exit.ts';
import { addFieldOptions, bodyOfFields } from '../generated-options.ts';
import { type Kind, referenceWord, referredKind, writable } from '../kinds.ts';
import type { Json } from '../rest-client.ts';
import type { Session } from '../session.ts';
import { addTargetOptions, hasTarget, TARGET_FIELDS, targetOf } from '../target.ts';

const TARGET_SCOPES = ['datacenter', 'node'] as const;

/** What is given by options of their own. */
export const fieldsOf = (kind: Kind): ModelField[] =>
  writable(kind.model).filter(
    ({ name }) => !(hasTarget(kind) && (TARGET_FIELDS as readonly string[]).includes(name)),
  );

export function addRecordOptions(command: Command, kind: Kind, isNew: boolean): void {
  const fields = fieldsOf(kind);
  const offered = isNew
    ? fields.filter(({ name }) => name !== 'name')
    : fields.filter(({ fixed }) => fixed !== 'always');
  addFieldOptions(command, offered, { isNew });
  if (hasTarget(kind)) addTargetOptions(command, TARGET_SCOPES);
  if (!isNew) command.addOption(new Option('--unset <field...>', 'back to what holds when nothing is said'));
}

/** @throws CliFailure usage, not-found */
export async function bodyOfRecord(
  session: Session,
  kind: Kind,
  fields: readonly ModelField[],
  options: Json,
): Promise<Json> {
  const isAimed = hasTarget(kind) && TARGET_SCOPES.some((scope) => options[scope] !== undefined);
  const target = isAimed ? await targetOf(session, options, TARGET_SCOPES) : {};
  return { ...(await bodyOfFields(fields, options, session)), ...target };
}

/** What --unset names, as nulls. @throws CliFailure usage */
export function unset(kind: Kind, given: readonly string[]): Json {
  const words = new Map<string, readonly string[]>(
    fieldsOf(kind)
      .filter(({ required, fixed }) => !required && fixed !== 'always')
      .map((field) => [referredKind(field) === null ? field.name : referenceWord(field), [field.name]]),
  );
  if (hasTarget(kind)) for (const scope of TARGET_SCOPES) words.set(scope, TARGET_FIELDS);
  return Object.fromEntries(
    given.flatMap((word) => {
      const names = words.get(word);
      if (names === undefined)
        throw new CliFailure(
          'usage',
          `--unset ${word}: no such field of a ${kind.word}, or it cannot be empty${didYouMean(word, [...words.keys()])}`,
        );
      return names.map((name) => [name, null]);
    }),
  );
}

/** What says when, in one way or the other: a record that is to go by one has to let go of the other. */
const WAYS: Readonly<Record<string, readonly [readonly string[], readonly string[]]>> = {
  schedule: [['cron'], ['at']],
  window: [
    ['cron', 'duration'],
    ['from', 'until'],
  ],
};

/** @returns fields of the record that --unset has to name for what is said to be taken */
export function inTheWay({ word }: Kind, said: Json, record: Json): string[] {
  const [one, other] = WAYS[word] ?? [[], []];
  const isSaid = (names: readonly string[]): boolean => names.some((name) => (said[name] ?? null) !== null);
  const kept = (names: readonly string[]): string[] =>
    names.filter((name) => (record[name] ?? null) !== null && !(name in said));
  return [...(isSaid(one) ? kept(other) : []), ...(isSaid(other) ? kept(one) : [])];
}
