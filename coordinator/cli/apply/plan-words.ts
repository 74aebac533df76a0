// A plan as people read it, and as data: + made, ~ changed, - deleted.
import { referenceWord } from '../kinds.ts';
import type { Json } from '../rest-client.ts';
import { hasTarget, TARGET_FIELDS } from '../target.ts';
import type { Colours } from '../terminal/colours.ts';
import { harmless } from '../terminal/harmless.ts';
import { fit } from '../terminal/text-width.ts';
import { listKey, pathOf, type Referred, unsaid } from './model-file.ts';
import type { Change, FieldChange, Plan } from './plan.ts';
import { dotted } from './secrets-in-file.ts';

const MOST_SHOWN = 120;

const isMap = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const word = (value: unknown): string =>
  value === null || value === undefined ? '(none)' : fit(harmless(JSON.stringify(value)), MOST_SHOWN);

/** Maps side by side down to the settings that differ: cassandra-yaml.num_tokens. */
export function settingChanges(
  name: string,
  before: unknown,
  after: unknown,
): { name: string; before: unknown; after: unknown }[] {
  if (isMap(before) && isMap(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => settingChanges(`${name}.${key}`, before[key], after[key]));
  }
  if (isMap(after) && before === undefined && Object.keys(after).length > 0)
    return settingChanges(name, {}, after);
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ name, before, after }];
}

function fieldLines(change: FieldChange, isNew: boolean, colours: Colours): string[] {
  if (change.what === 'secret') return [`    ${change.field.name}: (secret)`];
  if (change.what === 'reference') {
    const [before, after] = [change.before, change.after].map((one) =>
      one === null ? '(none)' : harmless(pathOf(one.place)),
    );
    const name = referenceWord(change.field);
    return [`    ${name}: ${isNew ? '' : `${before} ${colours.dim('->')} `}${after}`];
  }
  const { name: of } = change.field;
  const secrets = change.secrets.map(({ at }) => `${of}.${dotted(at)}`);
  return [
    ...settingChanges(of, change.before ?? unsaid(change.field), change.after)
      .filter(({ name }) => !secrets.includes(name))
      .map(({ name, before, after }) =>
        isNew
          ? `    ${harmless(name)}: ${word(after)}`
          : `    ${harmless(name)}: ${word(before)} ${colours.dim('->')} ${word(after)}`,
      ),
    ...secrets.map((name) => `    ${harmless(name)}: (secret)`),
  ];
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

export const titleOf = ({ kind, place }: Pick<Change, 'kind' | 'place'>): string =>
  `${kind.word} ${harmless(pathOf(place))}`;

const MARK = { create: '+', update: '~', delete: '-' } as const;
const PAINT = { create: 'green', update: 'yellow', delete: 'red' } as const;

function changeLines(change: Change, colours: Colours): string[] {
  const inside =
    change.do === 'delete' && change.inside > 0 ? ` with its ${counted(change.inside, 'node')}` : '';
  const head = colours[PAINT[change.do]](`${MARK[change.do]} ${titleOf(change)}${inside}`);
  if (change.do === 'delete') return [head];
  const isTarget = ({ field }: FieldChange): boolean =>
    hasTarget(change.kind) && (TARGET_FIELDS as readonly string[]).includes(field.name);
  return [
    head,
    ...(change.do === 'create' || change.fields.some(isTarget) ? targetLines(change, colours) : []),
    ...change.fields
      .filter((one) => one.field.name !== 'name' && !isTarget(one))
      .flatMap((field) => fieldLines(field, change.do === 'create', colours)),
  ];
}

/** What a schedule is for: said of each that is new, since a job stops nodes. */
function targetLines(change: Exclude<Change, { do: 'delete' }>, colours: Colours): string[] {
  if (!hasTarget(change.kind)) return [];
  const named = (referred: Referred | null | undefined): string =>
    harmless(referred ? pathOf(referred.place) : `all of ${change.place[0]}`);
  const after = named(change.declared.references['resource-id']?.to);
  if (change.do === 'create') return [`    for: ${after}`];
  const aimed = change.fields.find((one) => one.what === 'reference' && one.field.name === 'resource-id');
  const before =
    aimed?.what === 'reference' && aimed.isGone
      ? 'what is gone'
      : named(aimed?.what === 'reference' ? aimed.before : null);
  return [`    for: ${before} ${colours.dim('->')} ${after}`];
}

export function summaryOf({ changes }: Pick<Plan, 'changes'>): string {
  const count = (what: Change['do']): number => changes.filter((change) => change.do === what).length;
  if (changes.length === 0) return 'nothing to change';
  return `${count('create')} to create, ${count('update')} to change, ${count('delete')} to delete`;
}

export const planLines = (plan: Plan, colours: Colours): string[] =>
  plan.changes.flatMap((change) => changeLines(change, colours));

/** What a person should know beside the changes. */
export function planNotes({ left, unlisted, past, zoned, aimless, uncomparedSecrets }: Plan): string[] {
  return [
    ...past.map((one) => `not made, since its time is past: ${titleOf(one)}`),
    ...zoned.map(
      (one) => `left out, since a single time says its offset itself: time-zone of ${titleOf(one)}`,
    ),
    ...aimless.map(
      ({ schedule, target }) =>
        `left alone, and makes no job from then on: ${titleOf(schedule)}, since ${titleOf(target)} is deleted`,
    ),
    ...left.map((stored) => `not in the file, and left alone: ${titleOf(stored)} (--prune would delete it)`),
    ...unlisted.map((one) => {
      const key = listKey(one.without);
      return `not in the file, and left alone: ${key} of ${titleOf(one)} (with "${key}: []" --prune would delete them)`;
    }),
    ...(uncomparedSecrets > 0
      ? [
          `${counted(uncomparedSecrets, 'secret')} not compared, since secrets cannot be read back (--update-secrets sends them again)`,
        ]
      : []),
  ];
}

const nameOf = (referred: Referred | null): string | null => referred && pathOf(referred.place);

export const planData = ({ changes }: Pick<Plan, 'changes'>): Json[] =>
  changes.map((change) => ({
    action: change.do,
    kind: change.kind.word,
    path: pathOf(change.place),
    ...(change.do === 'create' ? {} : { id: change.id }),
    ...(change.do === 'delete'
      ? {}
      : {
          fields: change.fields.map((field) =>
            field.what === 'secret'
              ? { name: field.field.name, secret: true }
              : {
                  name: field.field.name,
                  before: field.what === 'reference' ? nameOf(field.before) : field.before,
                  after: field.what === 'reference' ? nameOf(field.after) : field.after,
                  ...(field.what === 'value' && field.secrets.length > 0
                    ? { secrets: field.secrets.map(({ at }) => at) }
                    : {}),
                },
          ),
        }),
  }));
