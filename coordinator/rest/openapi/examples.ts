// The seed's examples: data beside the code, shown in the API's document and replayed by the contract test.
import { readdirSync, readFileSync } from 'node:fs';

export interface SeedExample {
  what: string;
  request: { method: string; path: string; body?: unknown };
  form: 'create' | 'detail' | 'list';
  /** the seed prints only some of the record's fields */
  subset?: boolean;
  /** like: the other example that the seed says it is similar to */
  answer: { status: number; body?: unknown; like?: string };
  /** pointers of values that cannot be the example's, each with the reason */
  free?: Record<string, string>;
}

const FOLDER = new URL('../seed/', import.meta.url);

export const readSeedExample = (name: string): SeedExample =>
  JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as SeedExample;

export const seedExampleNames = (): string[] =>
  readdirSync(FOLDER)
    .map((file) => file.replace(/\.json$/, ''))
    .sort();
