// The live stream of a job, as the API's document tells it.
import { z } from 'zod';
import { JOB_STATUSES } from '../../../shared/status.ts';
import type { Operation } from './operation.ts';
import { ID } from './parameters.ts';

/** What stands in the `data` of an event. */
const dataOf = (contentSchema: object) =>
  z.string().meta({ contentMediaType: 'application/json', contentSchema });
const component = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const number = z.string().meta({ pattern: '^[0-9]{1,15}$' });

/** One event, field by field; a stream is any number of them. An id holds for the events behind it too, as in all such streams. */
const streamed = z.union([
  z.strictObject({ event: z.literal('job-event'), id: number, data: dataOf(component('JobEvent')) }),
  z.strictObject({
    event: z.literal('job'),
    id: number.optional(),
    data: dataOf(component('JobListed')),
  }),
  z.strictObject({
    event: z.literal('end'),
    id: number.optional(),
    data: dataOf({
      type: 'object',
      properties: { status: { enum: JOB_STATUSES } },
      required: ['status'],
      additionalProperties: false,
    }),
  }),
]);

export const STREAM: Operation = {
  method: 'get',
  path: '/jobs/{id}/stream',
  id: 'follow-job',
  tag: 'Jobs',
  summary: 'A job as it happens: server-sent events',
  description:
    'Events `job-event` (a record as in `/job_events/{id}`, its id its number), `job` (the job whenever it changes) and `end`, after which the stream ends.',
  parameters: [
    ID,
    {
      name: 'after',
      in: 'query',
      description: 'The number of the last event that is known already.',
      schema: z.int().min(0).max(999_999_999_999_999).meta({ default: 0 }),
    },
    {
      name: 'Last-Event-ID',
      in: 'header',
      description: 'The same, from a browser that comes back.',
      schema: number,
    },
  ],
  answers: {
    200: {
      description: 'The stream; the schema tells of one event, as OpenAPI does since 3.2.',
      schema: streamed,
      type: 'text/event-stream',
    },
  },
  refusals: ['InvalidInput'],
};
