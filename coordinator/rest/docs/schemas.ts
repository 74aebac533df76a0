// Schemas as people read them: a type in a few words, the fields of an object as a table, a body to begin with.
import { nameOf, type Schema } from './document.ts';
import { type Html, html, NOTHING, prose } from './html.ts';

const range = ({ minimum, maximum, minLength, maxLength }: Schema): string => {
  const between = (least: number | undefined, most: number | undefined, what: string): string => {
    // What zod tells of every whole number says nothing.
    const isLow = least !== undefined && least > -9e15;
    const isHigh = most !== undefined && most < 9e15;
    if (isLow && isHigh) return `, ${least} to ${most}${what}`;
    if (isHigh) return `, at most ${most}${what}`;
    return isLow ? `, at least ${least}${what}` : '';
  };
  return between(minimum, maximum, '') + between(minLength, maxLength, ' characters');
};

const or = (parts: readonly Html[]): Html =>
  html`${parts.map((part, at) => (at === 0 ? part : html` or ${part}`))}`;

export function typeOf(schema: Schema): Html {
  if (schema.$ref !== undefined) {
    const name = nameOf(schema.$ref);
    return html`<a href="#schema-${name}">${name}</a>`;
  }
  if (schema.anyOf !== undefined)
    return or(
      schema.anyOf.map((one) =>
        typeOf({ ...(schema.type === undefined ? {} : { type: schema.type }), ...one }),
      ),
    );
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum !== undefined)
    return or(schema.enum.map((value) => html`<code>${JSON.stringify(value)}</code>`));
  if (schema.type === 'array') return html`list of ${typeOf(schema.items ?? {})}`;
  if (schema.type === 'object' && schema.properties !== undefined)
    return html`object of ${Object.keys(schema.properties).map((name, at) => html`${at === 0 ? '' : ', '}<code>${name}</code>`)}`;
  const format = schema.format === undefined ? '' : ` (${schema.format})`;
  return html`${schema.type ?? 'anything'}${format}${range(schema)}`;
}

/** Told of the field, or of the first of what it may be. */
const describedBy = ({ description, anyOf = [] }: Schema): string | undefined =>
  description ?? anyOf.map(describedBy).find((text) => text !== undefined);

const whatIs = (schema: Schema): Html => {
  const description = describedBy(schema);
  return html`${description === undefined ? NOTHING : prose(description)}${schema.writeOnly ? ' Never shown.' : ''}${
    schema.default === undefined ? NOTHING : html` Default: <code>${JSON.stringify(schema.default)}</code>.`
  }`;
};

const isIgnored = ({ readOnly, type, $ref, anyOf }: Schema): boolean =>
  readOnly === true && type === undefined && $ref === undefined && anyOf === undefined;

/** Of what is no object: its type. */
export function fieldsOf(schema: Schema): Html {
  if (schema.properties === undefined) return html`<p>${typeOf(schema)}</p>`;
  const all = Object.entries(schema.properties);
  const told = all.filter(([, field]) => !isIgnored(field));
  const ignored = all.filter(([, field]) => isIgnored(field)).map(([name]) => name);
  const rows = told.map(
    ([name, field]) =>
      html`<tr><th scope="row"><code>${name}</code>${
        schema.required?.includes(name) ? html` <span class="must">required</span>` : NOTHING
      }</th><td>${typeOf(field)}</td><td>${whatIs(field)}</td></tr>`,
  );
  const table =
    told.length === 0
      ? html`<p>Nothing.</p>`
      : html`<div class="wide" role="group" aria-label="Fields" tabindex="0"><table><thead><tr><th scope="col">Field</th><th scope="col">Type</th><th scope="col">What</th></tr></thead><tbody>${rows}</tbody></table></div>`;
  const rest =
    ignored.length === 0
      ? NOTHING
      : html`<p class="note">May be sent back, and is ignored: ${ignored.map((name, at) => html`${at === 0 ? '' : ', '}<code>${name}</code>`)}.</p>`;
  return html`${table}${rest}`;
}

/** The parameters of an operation, as the same kind of table. */
export const parametersOf = (
  parameters: readonly { name: string; in: string; description: string; required: boolean; schema: Schema }[],
): Html =>
  html`<div class="wide" role="group" aria-label="Parameters" tabindex="0"><table><thead><tr><th scope="col">Parameter</th><th scope="col">Type</th><th scope="col">What</th></tr></thead><tbody>${parameters.map(
    ({ name, in: where, description, required, schema }) =>
      html`<tr><th scope="row"><code>${name}</code> <span class="where">${where}</span>${required ? html` <span class="must">required</span>` : NOTHING}</th><td>${typeOf(schema)}</td><td>${prose(description)}${
        schema.default === undefined
          ? NOTHING
          : html` Default: <code>${JSON.stringify(schema.default)}</code>.`
      }</td></tr>`,
  )}</tbody></table></div>`;

const SAMPLE_ID = '7064583a-0656-4914-819e-937863793ab5'; // the seed's own

/** The least that such a body has to say. */
export function sampleOf(schema: Schema, name = ''): unknown {
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.anyOf !== undefined) return sampleOf(schema.anyOf[0] ?? {}, name);
  if (schema.type === 'object') {
    const must = Object.entries(schema.properties ?? {}).filter(([field]) =>
      schema.required?.includes(field),
    );
    return Object.fromEntries(must.map(([field, inner]) => [field, sampleOf(inner, field)]));
  }
  if (schema.type === 'integer') return schema.minimum ?? 0;
  if (schema.type === 'boolean') return false;
  if (schema.format === 'uuid') return SAMPLE_ID;
  const known: Readonly<Record<string, string>> = {
    name: 'c1',
    'datastax-version': '6.8.36',
    'ssh-management-address': '10.0.3.131',
    username: 'admin',
  };
  return known[name] ?? '…';
}
