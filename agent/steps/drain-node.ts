// Flushes memtables and stops the node taking writes, so that the start replays no commit log.
import type { JmxNode } from '../host/jmx/cassandra-mbeans.ts';
import { layoutOf, ownNodeOf } from '../products/index.ts';
import { stillOnLeave } from './leave.ts';
import { isRestartDue } from './restart-need.ts';
import type { Step, StepContext } from './step.ts';
import { looked, milestone, seconds } from './telling.ts';
import { ticking, until } from './waiting.ts';

const JMX_MS = 10_000;

/**
 * A second drain of a draining node fails (CASSANDRA-17493): look first, and wait for one that is under way.
 * @throws JmxError when it is refused; or not over in time, which does not end it
 */
async function drain(context: StepContext, node: JmxNode): Promise<'drained' | 'already' | 'late'> {
  const { drainMs } = context.input.limits;
  const mode = await node.operationMode();
  if (mode === 'DRAINED') return 'already';
  if (mode !== 'DRAINING') {
    await ticking(context, node.drain(drainMs));
    return 'drained';
  }
  const isDrained = async (): Promise<boolean> => (await node.operationMode()) === 'DRAINED';
  return (await until(context, isDrained, { everyMs: 100, withinMs: drainMs })) ? 'drained' : 'late';
}

export const drainNode: Step = {
  name: 'drain-node',
  mustReach: 'await-native-port',
  async *run(context) {
    const { host, input, aborted } = context;
    const resource = input.node.name;
    yield looked('drain', 'Checking if the database node is drained', { resource });
    const running = await host.findCassandra(layoutOf(input).directory);
    if (running === null) {
      yield looked('drain', 'The database node is not running: nothing to drain', { resource });
      return;
    }
    if (!(await isRestartDue(context))) {
      yield looked('drain', 'No restart is needed: nothing to drain', { resource });
      return;
    }
    yield* stillOnLeave(context, running, true);
    const startedMs = host.nowMs();
    const limitMs = input.limits.drainMs;
    const late = `The drain is not over after ${seconds(limitMs)} (drain-timeout); going on to stop: the start will replay the commit log`;
    let node: JmxNode | null = null;
    try {
      node = await host.jmx(ownNodeOf(input), JMX_MS, aborted);
      const how = await drain(context, node);
      const after = { 'drain-ms': host.nowMs() - startedMs };
      if (how === 'late') yield looked('drain-failed', late, { resource, after });
      else if (how === 'already') yield looked('drain', 'The database node is drained already', { resource });
      else {
        const message = `Drained the database node in ${seconds(after['drain-ms'])}`;
        yield milestone('node-drained', message, true, { resource, after });
      }
    } catch (error) {
      aborted.throwIfAborted();
      const drainMs = host.nowMs() - startedMs;
      const why = error instanceof Error ? error.message : String(error);
      // SIGTERM drains as well; a node that cannot be drained must not keep the restart from happening
      const message = !(await host.isAlive(running))
        ? 'The database node ended by itself before it was drained: the start will replay the commit log'
        : drainMs < limitMs
          ? `Could not drain the database node (${why}); going on to stop`
          : late;
      yield looked('drain-failed', message, { resource, after: { 'drain-ms': drainMs, error: why } });
    } finally {
      node?.close();
    }
  },
};
