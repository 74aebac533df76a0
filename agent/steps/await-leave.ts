// Asks for leave before a database node that serves is stopped, and waits until no range loses its consistency level by it.
import { StepFailed } from '../../shared/errors.ts';
import type { StopNote } from '../../shared/ring-view.ts';
import { layoutOf } from '../products/index.ts';
import { LEAVE, leaveFor } from './leave.ts';
import { isRestartDue } from './restart-need.ts';
import type { Step } from './step.ts';
import { stopNativeTransport } from './stop-native-transport.ts';
import { looked, milestone } from './telling.ts';
import { leaving } from './waiting.ts';

/** While the same wait goes on its reason may change with every look; it is told this often. */
const TELL_EVERY_MS = 60_000;
const TICK_MS = 1_000;

const told = ({ subtype, message, loud }: StopNote) => ({
  ...looked(subtype, message),
  type: loud ? ('error' as const) : ('check' as const),
});

/** Returns the leave: for which process, and when it was given. */
export const awaitLeave: Step = {
  name: LEAVE,
  // Others may be away by the time that an agent which was killed is back.
  goodUntil: stopNativeTransport.name,
  async *run(context) {
    const { host, input, stopping, aborted } = context;
    const resource = input.node.broadcastAddress ?? input.node.listenAddress;
    yield looked('gate', 'Checking if the database node may be stopped', { resource });
    const { directory } = layoutOf(input);
    const running = await host.findCassandra(directory);
    if (running === null) {
      yield looked('gate', 'The database node is not running: stopping it costs nothing', { resource });
      return leaveFor(context, null);
    }
    if (!(await isRestartDue(context))) {
      yield looked('gate', 'No restart is needed: nobody is asked', { resource });
      return leaveFor(context, running);
    }
    const startedMs = host.nowMs();
    let toldMs: number | null = null;
    const over = new AbortController();
    const ticking = (async () => {
      while (!over.signal.aborted) {
        context.tick();
        await host.wait(TICK_MS, over.signal).catch(() => {});
      }
    })();
    try {
      for await (const answer of context.askLeave(resource, leaving(context))) {
        const after = { 'gate-ms': host.nowMs() - startedMs };
        if (answer === 'unsupported') {
          yield looked(
            'gate-unknown',
            'The coordinator is of a version that does not look at the ring before a stop: going on as that version does',
            { resource },
          );
          return leaveFor(context, running);
        }
        if (answer.verdict === 'wait') {
          if (toldMs !== null && host.nowMs() - toldMs < TELL_EVERY_MS) continue;
          toldMs = host.nowMs();
          yield looked('gate-waiting', `Waiting before the stop: ${answer.message}`, { resource });
          continue;
        }
        for (const note of answer.notes) yield told(note);
        if (answer.verdict === 'refused') throw new StepFailed('gate-refused', answer.message, { resource });
        yield milestone('gate-passed', answer.message, false, { resource, after });
        return leaveFor(context, toldMs === null ? running : await host.findCassandra(directory));
      }
    } finally {
      over.abort();
      await ticking;
    }
    aborted.throwIfAborted();
    stopping.throwIfAborted();
    return undefined;
  },
};
