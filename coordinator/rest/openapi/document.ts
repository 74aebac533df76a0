// The OpenAPI 3.1 document, put together from the tables of operations and the schemas that validate.
import { VERSION } from '../../../shared/version.ts';
import type { ErrorType } from '../error-status.ts';
import { STATUS_OF_TYPE } from '../error-status.ts';
import { PROBLEM_JSON, PROBLEM_TITLES } from '../problem.ts';
import { COOKIE } from '../sessions.ts';
import { Components, type Json } from './components.ts';
import { DEFINITION_SCHEMAS, definitionOperations } from './definition-operations.ts';
import { DRIFT_SCHEMAS, driftOperation } from './drift-operation.ts';
import { readSeedExample, type SeedExample, seedExampleNames } from './examples.ts';
import { JOB_SCHEMAS, jobOperations } from './job-operations.ts';
import { modelOperations, modelRecords, modelSchemas } from './model-operations.ts';
import type { Link, OkAnswer, Operation } from './operation.ts';
import { IDEMPOTENCY_KEY, IF_NONE_MATCH, TRACING } from './parameters.ts';
import { errorBody, problem, type Version } from './records.ts';
import { baseOperations, SERVER_SCHEMAS, serverOperations } from './server-operations.ts';

const VERSIONS: readonly Version[] = ['v1', 'v2'];

const DESCRIPTION = `The lifecycle manager's API. Everything below \`/api/v1/lcm\` is below \`/api/v2/lcm\` as well; records of clusters and nodes differ in a few words.
Bodies are JSON whatever their content type. Times are UTC. Fields that a record carries beside its own (\`id\`, \`href\`, …) may be sent back, and are not looked at; other unknown fields are refused unless they are null.`;

const SECURITY = {
  'opscenter-session': {
    type: 'apiKey',
    in: 'header',
    name: 'opscenter-session',
    description: 'The sessionid that /login answers.',
  },
  sessionid: { type: 'apiKey', in: 'header', name: 'sessionid' },
  bearer: { type: 'http', scheme: 'bearer' },
  cookie: { type: 'apiKey', in: 'cookie', name: COOKIE },
};

const header = (description: string) => ({ description, schema: { type: 'string' } });
const HEADERS = {
  'x-request-id': header('The id under which the request stands in the log.'),
  traceparent: header('W3C Trace Context: the trace of the request, and the span that it was here.'),
  etag: header('The entity tag of the record, for If-Match and If-None-Match.'),
  link: header('RFC 8288: first, prev, next and last page, as far as they are known.'),
  location: header('Where the new record is.'),
  'set-cookie': header('The session as a cookie.'),
  'idempotent-replayed': header(
    '`true` when this is the answer to an earlier request with this Idempotency-Key.',
  ),
  'www-authenticate': header('How to say who one is.'),
};
type Header = keyof typeof HEADERS;
const headers = (names: readonly Header[]): Json =>
  Object.fromEntries(
    ['x-request-id' as const, 'traceparent' as const, ...names].map((name) => [
      name,
      { $ref: `#/components/headers/${name}` },
    ]),
  );

/** What any route of its kind may refuse with. */
function refusalsOf(operation: Operation, at: Version | null): ErrorType[] {
  const { method, path, body, open, parameters = [], refusals = [] } = operation;
  const isKeyed = method === 'post' && at !== null;
  const all: [ErrorType, boolean][] = [
    ['InvalidInput', body !== undefined || isKeyed],
    ['Unauthenticated', open !== true],
    ['PermissionDenied', method !== 'get'],
    ['NotFound', path.includes('{') || parameters.some(({ name }) => name === 'page')],
    ['Conflict', isKeyed],
    ['PreconditionFailed', false],
    ['TooLarge', body !== undefined || isKeyed],
    ['UnsupportedMediaType', body !== undefined || isKeyed],
    ['IdempotencyKeyReused', isKeyed],
    ['TooManyAttempts', false],
    ['InternalError', true],
    ['Unavailable', true],
  ];
  return all.filter(([type, always]) => always || refusals.includes(type)).map(([type]) => type);
}

const refusal = (components: Components, type: ErrorType): Json => ({
  description: `${PROBLEM_TITLES[type]}.`,
  headers: headers(type === 'Unauthenticated' ? ['www-authenticate'] : []),
  content: {
    'application/json': { schema: components.schema(errorBody) },
    [PROBLEM_JSON]: { schema: components.schema(problem) },
  },
});

/** Printed for version 1; a path is one of the operation's with something in place of its {id}. */
function examplesOf({ method, path }: Operation, at: Version | null, seed: readonly SeedExample[]) {
  if (at === null) return [];
  const pattern = new RegExp(`^${path.slice(1).replaceAll('{id}', '[^/]+')}$`);
  return seed
    .filter(
      ({ request, subset }) =>
        !subset && request.method.toLowerCase() === method && pattern.test(request.path),
    )
    .map(
      (example) => JSON.parse(JSON.stringify(example).replaceAll('/api/v1/', `/api/${at}/`)) as SeedExample,
    );
}

