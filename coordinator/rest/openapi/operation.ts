// What the API's document says of one route: a table row, from which its parameters, bodies and answers are made.
import type { z } from 'zod';
import type { ErrorType } from '../error-status.ts';

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  description: string;
  required?: boolean;
  schema: z.ZodType;
}

/** What can be asked for next, with what the answer says. */
export interface Link {
  /** id of an operation of the same version */
  to: string;
  /** where the answer has the id that is asked for; a JSON pointer */
  id?: string;
  /** with the entity tag of the answer as If-Match or If-None-Match */
  tag?: 'If-Match' | 'If-None-Match';
  /** fields of the body; one that begins with `#/` is a JSON pointer into the answer */
  body?: Readonly<Record<string, string>>;
}

export interface OkAnswer {
  description: string;
  schema: z.ZodType;
  /** application/json unless given */
  type?: string;
  headers?: readonly ('etag' | 'location' | 'link' | 'set-cookie')[];
  links?: readonly Link[];
}

export interface Operation {
  method: 'get' | 'post' | 'put' | 'delete';
  /** below the base of its version, or the server's own */
  path: string;
  /** unique within a version */
  id: string;
  tag: string;
  summary: string;
  description?: string;
  parameters?: readonly Parameter[];
  body?: { schema: z.ZodType; required: boolean; types?: readonly string[] };
  answers: Readonly<Record<number, OkAnswer>>;
  /** beside those that every route of its kind has */
  refusals?: readonly ErrorType[];
  /** needs no session, whatever the mode */
  open?: boolean;
}
