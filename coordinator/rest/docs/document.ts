// The API's document as the page for people reads it.
export interface Schema {
  $ref?: string;
  type?: string;
  format?: string;
  description?: string;
  enum?: readonly unknown[];
  const?: unknown;
  anyOf?: readonly Schema[];
  items?: Schema;
  properties?: Readonly<Record<string, Schema>>;
  additionalProperties?: boolean | Schema;
  required?: readonly string[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  default?: unknown;
  readOnly?: boolean;
  writeOnly?: boolean;
}

export interface Content {
  schema: Schema;
  examples?: Readonly<Record<string, { summary: string; value: unknown }>>;
}

export interface Parameter {
  $ref?: string;
  name: string;
  in: string;
  description: string;
  required: boolean;
  schema: Schema;
}

export interface Answer {
  $ref?: string;
  description: string;
  content?: Readonly<Record<string, Content>>;
}

export interface Operation {
  operationId: string;
  tags: readonly string[];
  summary: string;
  description?: string;
  parameters: readonly Parameter[];
  requestBody?: { required: boolean; content: Readonly<Record<string, Content>> };
  responses: Readonly<Record<string, Answer>>;
  security?: readonly unknown[];
}

export interface ApiDocument {
  info: { title: string; version: string; description: string };
  tags: readonly { name: string }[];
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  components: {
    schemas: Readonly<Record<string, Schema>>;
    parameters: Readonly<Record<string, Parameter>>;
    responses: Readonly<Record<string, Answer>>;
  };
}

/** `Job` of `#/components/schemas/Job` */
export const nameOf = (reference: string): string => reference.split('/').at(-1) ?? '';
