// Ends the database node's process: SIGTERM, and SIGKILL when it does not go.
import { StepFailed } from '../../shared/errors.ts';
import type { ProcessId } from '../host/host.ts';
import { layoutOf } from '../products/index.ts';
import { sameProcess, stillOnLeave } from './leave.ts';
import { isRestartDue } from './restart-need.ts';
import { checkService, stopService } from './services.ts';
import type { Step, StepContext } from './step.ts';
import { changed, looked, milestone, processView, seconds } from './telling.ts';
import { until } from './waiting.ts';

const POLL_MS = 20;
/** A killed process goes at once unless the kernel holds it (a hung disk). */
const KILL_MS = 10_000;

/** First by whoever keeps it running: else it might be started again. One that does not come to an end is stopped all the same. */
async function stopByService(context: StepContext, service: string): Promise<void> {
  await checkService(context, service); // what cannot be started again is left running
  try {
    await stopService(context, service, context.input.limits.stopMs);
  } catch (cause) {
    if (!(cause instanceof StepFailed) || cause.subtype !== 'command-timed-out') throw cause;
  }
}

/** Returns the process that was stopped, or null when none had to be. */
export const stopNode: Step = {
  name: 'stop-node',
  mustReach: 'await-native-port',
  async *run(context) {
    const { host, input } = context;
    const { service } = layoutOf(input);
    yield looked('process', 'Checking if the database node runs', { resource: input.install.directory });
    const running = await host.findCassandra(layoutOf(input).directory);
    const noted = (context.notes.at(-1) ?? null) as ProcessId | null;
    if (noted !== null && !sameProcess(noted, running) && !(await host.isAlive(noted))) {
      yield looked('process', 'The database node was stopped before the agent was restarted');
      return { stopped: noted };
    }
    const old = noted ?? running;
    if (old === null) {
      yield looked('process', 'The database node is not running');
      return { stopped: null };
    }
    if (noted === null && !(await isRestartDue(context))) {
      yield looked('process', 'The database node runs as it should: it is left running');
      return { stopped: null };
    }
    if (noted === null) yield* stillOnLeave(context, old, true);
    if (noted === null) await context.note(old); // before the signal: after a crash the new process is not the old one
    const resource = String(old.pid);
    const startedMs = host.nowMs();
    const isGone = async (): Promise<boolean> => !(await host.isAlive(old));
    if (service !== null) await stopByService(context, service);
    await host.signal(old, 'SIGTERM'); // what is gone hears nothing
    if (!(await until(context, isGone, { everyMs: POLL_MS, withinMs: input.limits.stopMs }))) {
      await host.signal(old, 'SIGKILL');
      yield changed('node-killed', `Killed the process: it did not end within ${input.limits.stopMs} ms`, {
        resource,
      });
      if (!(await until(context, isGone, { everyMs: POLL_MS, withinMs: KILL_MS }))) {
        throw new StepFailed('node-not-stopped', `Process ${resource} does not end`, { resource });
      }
    }
    const after = { 'stop-ms': host.nowMs() - startedMs };
    yield milestone('node-stopped', `Stopped the database node in ${seconds(after['stop-ms'])}`, true, {
      resource,
      before: processView(old),
      after,
    });
    return { stopped: old };
  },
};
