// How a node's configuration files stand, as the API's document tells it.
import { z } from 'zod';
import type { Operation } from './operation.ts';
import { ID } from './parameters.ts';
import { links } from './records.ts';

const uuid = z.string().meta({ format: 'uuid' });
const time = z.string().meta({ format: 'date-time' });

const file = z.strictObject({
  path: z.string(),
  state: z
    .enum(['as-pushed', 'edited', 'missing', 'never-pushed'])
    .meta({ description: 'How it stands to what a job wrote last.' }),
  'pushed-on': time
    .nullable()
    .meta({ description: 'Since when a job has it as it was pushed last; null: none wrote it.' }),
  'checked-on': time,
  stale: z
    .boolean()
    .nullable()
    .meta({ description: 'The model as it was then would change it; null: that could not be told.' }),
  'event-ids': z
    .array(uuid)
    .meta({ description: 'Events with the diff between the file and what the model makes of it.' }),
});

const drift = z.strictObject({
  type: z.literal('drift'),
  'node-id': uuid,
  'job-id': uuid,
  'job-node-id': uuid,
  'checked-on': time,
  files: z.array(file),
  'related-resources': links,
});
export const DRIFT_SCHEMAS = { Drift: drift };

export const driftOperation: Operation = {
  method: 'get',
  path: '/nodes/{id}/drift',
  id: 'read-node-drift',
  tag: 'Nodes',
  summary:
    'Which configuration files of a node were edited since a job wrote them, and which the model would change',
  description:
    'As the last job saw it that wrote or compared them: a check, a dry-run, a configure, an install or an upgrade. A 404 where none has. Times are by the clock of the host.',
  parameters: [ID],
  answers: { 200: { description: 'Each managed file.', schema: drift } },
  refusals: ['InvalidInput'],
};
