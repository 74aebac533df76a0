// What an InvalidInput complained about; any other outcome fails the test.
import { type FieldProblem, InvalidInput } from '../../../shared/errors.ts';

export function problemsOf(act: () => unknown): readonly FieldProblem[] {
  try {
    act();
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems;
    throw error;
  }
  throw new Error('nothing was refused');
}
