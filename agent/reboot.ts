// A host that was booted anew in the middle of a run: said, and whatever the run saw of its database node since it started it is looked at again.
import type { StepEvent } from '../shared/events.ts';
import type { Journal } from './disk/journal.ts';
import type { Host } from './host/host.ts';
import { againOf } from './steps/again.ts';
import { awaitSettling } from './steps/await-settling.ts';
import { startedAt, startNode } from './steps/start-node.ts';
import type { Step } from './steps/step.ts';
import { milestone } from './steps/telling.ts';

interface Parts {
  journal: Journal;
  host: Pick<Host, 'bootId'>;
  tell: (event: StepEvent) => Promise<void>;
}

/**
 * Of a run that is taken up. No process of before the boot is left: where the run had started the node, it looks whether somebody has
 * started it at the boot, and starts it where nobody has.
 * @param way the steps of the way that the run goes now
 */
export async function lookForReboot(
  runId: string,
  way: readonly Step[],
  { journal, host, tell }: Parts,
): Promise<void> {
  const run = journal.run(runId);
  const boot = await host.bootId();
  if (run === undefined || run.boot === boot) return;
  if (run.boot !== undefined) {
    const names = way.map(({ name }) => name);
    const known = (name: string) => run.steps.find((step) => step.name === name);
    const start = [startNode.name, againOf(startNode.name)].find((name) => names.includes(name)) ?? '';
    const started = known(start);
    const next = names.find((name) => known(name)?.finished !== true) ?? names.at(-1) ?? '';
    await tell(rebooted(next, started?.finished === true));
    if (started?.finished === true) {
      const last = names.indexOf(awaitSettling.name);
      const undone = names.slice(names.indexOf(start), last === -1 ? names.length : last + 1);
      await journal.stepsUndone(runId, undone);
      await journal.stepStarted(runId, started.index, start, startedAt(started.result));
    }
  }
  await journal.booted(runId, boot);
}

function rebooted(next: string, isStarted: boolean): StepEvent {
  const then = isStarted
    ? 'The database node is waited for where it was started at the boot, and started where it was not'
    : 'The run goes on from there';
  const message = `The host was rebooted in the middle of this run, before the step ${next} was done. ${then}`;
  return milestone('host-rebooted', message, false, { after: { step: next } });
}
