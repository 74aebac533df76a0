// Which runs look and touch nothing; without the schemas of run-input.ts, which an agent loads with its first run.
import type { RunInput } from './run-input.ts';

/** Whatever job it is the dry-run of. */
export const isLooking = ({ recipe }: Pick<RunInput, 'recipe'>): boolean =>
  recipe === 'check' || recipe === 'check-with-secrets';
