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

export interface OkAnswer {
  description: string;
  schema: z.ZodType;
  /** application/json unless given */
  type?: string;
  headers?: readonly ('etag' | 'location' | 'link' | 'set-cookie')[];
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
