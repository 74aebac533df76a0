// How the CLI ends: one exit code an outcome, and the failures that carry a next step.
import { ApiRefusal, GivenUp, Unreachable } from './rest-client.ts';

export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  'job-failed': 3,
  'not-found': 4,
  auth: 5,
  conflict: 6,
  unreachable: 7,
  'timed-out': 124,
  interrupted: 130,
} as const;
export type Outcome = keyof typeof EXIT;

/** As --help tells them. */
export const EXIT_HELP: readonly (readonly [Outcome, string])[] = [
  ['ok', 'done; a job that was waited for is COMPLETE, or over as `job terminate` asked'],
  ['failure', 'any other failure, such as a body that the coordinator refused'],
  ['usage', 'the command line or a file is wrong; nothing was sent'],
  ['job-failed', 'the job ended FAILED, TERMINATED or ORPHANED'],
  ['not-found', 'no such thing'],
  ['auth', 'not logged in, or not allowed'],
  ['conflict', 'in conflict with what is stored: name taken, job over, record in use, or changed meanwhile'],
  [
    'unreachable',
    'the coordinator or its database cannot be reached; once it follows a job, the CLI tries again instead',
  ],
  ['timed-out', '--timeout passed; the job, if there is one, goes on'],
  ['interrupted', 'Ctrl-C; a job that was being watched goes on'],
];

/** A failure that the CLI found itself. `hints` are next steps, one a line. */
export class CliFailure extends Error {
  readonly outcome: Outcome;
  readonly hints: readonly string[];
  constructor(outcome: Outcome, message: string, hints: readonly string[] = []) {
    super(message);
    this.name = 'CliFailure';
    this.outcome = outcome;
    this.hints = hints;
  }
}

const outcomeOfStatus = (status: number): Outcome => {
  if (status === 401 || status === 403) return 'auth';
  if (status === 404) return 'not-found';
  if (status === 409 || status === 412) return 'conflict';
  return [502, 503, 504].includes(status) ? 'unreachable' : 'failure';
};

const AUTH_HINT = '`ringmaster login` keeps a session for this coordinator; or give one in RINGMASTER_TOKEN';

const UNREACHABLE_HINT =
  'is it running? name another one by --server or RINGMASTER_URL; `ringmaster server list`';
const MAY_BE_DONE_HINT = 'whether it was done is not known: look, before you ask for it again';

/** All paths of the coordinator begin at its root: what stands before one of them came with the server's URL. */
const HAS_PATH_BEFORE = /^There is no such path: \/.+\/(?:api\/v\d|meta$|log(?:in|out)$)/;
const URL_HINT = "the server's URL may be wrong: it is the coordinator's address, without a path";

/** A write that came too late, in words of what it was about; any other failure as it is. */
export const changedMeanwhile = (error: unknown, what: string, next: readonly string[]): unknown =>
  error instanceof ApiRefusal && error.status === 412
    ? new CliFailure('conflict', `${what} was changed by somebody else in the meantime; that stands`, next)
    : error;

/** Any failure as an outcome, a message and next steps. */
export function explain(error: unknown): { outcome: Outcome; message: string; hints: readonly string[] } {
  if (error instanceof CliFailure) return error;
  if (error instanceof ApiRefusal) {
    const outcome = outcomeOfStatus(error.status);
    const fields = error.problems
      .map(
        ({ pointer, message }) => `${pointer.replace(/^\//, '').replaceAll('/', '.') || 'body'} ${message}`,
      )
      .filter((line) => !error.message.endsWith(line));
    // How REST is logged in to is nothing for those who have a command for it.
    const message = error.status === 401 && !error.withSession ? 'log in first' : error.message;
    const next = error.status === 401 ? [AUTH_HINT] : HAS_PATH_BEFORE.test(message) ? [URL_HINT] : [];
    return { outcome, message, hints: [...fields, ...next] };
  }
  if (error instanceof Unreachable)
    return {
      outcome: 'unreachable',
      message: error.message,
      hints: [error.mayBeDone ? MAY_BE_DONE_HINT : UNREACHABLE_HINT],
    };
  if (error instanceof GivenUp) {
    const { isTimeUp, mayBeDone, message } = error;
    return {
      outcome: isTimeUp ? 'timed-out' : 'interrupted',
      message: isTimeUp ? `--timeout has passed, and ${message}` : message,
      hints: mayBeDone ? [MAY_BE_DONE_HINT] : isTimeUp ? [UNREACHABLE_HINT] : [],
    };
  }
  return {
    outcome: 'failure',
    message: error instanceof Error ? error.message : String(error),
    hints: [],
  };
}
