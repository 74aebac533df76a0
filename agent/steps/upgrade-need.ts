// Whether this run changes the version of the database node, and from which.
import type { StepContext } from './step.ts';

/** What check-upgrade returns. */
export interface Upgrade {
  from: string;
  to: string;
}

/** null: no version changes, or this is no upgrade */
export function dueUpgrade({ resultOf }: Pick<StepContext, 'resultOf'>): Upgrade | null {
  return (resultOf('check-upgrade') ?? null) as Upgrade | null;
}
