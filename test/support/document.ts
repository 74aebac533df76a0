// The API's own document as a judge: whether an answer is one that it promises for that request.
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

interface Schema {
  $ref?: string;
  properties?: Record<string, Schema>;
  anyOf?: Schema[];
  const?: unknown;
  contentSchema?: Schema;
}
export interface Content {
  schema: Schema;
  examples?: Record<string, { summary: string; value: unknown }>;
}
export interface DocumentedAnswer {
  $ref?: string;
  content?: Record<string, Content>;
  links?: Record<
    string,
    { operationId: string; parameters?: Record<string, string>; requestBody?: Record<string, string> }
  >;
}
export interface DocumentedOperation {
  operationId: string;
  parameters: { $ref?: string; name?: string }[];
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, DocumentedAnswer>;
}
export interface ApiDocument {
  openapi: string;
  servers: { url: string }[];
  paths: Record<string, Record<string, DocumentedOperation>>;
  components: {
    schemas: Record<string, Schema>;
    parameters: Record<string, { name: string }>;
    responses: Record<string, DocumentedAnswer>;
  };
}

/** `/jobs/{id}` as what it stands for: a trailing slash may be there or not. */
const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replace(/\/$/, '').replaceAll(/\{[^}]+\}/g, '[^/]+')}/?$`);

/** The events of a stream by their fields, those that carry data. */
const eventsOf = (text: string): Record<string, string>[] =>
  text
    .split('\n\n')
    .map((block) =>
      Object.fromEntries([...block.matchAll(/^(\w+): (.*)$/gm)].map(([, name, value]) => [name, value])),
    )
    .filter((event) => 'data' in event);

export class Judge {
  readonly document: ApiDocument;
  readonly #checks = new Map<object, ValidateFunction>();
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });

  constructor(document: ApiDocument) {
    this.document = document;
    addFormats.default(this.#ajv);
  }

  /** @returns what is wrong with it, a sentence each */
  faults(schema: object, value: unknown): string[] {
    const check =
      this.#checks.get(schema) ?? this.#ajv.compile({ ...schema, components: this.document.components });
    this.#checks.set(schema, check);
    if (check(value)) return [];
    return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  }

  /** The one whose path has most words of its own. */
  operation(method: string, path: string): [string, DocumentedOperation] | null {
    const all = Object.entries(this.document.paths)
      .filter(([at, { [method]: operation }]) => operation !== undefined && patternOf(at).test(path))
      .sort(([a], [b]) => a.split('{').length - b.split('{').length);
    const [at, { [method]: operation } = {}] = all[0] ?? [];
    return at === undefined || operation === undefined ? null : [at, operation];
  }

  /** Its fields, and what its data holds. */
  #eventFaults(schema: Schema, event: Record<string, string>): string[] {
    const told = schema.anyOf?.find(({ properties }) => properties?.['event']?.const === event['event']);
    const content = told?.properties?.['data']?.contentSchema ?? {};
    return [...this.faults(schema, event), ...this.faults(content, JSON.parse(event['data'] ?? ''))];
  }

  /** @param url path and query, as it was asked */
  async answerFaults(method: string, url: string, answer: Response): Promise<string[]> {
    const found = this.operation(method.toLowerCase(), new URL(url, 'http://localhost').pathname);
    const what = `${method} ${url} ${answer.status}`;
    const text = await answer.text();
    if (found === null) return [`${what} is not documented`];
    const promised = found[1].responses[String(answer.status)];
    if (promised === undefined) return [`${what} is no status that is documented`];
    const { content } =
      promised.$ref === undefined
        ? promised
        : (this.document.components.responses[promised.$ref.split('/').at(-1) ?? ''] ?? {});
    if (content === undefined) return text === '' ? [] : [`${what} has a body that is not documented`];
    const type = (answer.headers.get('content-type') ?? '').split(';')[0] ?? '';
    const { [type]: told } = content;
    if (told === undefined) return [`${what} is of a type that is not documented: ${type}`];
    const faults =
      type === 'text/event-stream'
        ? eventsOf(text).flatMap((event) => this.#eventFaults(told.schema, event))
        : type.includes('json')
          ? this.faults(told.schema, JSON.parse(text))
          : [];
    return faults.map((fault) => `${what}: ${fault}`);
  }
}
