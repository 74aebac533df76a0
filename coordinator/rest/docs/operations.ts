// One operation as people read it: what it takes, what it answers, and a line that can be pasted into a shell.
import type { Answer, ApiDocument, Operation, Parameter, Schema } from './document.ts';
import { nameOf } from './document.ts';
import { type Html, html, NOTHING, prose } from './html.ts';
import { fieldsOf, parametersOf, sampleOf, typeOf } from './schemas.ts';

export interface Listed {
  method: string;
  path: string;
  operation: Operation;
  /** what version 1 has instead, where it differs */
  inV1: Operation | null;
}

/** They are told once, for all. */
const EVERYWHERE = new Set(['X-Request-Id', 'traceparent']);

const resolved = (document: ApiDocument, parameter: Parameter): Parameter =>
  parameter.$ref === undefined
    ? parameter
    : (document.components.parameters[nameOf(parameter.$ref)] ?? parameter);

const schemaOf = (document: ApiDocument, schema: Schema): Schema =>
  schema.$ref === undefined ? schema : (document.components.schemas[nameOf(schema.$ref)] ?? schema);

const code = (label: string, text: string): Html =>
  html`<pre tabindex="0" aria-label="${label}"><code>${text}</code></pre>`;

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function curl(document: ApiDocument, { method, path, operation }: Listed): string {
  const content = operation.requestBody?.content['application/json'];
  const parts = [
    `curl${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} "$RINGMASTER${path.replace('{id}', '$ID').replace('{name}', 'admin')}"`,
  ];
  if (operation.security?.length !== 0) parts.push(`-H "opscenter-session: $SESSION"`);
  if (operation.responses['200']?.content?.['text/event-stream'] !== undefined) parts.push('-N');
  if (operation.parameters.some(({ $ref }) => $ref?.endsWith('/Idempotency-Key')))
    parts.push('-H "Idempotency-Key: $(uuidgen)"');
  if (content !== undefined && operation.requestBody?.required) {
    const [example] = Object.values(content.examples ?? {});
    const body = example?.value ?? sampleOf(schemaOf(document, content.schema));
    parts.push(`-d ${quoted(JSON.stringify(body, null, 2))}`);
  }
  return parts.join(' \\\n  ');
}

const shown = (answer: Answer): Html =>
  html`${Object.values(answer.content ?? {}).map(({ schema }, at) => (at === 0 ? html` ${typeOf(schema)}` : NOTHING))}`;

function answers(document: ApiDocument, { operation, inV1 }: Listed): Html {
  const rows = Object.entries(operation.responses).map(([status, answer]) => {
    const known = answer.$ref === undefined ? answer : document.components.responses[nameOf(answer.$ref)];
    const old = inV1?.responses[status];
    const isOther = old !== undefined && JSON.stringify(old.content) !== JSON.stringify(answer.content);
    const before = isOther && old.$ref === undefined ? shown(old) : NOTHING;
    return html`<tr><th scope="row"><span class="status s${status.slice(0, 1)}">${status}</span></th><td>${
      answer.$ref === undefined ? shown(answer) : html`<a href="#refusals">${nameOf(answer.$ref)}</a>`
    }${before === NOTHING || before.text === shown(answer).text ? NOTHING : html` (version 1: ${before})`}</td><td>${known?.description ?? ''}</td></tr>`;
  });
  const examples = Object.values(operation.responses).flatMap(({ content = {} }) =>
    Object.values(content).flatMap(({ examples: all = {} }) => Object.values(all)),
  );
  return html`<h3>Answers</h3><div class="wide" role="group" aria-label="Answers" tabindex="0"><table><thead><tr><th scope="col">Status</th><th scope="col">Body</th><th scope="col">What</th></tr></thead><tbody>${rows}</tbody></table></div>${examples.map(
    ({ summary, value }) =>
      html`<h3>Example: <code>${summary}</code></h3>${code('Example answer', JSON.stringify(value, null, 2))}`,
  )}`;
}

function body(document: ApiDocument, { requestBody }: Operation): Html {
  if (requestBody === undefined) return NOTHING;
  const [[type, content] = []] = Object.entries(requestBody.content);
  if (content === undefined) return NOTHING;
  const isForm = Object.keys(requestBody.content).length > 1;
  return html`<h3>Body${requestBody.required ? '' : ', which may be left out'}</h3><p class="note">${type ?? ''}${
    isForm ? ' or a form' : ''
  }${content.schema.$ref === undefined ? NOTHING : html`: ${typeOf(content.schema)}`}</p>${fieldsOf(schemaOf(document, content.schema))}`;
}

export function operationSection(document: ApiDocument, listed: Listed): Html {
  const { method, path, operation } = listed;
  const parameters = operation.parameters
    .map((parameter) => resolved(document, parameter))
    .filter(({ name }) => !EVERYWHERE.has(name));
  return html`<details class="operation" id="${operation.operationId}"><summary><span class="method ${method}">${method.toUpperCase()}</span> <code class="path">${path}</code> <span class="what">${prose(operation.summary)}</span></summary><div class="inside">${
    operation.description === undefined ? NOTHING : html`<p>${prose(operation.description)}</p>`
  }${parameters.length === 0 ? NOTHING : html`<h3>Parameters</h3>${parametersOf(parameters)}`}${body(document, operation)}<h3>By hand</h3>${code('Command line', curl(document, listed))}${answers(document, listed)}</div></details>`;
}
