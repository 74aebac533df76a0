// Reads the lists of every repository that apt knows of, once, where what it has of them is not enough or too old for a job.
import { StepFailed } from '../../shared/errors.ts';
import type { StepEvent } from '../../shared/events.ts';
import { underLock } from './package-lock.ts';
import type { StepContext } from './step.ts';
import { changed, looked } from './telling.ts';
import { leaving } from './waiting.ts';

/** A repository that does not answer costs minutes, and there may be several. */
const READ_MS = 600_000;

const UNMET = /: \S+ : (?:Pre-)?Depends: /;
const GONE = /^E: Failed to fetch .* 404 /;

/** A bare host may never have read them, and of old ones a mirror no longer has the packages. */
const mayBeOld = (error: unknown): error is StepFailed =>
  error instanceof StepFailed &&
  error.subtype === 'packages-failed' &&
  (UNMET.test(error.message) || [error.detail['said']].flat().some((line) => GONE.test(String(line))));

/** @param work may be done twice: it looks before it acts. @throws what it throws, with the lists read anew where they may be why */
export async function* withFreshLists(
  context: StepContext,
  work: () => AsyncGenerator<StepEvent, void, void>,
): AsyncGenerator<StepEvent, void, void> {
  try {
    yield* work();
    return;
  } catch (error) {
    if (!mayBeOld(error)) throw error;
    const message = `Reading the lists of all repositories, since those that apt has may be old: ${error.message}`;
    yield looked('package-lists', message);
  }
  yield* readAllLists(context);
  yield* work();
}

/** What ails repositories that the packages do not come from is not this job's business: whether it matters the next try shows. */
async function* readAllLists(context: StepContext): AsyncGenerator<StepEvent, void, void> {
  const options = { withinMs: READ_MS, signal: leaving(context) };
  const failing = 'apt-get could not read the lists of all repositories';
  try {
    yield* underLock(context, ['apt-get', '--quiet', 'update'], failing, undefined, options);
  } catch (error) {
    if (!(error instanceof StepFailed) || error.subtype === 'package-manager-locked') throw error;
    yield changed('package-lists-partly-read', `${error.message}; going on with those that it has`, {
      after: error.detail,
    });
    return;
  }
  yield changed('package-lists', 'Read what all repositories have');
}
