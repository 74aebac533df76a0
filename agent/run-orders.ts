// Reads what comes with a run: its input and its secrets. Loaded with the first run, for the sake of an idle agent's memory.
import { type RunSecrets, runSecretsSchema } from '../shared/run-input.ts';

export { cameRunInputSchema } from '../shared/run-input.ts';

/** @param json as it came; '' for none @returns null when it cannot be read; it is never quoted */
export function secretsFrom(json: string): RunSecrets | null {
  try {
    return runSecretsSchema.parse(JSON.parse(json === '' ? '{}' : json));
  } catch {
    return null; // without the text: it holds secrets
  }
}
