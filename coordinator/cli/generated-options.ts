// Options made from shared/actions.ts and shared/models.ts, and what was given by them as a body for the API.
import { type Command, Option } from 'commander';
import type { ActionParameter } from '../../shared/job-options.ts';
import type { ModelField } from '../../shared/model-field.ts';
import { CliFailure } from './exit.ts';
import { readMapFile } from './input-files.ts';
import { referenceWord, referredKind } from './kinds.ts';
import type { Json } from './rest-client.ts';
import { readSecret, SOURCE_HELP, sourceOf } from './secret-sources.ts';
import type { Session } from './session.ts';
import { type ValueRule, valueOfText, valueProblem } from './values.ts';

/** One field or parameter as an option. */
interface Generated {
  name: string;
  option: string;
  rule: ValueRule;
  how: 'value' | 'secret' | 'reference' | 'document';
  help: string;
  field: ModelField | null;
}

/** What may be given, and what holds when nothing is: a choice that is named default says so itself. */
const limitsOf = (rule: ValueRule, fallback: unknown): (string | undefined)[] => [
  rule.allowed?.join(', '),
  typeof rule.minimum === 'number' ? `${rule.minimum} to ${rule.maximum}` : undefined,
  ['string', 'number', 'boolean'].includes(typeof fallback) && fallback !== 'default'
    ? `default ${String(fallback)}`
    : undefined,
];
const inBrackets = (parts: readonly (string | undefined)[]): string => {
  const said = parts.filter((part) => part !== undefined);
  return said.length === 0 ? '' : `(${said.join('; ')})`;
};

const ofParameter = (parameter: ActionParameter): Generated => {
  const rule = { ...parameter, allowed: parameter['allowed-values'] };
  const help = parameter.secret ? SOURCE_HELP : inBrackets(limitsOf(rule, parameter.default));
  return {
    name: parameter.name,
    option: parameter.secret ? `${parameter.name}-from` : parameter.name,
    rule,
    how: parameter.secret ? 'secret' : 'value',
    help: `${parameter.description.replace(/\.$/, '')} ${help}`.trim(),
    field: null,
  };
};

/** A record that is there keeps what is not said, whatever the default. */
const aboutField = (field: ModelField, isNew: boolean): string =>
  inBrackets([
    isNew && field.required ? 'required' : undefined,
    ...limitsOf(field, isNew ? field.default : undefined),
    !isNew || field.like === undefined ? undefined : `default: its ${field.like}`,
    field.fixed === 'always' ? 'cannot be changed later' : undefined,
    field.fixed === 'once-converged' ? 'cannot be changed once it was installed' : undefined,
  ]);

const ofField = (field: ModelField, isNew: boolean): Generated => {
  const reference = referredKind(field);
  const how = field.secret
    ? 'secret'
    : reference !== null
      ? 'reference'
      : field.type === 'object'
        ? 'document'
        : 'value';
  const about = {
    secret: `(from ${SOURCE_HELP})`,
    reference: `(name or id of a ${reference?.word})`,
    document: '(a file, JSON or YAML; - reads standard input)',
    value: aboutField(field, isNew),
  }[how];
  const help = `${field.what} ${about}`.trim();
  return {
    name: field.name,
    option: how === 'secret' ? `${field.name}-from` : how === 'reference' ? referenceWord(field) : field.name,
    rule: field,
    how,
    help,
    field,
  };
};

const placeholder = (one: Generated): string => {
  if (one.how === 'secret') return '<source>';
  if (one.how === 'document') return '<file>';
  if (one.rule.type === 'boolean') return '[boolean]';
  return one.how === 'reference' ? `<${one.option}>` : one.rule.type === 'integer' ? '<number>' : '<text>';
};

function add(command: Command, all: readonly Generated[]): void {
  for (const one of all) {
    const option = new Option(`--${one.option} ${placeholder(one)}`, one.help);
    // For completion alone; what is wrong is told by valueProblem, of all options at once.
    if (one.rule.allowed) option.argChoices = [...one.rule.allowed];
    command.addOption(option);
    // Caught with a better answer than "unknown option": what was typed is a secret by now.
    if (one.how === 'secret') command.addOption(new Option(`--${one.name} [secret]`).hideHelp());
  }
}

const attributeOf = (option: string): string => new Option(`--${option}`).attributeName();

/** @throws CliFailure usage that names every option at fault; not-found for a name */
async function bodyOf(all: readonly Generated[], options: Json, session: Session): Promise<Json> {
  const body: Json = {};
  const problems: string[] = [];
  for (const one of all) {
    if (one.how === 'secret' && options[attributeOf(one.name)] !== undefined)
      problems.push(
        `--${one.name}: a secret does not belong on the command line; use --${one.option} <${SOURCE_HELP}>`,
      );
    const given = options[attributeOf(one.option)];
    // A flag alone, without its "true".
    const text = given === true ? 'true' : given;
    if (typeof text !== 'string') continue;
    if (one.how === 'secret') body[one.name] = await readSecret(sourceOf(one.option, text), session.around);
    else if (one.how === 'document')
      body[one.name] = await readMapFile(text, session.around, DOCUMENTS[one.name] ?? '');
    else if (one.how === 'reference' && one.field !== null) {
      const kind = referredKind(one.field);
      if (kind !== null) body[one.name] = (await session.names.find(kind, text)).id;
    } else {
      const value = valueOfText(one.rule, text);
      const wrong = valueProblem(one.rule, value);
      if (wrong !== null) problems.push(`--${one.option} ${wrong}`);
      body[one.name] = value;
    }
  }
  if (problems.length > 0) throw new CliFailure('usage', problems[0] ?? '', problems.slice(1));
  return body;
}

/** What is said of one that is no map. */
const DOCUMENTS: Readonly<Record<string, string>> = {
  json: 'config files, e.g. cassandra-yaml: {num_tokens: 8}',
  options: 'parameters of the job, e.g. only-stale: true',
};

/** What names the target is said by --cluster, --datacenter and --node instead. */
const optional = (parameters: readonly ActionParameter[]): Generated[] =>
  parameters
    .filter(({ name }) => !['job-type', 'job-scope', 'resource-id', 'job-id'].includes(name))
    .map(ofParameter);

export const addParameterOptions = (command: Command, parameters: readonly ActionParameter[]): void =>
  add(command, optional(parameters));

export const bodyOfParameters = async (
  parameters: readonly ActionParameter[],
  options: Json,
  session: Session,
): Promise<Json> => await bodyOf(optional(parameters), options, session);

/** @param isNew of a record that is made, not changed */
export const addFieldOptions = (
  command: Command,
  fields: readonly ModelField[],
  { isNew }: { isNew: boolean },
): void =>
  add(
    command,
    fields.map((field) => ofField(field, isNew)),
  );

export const bodyOfFields = async (
  fields: readonly ModelField[],
  options: Json,
  session: Session,
): Promise<Json> =>
  await bodyOf(
    fields.map((field) => ofField(field, false)),
    options,
    session,
  );
