// Asks before what cannot be taken back: a person on a terminal, or --yes.
import { CliFailure } from './exit.ts';
import type { Session } from './session.ts';

/** @throws CliFailure when nobody can be asked and --yes was not given, or the answer is not yes: then nothing was done */
export async function confirm({ around, output }: Session, question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!around.isInteractive)
    throw new CliFailure('usage', `${question} Nobody can be asked here, so nothing was done`, [
      'say --yes to go ahead without a question',
    ]);
  const answer = await around.ask(`${output.errColours.bold(question)} [y/N] `);
  if (around.interrupted.aborted) throw new CliFailure('interrupted', 'nothing was done');
  if (!/^y(es)?$/i.test((answer ?? '').trim())) throw new CliFailure('failure', 'nothing was done');
}
