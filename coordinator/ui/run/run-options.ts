// The options of an action as the fields hold them, and as the body of the request says them.
import type { JobType } from '../../../shared/actions.ts';
import type { FieldProblem } from '../../../shared/errors.ts';
import type { ActionParameter } from '../../../shared/job-options.ts';

/** As typed: text of every field that was touched; booleans as 'true' and 'false'. */
export type Typed = Readonly<Record<string, string>>;

/** What the dialog knows already. */
const GIVEN = ['job-type', 'job-scope', 'resource-id'];

export const optionsOf = (parameters: readonly ActionParameter[]): ActionParameter[] =>
  parameters.filter(({ name }) => !GIVEN.includes(name));

/** What a person decides for each job; all else can be left alone, and is folded. */
const UP_FRONT: Readonly<Record<JobType, readonly string[]>> = {
  install: ['change-default-cassandra-password', 'description'],
  configure: ['description'],
  restart: ['description'],
  upgrade: ['take-snapshot', 'upgrade-sstables', 'description'],
  check: ['description'],
};

/** The options in two: in the order of the table what is asked for at once, and in their own what is folded. */
export function parted(
  type: JobType,
  parameters: readonly ActionParameter[],
): { upFront: ActionParameter[]; folded: ActionParameter[] } {
  const options = optionsOf(parameters);
  const place = ({ name }: ActionParameter): number => UP_FRONT[type].indexOf(name);
  const isUpFront = (option: ActionParameter): boolean => option.required || place(option) !== -1;
  return {
    upFront: options.filter(isUpFront).sort((one, other) => place(one) - place(other)),
    folded: options.filter((option) => !isUpFront(option)),
  };
}

/** Where the words of the name alone would mislead. */
const LABELS: Readonly<Record<string, string>> = {
  'change-default-cassandra-password': 'New password of the role cassandra',
};

/** `Batch size` of `batch-size`. */
export const labelOf = (name: string): string =>
  LABELS[name] ?? `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('-', ' ')}`;

function said({ type }: ActionParameter, text: string): unknown {
  if (type === 'boolean') return text === 'true';
  // What is no number goes as it is, so that the API says what is wrong with it.
  if (type === 'integer') return /^-?\d+$/.test(text.trim()) ? Number(text) : text;
  return text;
}

/** Only what was said: what was left alone keeps its default on the server. */
export const bodyOf = (parameters: readonly ActionParameter[], typed: Typed): Record<string, unknown> =>
  Object.fromEntries(
    optionsOf(parameters).flatMap((parameter) => {
      const text = typed[parameter.name] ?? '';
      return text === '' ? [] : [[parameter.name, said(parameter, text)]];
    }),
  );

/** What is still wrong of what was refused: a field that was edited since is another matter. */
export const standing = (
  problems: readonly FieldProblem[],
  asked: Readonly<Record<string, unknown>> | undefined,
  body: Readonly<Record<string, unknown>>,
): FieldProblem[] => problems.filter(({ pointer }) => asked?.[pointer.slice(1)] === body[pointer.slice(1)]);

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The same request in a terminal; secrets are left for the reader to put in, his session among them where one is needed. */
export function curlLine(
  url: string,
  body: Readonly<Record<string, unknown>>,
  parameters: readonly ActionParameter[],
  isGuarded: boolean,
): string {
  const session = isGuarded ? ` -H "opscenter-session: $RINGMASTER_TOKEN"` : '';
  const secrets = parameters.filter(({ secret }) => secret).map(({ name }) => name);
  const shown = Object.entries(body).map(([name, value]) => [
    name,
    secrets.includes(name) ? `<${name}>` : value,
  ]);
  return `curl ${url} \\\n  -H 'Content-Type: application/json'${session} \\\n  -d ${quoted(JSON.stringify(Object.fromEntries(shown)))}`;
}
