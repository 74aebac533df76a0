// HTTP status and words of each expected failure; everything else is a 500 that tells nothing.
import { type ErrorCode, LcmError } from '../../shared/errors.ts';
import type { ErrorBody as ErrorAsRead } from '../../shared/rest-types.ts';

export const HTTP_STATUS = {
  'invalid-input': 400,
  'invalid-config-keys': 400,
  unauthenticated: 401,
  'permission-denied': 403,
  'not-found': 404,
  conflict: 409,
  'precondition-failed': 412,
  'too-large': 413,
  'unsupported-media-type': 415,
  'key-reused': 422,
  'too-many-attempts': 429,
  'step-failed': 500,
  unavailable: 503,
} as const satisfies Record<ErrorCode, number>;

const TYPE = {
  'invalid-input': 'InvalidInput',
  'invalid-config-keys': 'InvalidConfigKeys',
  unauthenticated: 'Unauthenticated',
  'permission-denied': 'PermissionDenied',
  'not-found': 'NotFound',
  conflict: 'Conflict',
  'precondition-failed': 'PreconditionFailed',
  'too-large': 'TooLarge',
  'unsupported-media-type': 'UnsupportedMediaType',
  'key-reused': 'IdempotencyKeyReused',
  'too-many-attempts': 'TooManyAttempts',
  'step-failed': 'InternalError',
  unavailable: 'Unavailable',
} as const satisfies Record<ErrorCode, string>;

/** Also what no code of ours stands for: the router's own refusal. */
export type ErrorType = (typeof TYPE)[ErrorCode] | 'MethodNotAllowed';

/** The status of each kind of refusal. */
export const STATUS_OF_TYPE = {
  ...(Object.fromEntries(
    Object.entries(TYPE).map(([code, type]) => [type, HTTP_STATUS[code as ErrorCode]]),
  ) as Record<(typeof TYPE)[ErrorCode], number>),
  MethodNotAllowed: 405,
} satisfies Record<ErrorType, number>;

/** The body of every error: `message` is what v2 clients read, `msg` what v1 clients read. */
export interface ErrorBody extends ErrorAsRead {
  type: ErrorType;
  msg: string;
}

/** `allow` says which ones are possible. */
export function methodRefused(method: string, path: string): ErrorBody {
  const message = `${method} is not possible on ${path.slice(0, 200)}`;
  return {
    code: STATUS_OF_TYPE.MethodNotAllowed,
    type: 'MethodNotAllowed',
    message,
    msg: message,
    errors: [],
  };
}

export function errorBody(error: unknown): ErrorBody {
  const known = error instanceof LcmError ? error : null;
  const code = known === null ? 500 : HTTP_STATUS[known.code];
  const type = known === null ? 'InternalError' : TYPE[known.code];
  const message =
    known === null ? 'Something went wrong in the coordinator; its log has the reason' : known.message;
  const errors = known?.problems ?? [];
  return { code, type, message, msg: message, errors };
}
