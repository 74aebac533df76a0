// The failures a caller may have to branch on: each has a code, typed fields and a cause; anything else is a bug.

/** Every expected failure by its code; edges map codes to their own words by total tables. */
export type ErrorCode =
  | 'invalid-input'
  | 'invalid-config-keys'
  | 'not-found'
  | 'conflict'
  | 'precondition-failed'
  | 'key-reused'
  | 'too-large'
  | 'unsupported-media-type'
  | 'unavailable'
  | 'unauthenticated'
  | 'permission-denied'
  | 'too-many-attempts'
  | 'step-failed';

/** One field of a body or query that was refused: where it stands (JSON pointer), what was wrong, what would be right. */
export interface FieldProblem {
  pointer: string;
  message: string;
}

/** RFC 6901: the place of a value, `/json/cassandra-yaml/num_tokens`. */
export const pointerTo = (...path: readonly (string | number)[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** An expected failure. `message` is for people and never repeats `cause`; the logger prints the chain. */
export abstract class LcmError extends Error {
  abstract readonly code: ErrorCode;
  /** the fields at fault; none where no field is */
  readonly problems: readonly FieldProblem[];
  constructor(
    message: string,
    { problems = [], cause }: { problems?: readonly FieldProblem[]; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.problems = problems;
  }
}

/** The caller sent something that can never be right as it is. */
export class InvalidInput extends LcmError {
  readonly code = 'invalid-input';
  constructor(message: string, problems: readonly FieldProblem[] = [], cause?: unknown) {
    super(message, { problems, cause });
    this.name = 'InvalidInput';
  }
}

/** A config profile names files or settings that its product and version do not have. */
export class InvalidConfigKeys extends LcmError {
  readonly code = 'invalid-config-keys';
  constructor(message: string, problems: readonly FieldProblem[]) {
    super(message, { problems });
    this.name = 'InvalidConfigKeys';
  }
}

/** No such thing. `kind` is the resource's word (`cluster`, `job`, …). */
export class NotFound extends LcmError {
  readonly code = 'not-found';
  readonly kind: string;
  readonly id: string;
  constructor(
    kind: string,
    id: string,
    message = `There is no ${kind} with id ${id}`,
    problems: readonly FieldProblem[] = [],
  ) {
    super(message, { problems });
    this.name = 'NotFound';
    this.kind = kind;
    this.id = id;
  }
}

/** The request is sound, but what is stored now stands against it; the fields at fault, when it is about fields. */
export class Conflict extends LcmError {
  readonly code = 'conflict';
  constructor(message: string, problems: readonly FieldProblem[] = [], cause?: unknown) {
    super(message, { problems, cause });
    this.name = 'Conflict';
  }
}

/** The caller said as of what state the request is meant, and that state is no more. */
export class PreconditionFailed extends LcmError {
  readonly code = 'precondition-failed';
  constructor(message: string, problems: readonly FieldProblem[]) {
    super(message, { problems });
    this.name = 'PreconditionFailed';
  }
}

/** A key that stands for one request came with another one. */
export class KeyReused extends LcmError {
  readonly code = 'key-reused';
  constructor(message: string, problems: readonly FieldProblem[]) {
    super(message, { problems });
    this.name = 'KeyReused';
  }
}

/** More than we are willing to read. */
export class TooLarge extends LcmError {
  readonly code = 'too-large';
  constructor(message: string) {
    super(message);
    this.name = 'TooLarge';
  }
}

/** A form in which we read nothing. */
export class UnsupportedMediaType extends LcmError {
  readonly code = 'unsupported-media-type';
  constructor(message: string) {
    super(message);
    this.name = 'UnsupportedMediaType';
  }
}

/** Something we depend on is away for now (the database, as a rule); the same request may succeed later. */
export class Unavailable extends LcmError {
  readonly code = 'unavailable';
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'Unavailable';
  }
}

/** Nobody known: not signed in, no longer signed in, or a wrong password. */
export class Unauthenticated extends LcmError {
  readonly code = 'unauthenticated';
  constructor(message: string) {
    super(message);
    this.name = 'Unauthenticated';
  }
}

/** Asked for too often; the same may be asked for again later. */
export class TooManyAttempts extends LcmError {
  readonly code = 'too-many-attempts';
  constructor(message: string) {
    super(message);
    this.name = 'TooManyAttempts';
  }
}

/** A peer that is known, and may not do this. */
export class PermissionDenied extends LcmError {
  readonly code = 'permission-denied';
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'PermissionDenied';
  }
}

/**
 * A step could not do its work on the host. `subtype` becomes the error event's subtype (`checksum-mismatch`,
 * `disk-full`, `java-not-found`, …); `resource` is the path, port or process concerned; `detail` goes into `after`;
 * `traceback` is what another program said of it at length, in place of the causes on our side.
 */
export class StepFailed extends LcmError {
  readonly code = 'step-failed';
  readonly subtype: string;
  readonly resource: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly traceback: string | null;
  constructor(
    subtype: string,
    message: string,
    options: {
      resource?: string | null;
      detail?: Readonly<Record<string, unknown>>;
      traceback?: string | null;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'StepFailed';
    this.subtype = subtype;
    this.resource = options.resource ?? null;
    this.detail = options.detail ?? {};
    this.traceback = options.traceback ?? null;
  }
}

/** What went wrong, in words for people; one that failed at several addresses has no message of its own. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** The system's own word, which stands at the end of a chain: `connect ECONNREFUSED 10.0.0.1:443`. */
export function rootReason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return rootReason(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error
    ? rootReason(error.cause)
    : error.message || String((error as { code?: unknown }).code ?? error.name);
}

/** The code that stands deepest in a chain, `ECONNRESET`; empty when there is none. */
export function rootCode(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return rootCode(error.errors[0]);
  if (!(error instanceof Error)) return '';
  return rootCode(error.cause) || String((error as { code?: unknown }).code ?? '');
}

/** The whole chain of an error as one line: `StepFailed: cannot write <- Error: EACCES: permission denied`. */
export function errorChain(error: unknown): string {
  const links: string[] = [];
  for (let link: unknown = error; link !== undefined && link !== null && links.length < 8; ) {
    links.push(link instanceof Error ? `${link.name}: ${link.message}` : String(link));
    link = link instanceof Error ? link.cause : null;
  }
  return links.join(' <- ');
}
