// The page at /docs: the API's document for people, whole and at once, without a script.

import type { ErrorType } from '../error-status.ts';
import { STATUS_OF_TYPE } from '../error-status.ts';
import { PROBLEM_TITLES, problemType } from '../problem.ts';
import type { ApiDocument } from './document.ts';
import { type Html, html, prose } from './html.ts';
import { type Listed, operationSection } from './operations.ts';
import { fieldsOf, parametersOf } from './schemas.ts';

const V1 = '/api/v1/lcm';
const V2 = '/api/v2/lcm';

const idOf = (text: string): string => text.toLowerCase().replaceAll(' ', '-');

/** Each route once, as version 2 has it. */
function listed({ paths }: ApiDocument): Listed[] {
  return Object.entries(paths)
    .filter(([path]) => !path.startsWith(V1))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method,
        path,
        operation,
        inV1: paths[path.replace(V2, V1)]?.[method] ?? null,
      })),
    );
}

const BEGINNING = `export RINGMASTER=http://localhost:8888
export SESSION=$(curl -s "$RINGMASTER/login" -d '{"username":"admin","password":"…"}' | sed 's/.*:"//;s/".*//')
curl "$RINGMASTER/api/v2/lcm/jobs/" -H "opscenter-session: $SESSION"`;

const refusals = (): Html =>
  html`<section id="refusals" aria-labelledby="refusals-title"><h2 id="refusals-title">Refusals</h2><p>${prose(
    'A refusal is `{code, type, message, msg, errors}`, with a pointer to each field at fault. Callers whose `Accept` names `application/problem+json` get RFC 9457 problem details instead; their `type` is the name in the last column.',
  )}</p><div class="wide" role="group" aria-label="Refusals" tabindex="0"><table><thead><tr><th scope="col">Status</th><th scope="col">type</th><th scope="col">What</th><th scope="col">Problem details</th></tr></thead><tbody>${(
    Object.keys(PROBLEM_TITLES) as ErrorType[]
  ).map(
    (type) =>
      html`<tr><th scope="row"><span class="status s${String(STATUS_OF_TYPE[type]).slice(0, 1)}">${STATUS_OF_TYPE[type]}</span></th><td><code>${type}</code></td><td>${PROBLEM_TITLES[type]}.</td><td><code>${problemType(type)}</code></td></tr>`,
  )}</tbody></table></div></section>`;

const manners = ({ components }: ApiDocument): Html =>
  html`<section id="manners" aria-labelledby="manners-title"><h2 id="manners-title">On every route</h2>
<p>${prose('With authentication on, a session goes along as the header `opscenter-session` or `sessionid`, as `Authorization: Bearer`, or as the cookie that `/login` sets.')}</p>
<p>${prose('Records of the model carry an `ETag`. With `If-Match` nothing is written once somebody has changed what callers store; with `If-None-Match` a GET is a 304 while nothing is new.')}</p>
<p>${prose('A POST under an `Idempotency-Key` is done once, however often it is sent within 24 hours, and answered alike.')}</p>
<p>${prose('Lists come in pages, with `next` and `previous` as links; collections end with a slash, which may be left out.')}</p>${parametersOf(
    ['X-Request-Id', 'traceparent'].flatMap((name) => components.parameters[name] ?? []),
  )}</section>`;

/** @param styleUrl where the style sheet is: the page's policy lets no other in */
export function docsPage(document: ApiDocument, styleUrl: string): string {
  const all = listed(document);
  const groups = document.tags.map(({ name }) => ({
    name,
    operations: all.filter(({ operation }) => operation.tags.includes(name)),
  }));
  const nav = html`<nav aria-label="Contents"><ul><li><a href="#manners">On every route</a></li>${groups.map(
    ({ name }) => html`<li><a href="#${idOf(name)}">${name}</a></li>`,
  )}<li><a href="#refusals">Refusals</a></li><li><a href="#schemas">Schemas</a></li></ul></nav>`;
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) =>
      html`<details class="schema" id="schema-${name}"><summary><code>${name}</code></summary><div class="inside">${fieldsOf(schema)}</div></details>`,
  );
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Ringmaster API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${styleUrl}">
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header><a class="brand" href="/">Ringmaster</a> <span>API ${document.info.version}</span> <a href="/openapi.json">openapi.json</a></header>
${nav}
<main id="main" tabindex="-1">
<h1>The API of Ringmaster</h1>
${document.info.description.split('\n').map((line) => html`<p>${prose(line)}</p>`)}
<pre tabindex="0" aria-label="To begin with"><code>${BEGINNING}</code></pre>
${manners(document)}
${groups.map(
  ({ name, operations }) =>
    html`<section id="${idOf(name)}" aria-labelledby="${idOf(name)}-title"><h2 id="${idOf(name)}-title">${name}</h2>${operations.map((one) => operationSection(document, one))}</section>\n`,
)}
${refusals()}
<section id="schemas" aria-labelledby="schemas-title"><h2 id="schemas-title">Schemas</h2>${schemas}</section>
</main>
</body>
</html>
`;
  return page.text;
}
