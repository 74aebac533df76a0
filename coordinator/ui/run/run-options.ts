// The options of an action as the fields hold them, and as the body of the request says them.
import type { ActionParameter } from '../../../shared/actions.ts';

/** As typed: text of every field that was touched; booleans as 'true' and 'false'. */
export type Typed = Readonly<Record<string, string>>;

/** What the dialog knows already. */
const GIVEN = ['job-type', 'job-scope', 'resource-id'];

export const optionsOf = (parameters: readonly ActionParameter[]): ActionParameter[] =>
  parameters.filter(({ name }) => !GIVEN.includes(name));

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

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The same request in a terminal; secrets are left for the reader to put in. */
export function curlLine(
  url: string,
  body: Readonly<Record<string, unknown>>,
  parameters: readonly ActionParameter[],
): string {
  const secrets = parameters.filter(({ secret }) => secret).map(({ name }) => name);
  const shown = Object.entries(body).map(([name, value]) => [
    name,
    secrets.includes(name) ? `<${name}>` : value,
  ]);
  return `curl ${url} \\\n  -H 'Content-Type: application/json' \\\n  -d ${quoted(JSON.stringify(Object.fromEntries(shown)))}`;
}
