// Refuses to stop a database node that could not start again: looked at before anything is touched, and once more after leave was given.
import { StepFailed } from '../../shared/errors.ts';
import type { ProcessId } from '../host/host.ts';
import { layoutOf } from '../products/index.ts';
import { checkFileThere } from './check-against-data.ts';
import { checkReadable, checkStillEntered } from './files-there.ts';
import { checkJavaOfRunning } from './java-there.ts';
import { stillOnLeave } from './leave.ts';
import { checkPortsFree, checkPortsOfRunning } from './ports.ts';
import { isRestartDue } from './restart-need.ts';
import { jobOf, type Step, type StepContext } from './step.ts';
import { looked } from './telling.ts';

/**
 * @param andSo what follows for a node that runs; '' before a start
 * @returns the facts of the machine
 * @throws StepFailed `disk-full`
 */
export async function checkDisk(
  { host, input }: StepContext,
  andSo: string,
): Promise<Record<string, unknown>> {
  const layout = layoutOf(input);
  const directory = layout.service === null ? layout.directory : layout.data;
  const facts = await host.facts(directory);
  if (facts['free-disk-bytes'] !== 0) return facts;
  throw new StepFailed('disk-full', `No space is left below ${directory}${andSo}`, {
    resource: directory,
    detail: { free: 0 },
  });
}

/** @throws StepFailed `port-in-use`, `disk-full`, `java-missing`, `config-unreadable` or `other-data` */
export async function checkRunning(context: StepContext, running: ProcessId): Promise<void> {
  await checkPortsOfRunning(context, running);
  await checkDisk(context, ': the database node runs on');
  if (jobOf(context.input) !== 'restart') return; // the others write that file, and have looked for Java
  await checkJavaOfRunning(context, running);
  await checkStillEntered(context);
  await checkFileThere(context);
}

/** The files were written since the run began, and leave may have taken hours to come, or have come long ago. */
export const checkRestart: Step = {
  name: 'check-restart',
  async *run(context) {
    const { host, input } = context;
    const { directory: resource } = layoutOf(input);
    yield looked('restart', 'Checking if the database node could start again', { resource });
    const running = await host.findCassandra(resource);
    if (running === null || !(await isRestartDue(context))) return;
    await checkRunning(context, running);
    if (jobOf(input) !== 'restart') await checkReadable(context); // a restart has, where they were changed
    yield* stillOnLeave(context, running, false);
  },
};

/** For whoever only looks: a node that runs was looked at with the facts. @throws StepFailed `port-in-use` or `disk-full` */
export const checkStart: Step = {
  name: 'check-start',
  async *run(context) {
    const { directory: resource } = layoutOf(context.input);
    yield looked('restart', 'Checking if a database node that does not run could start', { resource });
    if ((await context.host.findCassandra(resource)) !== null) return;
    await checkPortsFree(context);
    await checkDisk(context, '');
  },
};
