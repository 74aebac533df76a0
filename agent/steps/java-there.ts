// Refuses to stop a database node whose Java is gone: what runs does so from a file that is no more, and nothing would start it again.
import { StepFailed } from '../../shared/errors.ts';
import type { ProcessId } from '../host/host.ts';
import type { StepContext } from './step.ts';
import { leaving } from './waiting.ts';

/** In place of the file that an upgrade of Java has replaced while the node ran. */
const DELETED = / \(deleted\)$/;

/**
 * No JVM is started where all is well. By which name the node's start script found Java stands in its command line, and may be a
 * link; what the script would find instead is known only where nobody has another.
 * @throws StepFailed `java-missing`
 */
export async function checkJavaOfRunning(context: StepContext, running: ProcessId): Promise<void> {
  const { host } = context;
  const program = await host.programOf(running);
  const [word = ''] = program?.words ?? [];
  const path = word.startsWith('/') ? word : (program?.path?.replace(DELETED, '') ?? '');
  if (!path.endsWith('/java') || (await host.changedMs(path)) !== null) return; // where a link leads counts
  const hasOther = await host.run(['java', '-version'], { withinMs: 30_000, signal: leaving(context) }).then(
    () => true,
    (cause: unknown) => {
      if (!(cause instanceof StepFailed)) throw cause;
      return cause.subtype !== 'program-not-found';
    },
  );
  if (hasOther) return;
  throw new StepFailed(
    'java-missing',
    `${path}, with which the database node was started, is not there any more, and this host has no other java in the usual path: the node would not start again, and runs on. Put Java back (by its package, or the link to it), and run this job again`,
    { resource: path },
  );
}
