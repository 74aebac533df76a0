// What a step's work ended with, where it has to fail as a step does.
import { expect } from 'chai';
import { StepFailed } from '../../shared/errors.ts';

export const failureOf = async (work: Promise<unknown>): Promise<StepFailed> => {
  const failure = await work.then(
    () => null,
    (error: unknown) => error,
  );
  expect(failure).to.be.instanceOf(StepFailed);
  return failure as StepFailed;
};