const asExamples = (examples: readonly (readonly [string, unknown])[]): Json => {
  const told = examples.filter(([, value]) => value !== undefined);
  if (told.length === 0) return {};
  return {
    examples: Object.fromEntries(told.map(([what, value], i) => [`seed-${i + 1}`, { summary: what, value }])),
  };
};

/** `#/id` of an answer as a runtime expression; other values as they are. */
const fromAnswer = (value: string): string => (value.startsWith('#/') ? `$response.body${value}` : value);

const linksOf = (links: readonly Link[], at: Version | null): Json =>
  Object.fromEntries(
    links.map(({ to, id, tag, body = {} }) => [
      to,
      {
        operationId: at === null ? to : `${at}-${to}`,
        ...(id === undefined
          ? {}
          : {
              parameters: {
                id: fromAnswer(id),
                ...(tag === undefined ? {} : { [`header.${tag}`]: '$response.header.etag' }),
              },
            }),
        ...(Object.keys(body).length === 0
          ? {}
          : {
              requestBody: Object.fromEntries(
                Object.entries(body).map(([name, value]) => [name, fromAnswer(value)]),
              ),
            }),
      },
    ]),
  );

function operationObject(
  components: Components,
  operation: Operation,
  at: Version | null,
  seed: readonly SeedExample[],
): Json {
  const { id, tag, summary, description, parameters = [], body, answers, open, method } = operation;
  const examples = examplesOf(operation, at, seed);
  const isKeyed = method === 'post' && at !== null;
  const answer = ([status, one]: [string, OkAnswer]) => {
    const { description: told, schema, type = 'application/json', headers: own = [], links = [] } = one;
    return [
      status,
      {
        description: told,
        headers: headers(isKeyed ? [...own, 'idempotent-replayed'] : own),
        content: {
          [type]: {
            schema: components.schema(schema),
            ...asExamples(
              examples.flatMap(({ what, answer }) =>
                String(answer.status) === status ? [[what, answer.body]] : [],
              ),
            ),
          },
        },
        ...(links.length === 0 ? {} : { links: linksOf(links, at) }),
      },
    ];
  };
  const refusals = refusalsOf(operation, at).map((type) => [
    STATUS_OF_TYPE[type],
    { $ref: `#/components/responses/${type}` },
  ]);
  const content = {
    schema: body === undefined ? {} : components.schema(body.schema),
    ...asExamples(examples.map((one) => [one.what, one.request.body])),
  };
  return {
    operationId: at === null ? id : `${at}-${id}`,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    parameters: [...parameters, ...(isKeyed ? [IDEMPOTENCY_KEY] : []), ...TRACING].map((one) =>
      components.shared(one),
    ),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: body.required,
            content: Object.fromEntries((body.types ?? ['application/json']).map((type) => [type, content])),
          },
        }),
    responses: {
      ...Object.fromEntries(refusals),
      ...(method === 'get' && parameters.includes(IF_NONE_MATCH)
        ? { 304: { description: 'The caller has it as it is.', headers: headers(['etag']) } }
        : {}),
      ...Object.fromEntries(Object.entries(answers).map(answer)),
    },
    ...(open === true ? { security: [] } : {}),
  };
}

/** @param isGuarded whether a session is needed @returns the document, without `servers` */
export function createDocument(isGuarded: boolean): Json {
  const records = modelRecords();
  const components = new Components({
    ...JOB_SCHEMAS,
    ...modelSchemas(records),
    ...DEFINITION_SCHEMAS,
    ...DRIFT_SCHEMAS,
    ...SERVER_SCHEMAS,
    Error: errorBody,
    Problem: problem,
  });
  const seed = seedExampleNames().map(readSeedExample);
  const rows: [Version | null, Operation][] = [
    ...VERSIONS.flatMap((at) =>
      [
        ...baseOperations(),
        ...jobOperations(at),
        ...modelOperations(records[at], at),
        driftOperation,
        ...definitionOperations(),
      ].map((operation): [Version, Operation] => [at, operation]),
    ),
    ...serverOperations(isGuarded).map((operation): [null, Operation] => [null, operation]),
  ];
  const paths: Record<string, Json> = {};
  for (const [at, operation] of rows) {
    const path = at === null ? operation.path : `/api/${at}/lcm${operation.path}`;
    paths[path] = { ...paths[path], [operation.method]: operationObject(components, operation, at, seed) };
  }
  // One answer a status: what the keys of a profile are refused with is of the same shape.
  const refusalTypes = (Object.keys(PROBLEM_TITLES) as ErrorType[]).filter(
    (type) => type !== 'InvalidConfigKeys',
  );
  return components.resolved({
    openapi: '3.1.0',
    info: { title: 'Ringmaster', version: VERSION, description: DESCRIPTION },
    security: [...Object.keys(SECURITY).map((name) => ({ [name]: [] })), ...(isGuarded ? [] : [{}])],
    tags: [...new Set(rows.map(([, { tag }]) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: {},
      parameters: components.parameters(),
      responses: Object.fromEntries(refusalTypes.map((type) => [type, refusal(components, type)])),
      headers: HEADERS,
      securitySchemes: SECURITY,
    },
  });
}
