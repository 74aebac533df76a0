// Reads the secrets that came with a run; what cannot be read is never quoted.
import { type RunSecrets, runSecretsSchema } from '../shared/run-input.ts';

/** @param json as it came; '' for none @returns null when it cannot be read */
export function secretsFrom(json: string): RunSecrets | null {
  try {
    return runSecretsSchema.parse(JSON.parse(json === '' ? '{}' : json));
  } catch {
    return null; // without the text: it holds secrets
  }
}
