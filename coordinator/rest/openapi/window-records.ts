// What answers say of maintenance windows beside their records.
import { z } from 'zod';

const time = z.string().meta({ format: 'date-time' });

/** In the plan of a job. */
export const planWindow = z
  .strictObject({ 'begins-on': time.nullable(), 'shuts-on': time.nullable(), fits: z.boolean() })
  .nullable()
  .meta({
    description:
      'When the windows and freezes of the cluster let it begin, up to when, and whether it is through by then; null where there are none, or with ignore-windows.',
  });
