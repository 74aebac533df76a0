// The file that `ringmaster-agent enrol` is given, or its standard input.
import { readFileSync } from 'node:fs';
import { InvalidInput } from '../shared/errors.ts';

const WANTED =
  'give the bundle of POST nodes/{id}/enrolment (`ringmaster node enrol` prints one) in a file or on standard input: ringmaster-agent enrol <FILE';

/** @param file null: standard input @throws InvalidInput */
export function readBundle(file: string | null): string {
  let bundle: string;
  try {
    bundle = readFileSync(file ?? 0, 'utf8');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENAMETOOLONG')
      // It may be the bundle itself, which is a secret.
      throw new InvalidInput(
        `There is no file ${file !== null && file.length < 200 ? file : 'of that name'}: ${WANTED}`,
      );
    throw new InvalidInput(`${file ?? 'Standard input'} cannot be read (${code})`, [], error);
  }
  if (bundle.trim() === '') throw new InvalidInput(`${file ?? 'Standard input'} is empty: ${WANTED}`);
  return bundle;
}
