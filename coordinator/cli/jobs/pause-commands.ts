// job pause and resume: what is said to a job between two of its nodes.
import type { Command } from 'commander';
import { CliFailure } from '../exit.ts';
import { examples } from '../help.ts';
import type { Act, Session } from '../session.ts';
import { harmless } from '../terminal/harmless.ts';
import { findJob, JOB_BY_ID } from './find-job.ts';
import { titleOf } from './job-words.ts';

const UNCHANGED = {
  pause: 'is paused already',
  resume: 'was not paused and does not hold: nothing is changed',
};

/**
 * @param done what has come of it; said only where something has
 * @returns the id of the job
 */
async function say(
  session: Session,
  given: string,
  what: keyof typeof UNCHANGED,
  done: string,
  body: Record<string, unknown> = {},
): Promise<string> {
  const found = await findJob(session, given, { mayBeLast: false });
  const { id, status } = found;
  // Of others the coordinator says so itself; whoever wants this one to go on can have that of a new job.
  if (what === 'resume' && typeof found['ended-on'] === 'string' && status !== 'COMPLETE')
    throw new CliFailure('conflict', `Job ${String(id)} is over (${String(status)})`, [
      `a new job on those of its nodes that were not COMPLETE: ringmaster job retry ${String(id)}`,
    ]);
  const job = await session.client.post(`jobs/${String(id)}/${what}`, body);
  const { output } = session;
  if (output.quiet) output.ids([job]);
  else if (output.isData) output.data(job);
  else {
    const isAsBefore = job['modified-on'] === found['modified-on'];
    output.note(`${harmless(titleOf(job))} ${isAsBefore ? UNCHANGED[what] : done}`);
  }
  return String(id);
}

export function addPauseCommands(job: Command, act: Act): void {
  examples(
    job
      .command('pause')
      .argument('<job>', JOB_BY_ID)
      .description(
        'start and stop no node of a job until it is resumed; what is under way goes on up to the stop of its node',
      ),
    ['ringmaster job pause JOB'],
  ).action(
    act(async (session, [given = '']) => {
      const id = await say(session, given, 'pause', 'is paused');
      session.hint(`it goes on by: ringmaster job resume ${id}`);
    }),
  );
  examples(
    job
      .command('resume')
      .argument('<job>', JOB_BY_ID)
      .description(
        'have a job go on with the nodes that are left: one that was paused, that holds since a node failed (--hold-on-error), or that waits after its canaries',
      ),
    ['ringmaster job resume JOB', 'ringmaster job resume JOB --retry'],
  )
    .option('--retry', 'try the nodes again first for which it holds since they failed')
    .action(
      act(async (session, [given = ''], { retry }) => {
        if (retry === true) await say(session, given, 'resume', 'tries again what failed', { retry });
        else await say(session, given, 'resume', 'is resumed');
      }),
    );
}
