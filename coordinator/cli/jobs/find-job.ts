// Which job is meant: its id, or "last" for the newest one where nothing can be harmed by it.
import { isUuid } from '../../../shared/uuid.ts';
import { CliFailure } from '../exit.ts';
import type { Json } from '../rest-client.ts';
import type { Session } from '../session.ts';

/** What stands for <job>. */
export const JOB_ARGUMENT = 'its id, or "last" for the newest';
export const JOB_BY_ID = 'its id';

const HINT = '`ringmaster job list` shows the newest ones';

/** @throws CliFailure not-found; usage for a "last" that could be another one a moment later */
export async function findJob(
  { client }: Session,
  given: string,
  { mayBeLast }: { mayBeLast: boolean },
): Promise<Json> {
  if (given === 'last') {
    if (!mayBeLast)
      throw new CliFailure('usage', 'which job is last may change at any moment: name it by its id', [HINT]);
    const [newest] = await client.list('jobs/', 1);
    if (newest === undefined) throw new CliFailure('not-found', 'there is no job yet', [HINT]);
    return await client.get(`jobs/${String(newest['id'])}`);
  }
  if (!isUuid(given))
    throw new CliFailure(
      'not-found',
      `no job ${given}: jobs go by their id${mayBeLast ? ', or by "last" for the newest' : ''}`,
      [HINT],
    );
  try {
    return await client.get(`jobs/${given.toLowerCase()}`);
  } catch (error) {
    if ((error as { status?: unknown }).status !== 404) throw error;
    throw new CliFailure('not-found', `no job with id ${given}`, [HINT]);
  }
}
