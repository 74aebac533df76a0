// Refusals as RFC 9457 problem details, for callers whose Accept asks for them; all others get the seed's form.
import { likingOf, rangesIn } from './accept.ts';
import type { ErrorBody, ErrorType } from './error-status.ts';

export const PROBLEM_JSON = 'application/problem+json';

/** What a kind of problem is called, whatever the occasion. */
export const PROBLEM_TITLES: Readonly<Record<ErrorType, string>> = {
  InvalidInput: 'The request is not valid',
  InvalidConfigKeys: 'The profile sets what its version does not have',
  Unauthenticated: 'A session is needed',
  PermissionDenied: 'This is not allowed',
  NotFound: 'There is no such thing',
  MethodNotAllowed: 'The method is not possible here',
  Conflict: 'What is stored stands against it',
  PreconditionFailed: 'The record is not as it was read',
  TooLarge: 'The body is too large',
  UnsupportedMediaType: 'The body is in a form that is not read',
  IdempotencyKeyReused: 'The Idempotency-Key came with another request',
  TooManyAttempts: 'Too many attempts',
  InternalError: 'Something went wrong in the coordinator',
  Unavailable: 'The database is away',
};

/** The same at every host, since it is what clients tell kinds of problems apart by. */
export const problemType = (type: ErrorType): string =>
  `urn:ringmaster:problem:${type.replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}`;

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors: ErrorBody['errors'];
}

export const problemOf = ({ code, type, message, errors }: ErrorBody): Problem => ({
  type: problemType(type),
  title: PROBLEM_TITLES[type],
  status: code,
  detail: message,
  errors,
});

/** Only by name, since clients of the original say all sorts of ranges; and not where plain JSON is liked better. */
export function wantsProblem(accept: string): boolean {
  const ranges = rangesIn(accept);
  const problem = ranges.get(PROBLEM_JSON) ?? 0;
  return problem > 0 && problem >= likingOf(ranges, 'application/json');
}
