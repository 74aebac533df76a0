// The API's document: valid OpenAPI 3.1, complete, true of what is answered, and with the examples of the seed.
import type { Router } from '@koa/router';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect } from 'chai';
import { createApp } from '../../../coordinator/rest/app.ts';
import { readSeedExample, seedExampleNames } from '../../../coordinator/rest/openapi/examples.ts';
import type { RestParts } from '../../../coordinator/rest/parts.ts';
import { silentLogger } from '../../../shared/log.ts';
import { startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { type ApiDocument, Judge } from '../../support/document.ts';

/** Pages for people: what they show comes from routes that are documented. */
const PAGES = [
  '/',
  '/jobs/:id',
  '/clusters',
  '/clusters/:id',
  '/opscenter/lcm.html',
  '/ui/:name',
  '/docs',
  '/docs/:name',
];

/** Every route of the application, as it would be asked for: `get /api/v1/lcm/jobs/{id}`. */
function routes(): { method: string; path: string }[] {
  const parts = { log: silentLogger, auth: { isOn: true }, hrefs: {}, ui: null } as unknown as RestParts;
  return createApp(parts).middleware.flatMap((middleware) => {
    const { router } = middleware as { router?: Router };
    return (router?.stack ?? []).flatMap(({ methods, path }) =>
      methods
        .filter((method) => method !== 'HEAD')
        .map((method) => ({ method: method.toLowerCase(), path: String(path) })),
    );
  });
}

describe("the API's document", function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let document: ApiDocument;
  let judge: Judge;
  before(async () => {
    coordinator = await startTestCoordinator();
    document = (await coordinator.call('GET', '/openapi.json')).body;
    judge = new Judge(document);
  });
  after(() => coordinator.remove());

  it('is valid OpenAPI 3.1, and names this server', async () => {
    const { valid, errors } = await new Validator().validate({ ...structuredClone(document) });
    expect(valid, JSON.stringify(errors)).to.equal(true);
    expect(document.openapi).to.match(/^3\.1\./);
    expect(document.servers).to.deep.equal([{ url: coordinator.restUrl }]);
  });

  it('leads to a part of itself by each of its references', () => {
    const text = JSON.stringify(document);
    const references = new Set(
      [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference ?? ''),
    );
    const found = (pointer: string): unknown =>
      pointer
        .replace(/^#\//, '')
        .split('/')
        .reduce((at: unknown, part) => (at as Record<string, unknown> | undefined)?.[part], document);
    expect([...references].filter((reference) => found(reference) === undefined)).to.deep.equal([]);
    expect(references.size).to.be.greaterThan(40);
    for (const [part, all] of Object.entries(document.components))
      if (part !== 'securitySchemes')
        for (const name of Object.keys(all))
          if (name !== 'MethodNotAllowed')
            expect(references, 'unused').to.include(`#/components/${part}/${name}`);
  });

  it('tells of every route, and of no other', () => {
    const all = routes();
    const missing = all
      .filter(({ path }) => !PAGES.includes(path))
      .filter(({ method, path }) => {
        const concrete = path.endsWith('/actions/:name') ? path.replace(':name', 'install') : path;
        return judge.operation(method, concrete.replaceAll(/:\w+/g, 'x')) === null;
      });
    expect(missing).to.deep.equal([]);
    const told = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ method, path })),
    );
    const more = told.filter(
      ({ method, path }) =>
        !all.some(
          (route) =>
            route.method === method &&
            new RegExp(`^${route.path.replaceAll(/:\w+/g, '[^/]+')}/?$`).test(path.replaceAll(/\{|\}/g, '')),
        ),
    );
    expect(more).to.deep.equal([]);
    expect(told.length).to.be.greaterThan(120);
  });

  it('leads from its answers to operations that there are, with parameters and fields that they take', () => {
    const operations = new Map(
      Object.values(document.paths).flatMap((methods) =>
        Object.values(methods).map((operation) => [operation.operationId, operation] as const),
      ),
    );
    const { parameters: shared, schemas } = document.components;
    const named = ($ref: string | undefined): string => $ref?.split('/').at(-1) ?? '';
    const links = [...operations.values()].flatMap(({ responses }) =>
      Object.values(responses).flatMap((answer) => Object.values(answer.links ?? {})),
    );
    expect(links.length).to.be.greaterThan(200);
    for (const { operationId, parameters = {}, requestBody = {} } of links) {
      const target = operations.get(operationId);
      const names = target?.parameters.map((one) => one.name ?? shared[named(one.$ref)]?.name);
      for (const name of Object.keys(parameters))
        expect(names, operationId).to.include(name.replace('header.', ''));
      const schema = target?.requestBody?.content['application/json']?.schema ?? {};
      const { properties = {} } = schemas[named(schema.$ref)] ?? schema;
      expect(Object.keys(properties), operationId).to.include.members(Object.keys(requestBody));
    }
  });

  it('has a name of its own for each operation', () => {
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it('tells which options a schedule may have: those of any job but for its target, and secrets', () => {
    const { options } = document.components.schemas['JobScheduleToCreate']?.properties ?? {};
    const faults = (value: unknown) => judge.faults(options ?? {}, value);
    const sound = { 'take-snapshot': true, 'batch-size': '2', canary: null, 'none-such': null };
    expect(faults(sound)).to.deep.equal([]);
    for (const wrong of [
      ...[{ 'batch-size': 'many' }, { 'none-such': 1 }, { 'none-\0such': null }, { 'job-scope': 'node' }],
      { 'change-default-cassandra-password': 'secret' },
    ])
      expect(faults(wrong), JSON.stringify(wrong)).to.not.be.empty;
  });

  for (const version of ['v1', 'v2'])
    for (const name of seedExampleNames()) {
      const { request, answer, subset, what } = readSeedExample(name);
      if (subset) continue;
      it(`shows the seed's ${what} on ${version}, and its own schemas allow it`, () => {
        const [, operation] =
          judge.operation(request.method.toLowerCase(), `/api/${version}/lcm/${request.path}`) ?? [];
        const body = Object.values(operation?.requestBody?.content ?? {})[0];
        const told = operation?.responses[String(answer.status)]?.content?.['application/json'];
        const of = (value: unknown) =>
          JSON.parse(JSON.stringify({ value }).replaceAll('/api/v1/', `/api/${version}/`)).value;
        for (const [content, expected] of [
          [body, request.body],
          [told, answer.body],
        ] as const) {
          if (expected === undefined) continue;
          const examples = Object.values(content?.examples ?? {});
          expect(examples).to.deep.include({ summary: of(what), value: of(expected) });
          for (const { value } of examples)
            expect(judge.faults(content?.schema ?? {}, value)).to.deep.equal([]);
        }
      });
    }
});
