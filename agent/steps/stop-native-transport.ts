// Closes the node to clients before anything else, so that drivers move to other nodes.
import { layoutOf } from '../products/index.ts';
import { isRestartDue } from './restart-need.ts';
import type { Step } from './step.ts';
import { changed, looked } from './telling.ts';
import { ticking } from './waiting.ts';

const JMX_MS = 10_000;

export const stopNativeTransport: Step = {
  name: 'stop-native-transport',
  mustReach: 'await-native-port',
  async *run(context) {
    const { host, input, aborted } = context;
    const port = String(input.ports.jmx);
    context.stopping.throwIfAborted(); // the last safe point before the node is touched
    yield looked('native-transport', 'Checking if clients are served', { resource: port });
    if ((await host.findCassandra(layoutOf(input).directory)) === null) {
      yield looked('native-transport', 'The database node is not running', { resource: port });
      return;
    }
    if (!(await isRestartDue(context))) {
      yield looked('native-transport', 'The database node runs as it should: no restart is needed');
      return;
    }
    const node = await host.jmx(input.ports.jmx, JMX_MS, aborted).catch(() => null);
    try {
      if (node === null || !(await node.isNativeTransportRunning())) {
        const why =
          node === null ? 'JMX does not answer: the stop itself closes the port' : 'No client is served';
        yield looked('native-transport', why, { resource: port });
        return;
      }
      await ticking(context, node.stopNativeTransport());
      yield changed('native-transport', 'Stopped serving clients', { resource: port });
    } catch (error) {
      aborted.throwIfAborted();
      yield looked('native-transport', 'Could not stop serving clients: the stop itself will', {
        resource: port,
        after: { error: error instanceof Error ? error.message : String(error) },
      });
    } finally {
      node?.close();
    }
  },
};
