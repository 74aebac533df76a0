// Zod schemas on their way into the document: the named ones once, under components, and by reference everywhere else.
import { z } from 'zod';
import type { Parameter } from './operation.ts';
import { SHARED } from './parameters.ts';

export type Json = Record<string, unknown>;

/** What stands for a schema until all are known, since they are turned into JSON Schema together. */
class Pending {
  readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}

const uri = (id: string): string => `#/components/schemas/${id}`;

export class Components {
  readonly #registry = z.registry<{ id: string }>();
  readonly #names: ReadonlySet<string>;
  #inline = 0;

  constructor(named: Readonly<Record<string, z.ZodType>>) {
    this.#names = new Set(Object.keys(named));
    for (const [id, schema] of Object.entries(named)) this.#registry.add(schema, { id });
  }

  schema(schema: z.ZodType): Pending {
    const known = this.#registry.get(schema)?.id;
    if (known !== undefined) return new Pending(known);
    this.#inline += 1;
    const id = `inline-${this.#inline}`;
    this.#registry.add(schema, { id });
    return new Pending(id);
  }

  parameter({ name, in: where, description, required = false, schema }: Parameter): Json {
    return { name, in: where, description, required, schema: this.schema(schema) };
  }

  /** One that many routes take is told once. */
  shared(one: Parameter): Json {
    return SHARED.includes(one) ? { $ref: `#/components/parameters/${one.name}` } : this.parameter(one);
  }

  parameters(): Json {
    return Object.fromEntries(SHARED.map((one) => [one.name, this.parameter(one)]));
  }

  /** The document with every schema in its place. */
  resolved(document: Json & { components: Json }): Json {
    const { schemas } = z.toJSONSchema(this.#registry, { io: 'input', uri });
    const bare = (id: string): Json => {
      const { $schema: _schema, $id: _id, ...rest } = schemas[id] as Json;
      return rest;
    };
    // Of its parts only those with names are there to be referred to.
    const inPlace = (value: unknown): unknown => {
      if (value instanceof Pending)
        return this.#names.has(value.id) ? { $ref: uri(value.id) } : inPlace(bare(value.id));
      if (Array.isArray(value)) return value.map(inPlace);
      if (typeof value !== 'object' || value === null) return value;
      const { $ref } = value as { $ref?: unknown };
      const inline =
        typeof $ref === 'string' ? /^#\/components\/schemas\/(inline-\d+)$/.exec($ref)?.[1] : undefined;
      if (inline !== undefined) return inPlace(bare(inline));
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inPlace(inner)]));
    };
    const named = Object.fromEntries([...this.#names].sort().map((id) => [id, bare(id)]));
    return inPlace({ ...document, components: { ...document.components, schemas: named } }) as Json;
  }
}
