// The plan of a job as a schema.
import { z } from 'zod';
import { JOB_SCOPES, JOB_TYPES } from '../../../shared/actions.ts';
import { STRATEGIES } from '../../../shared/job-options.ts';

const uuid = z.string().meta({ format: 'uuid' });
const count = z.int().min(0);
const time = z.string().meta({ format: 'date-time' });

const planWindow = z
  .strictObject({ 'begins-on': time.nullable(), 'shuts-on': time.nullable(), fits: z.boolean() })
  .nullable()
  .meta({
    description:
      'When the windows and freezes of the cluster let it begin, up to when, and whether it is through by then; null where there are none, or with ignore-windows.',
  });

/** What a job would do, before there is one. */
export const jobPlan = z.strictObject({
  type: z.literal('plan'),
  'job-type': z.enum(JOB_TYPES),
  'job-scope': z.enum(JOB_SCOPES),
  'resource-id': uuid,
  summary: z.string(),
  'concurrency-strategy': z.enum(STRATEGIES),
  'strategy-in-force': z.enum(STRATEGIES),
  'node-count': count,
  'batch-count': count,
  'estimated-seconds': count,
  'canary-batches': count,
  'measured-nodes': count,
  window: planWindow,
  'worst-availability': z.strictObject({ live: count, copies: count }).nullable(),
  'ranges-seen-on': time.nullable().meta({
    description:
      'As of when is known who shares token ranges, of the node of which that is oldest: batches and worst-availability rest on it. Null while nothing is known of any node.',
  }),
  notes: z.array(z.string()),
  batches: z.array(
    z.strictObject({
      number: count,
      'estimated-seconds': count,
      nodes: z.array(
        z.strictObject({ id: uuid, name: z.string(), 'datacenter-name': z.string(), rack: z.string() }),
      ),
    }),
  ),
});
