// Closes the node to clients before anything else, so that drivers move to other nodes, and waits until what they asked for is done.
import { CLIENTS_TIMEOUT_S } from '../../shared/stop-options.ts';
import type { JmxNode } from '../host/jmx/cassandra-mbeans.ts';
import type { ServedClients } from '../host/jmx/served-clients.ts';
import { layoutOf, ownNodeOf } from '../products/index.ts';
import { LeaveLapsed, stillOnLeave } from './leave.ts';
import { isRestartDue } from './restart-need.ts';
import type { Step, StepContext } from './step.ts';
import { changed, looked, seconds } from './telling.ts';
import { until } from './waiting.ts';

const JMX_MS = 10_000;
const POLL_MS = 50;
const ANSWER_MS = 1_000;

/** What a version does not tell is not waited for. */
const isGone = ({ connections, requests }: ServedClients): boolean =>
  (connections ?? 0) === 0 && (requests ?? 0) === 0;

const counted = (count: number | null, what: string): string =>
  count === null ? `an unknown number of ${what}s` : `${count} ${what}${count === 1 ? '' : 's'}`;

/**
 * Also for a node that was told before the agent was restarted: it may still be closing.
 * @returns who is left, and whether somebody is at the limit
 */
async function letGo(
  context: StepContext,
  node: JmxNode,
  isServing: boolean,
  withinMs: number,
): Promise<{ left: ServedClients; isLate: boolean }> {
  let isClosed = !isServing;
  let failure: Error | null = null;
  // Not given up on with the wait: its connection is the one that is asked who is left.
  const closing = isServing ? node.stopNativeTransport(withinMs + JMX_MS) : Promise.resolve();
  closing.then(
    () => {
      isClosed = true;
    },
    (error: unknown) => {
      failure = error instanceof Error ? error : new Error(String(error));
    },
  );
  let left: ServedClients = { connections: null, requests: null };
  const isOver = async (): Promise<boolean> => {
    left = await node.servedClients();
    if (failure !== null) throw failure;
    return isClosed && isGone(left);
  };
  return { isLate: !(await until(context, isOver, { everyMs: POLL_MS, withinMs })), left };
}

/** @param node null: JMX does not answer */
async function servesClients({ host, input }: StepContext, node: JmxNode | null): Promise<boolean> {
  const serving = await node?.isNativeTransportRunning().catch(() => undefined);
  const { nativeTransportAddress } = input.node;
  return serving ?? (await host.nativePortAnswers(nativeTransportAddress, input.ports.native, ANSWER_MS));
}

/** The stop begins here: what an earlier try of this step closed is not asked about again, and one that came to nothing is. */
export const stopNativeTransport: Step = {
  name: 'stop-native-transport',
  mustReach: 'await-native-port',
  async *run(context) {
    const { host, input, aborted } = context;
    const port = String(input.ports.jmx);
    context.stopping.throwIfAborted(); // the last safe point before the node is touched
    yield looked('native-transport', 'Checking if clients are served', { resource: port });
    const running = await host.findCassandra(layoutOf(input).directory);
    if (running === null) {
      yield looked('native-transport', 'The database node is not running', { resource: port });
      return;
    }
    if (!(await isRestartDue(context))) {
      yield looked('native-transport', 'The database node runs as it should: no restart is needed');
      return;
    }
    const node = await host.jmx(ownNodeOf(input), JMX_MS, aborted).catch(() => null);
    const startedMs = host.nowMs();
    try {
      const isServing = await servesClients(context, node);
      const hasClosed = context.notes.length > 0 && !isServing;
      yield* stillOnLeave(context, running, hasClosed);
      if (node === null) {
        const why = 'JMX does not answer: the stop itself closes the port';
        yield looked('native-transport', why, { resource: port });
        return;
      }
      const before = await node.servedClients();
      if (!isServing && isGone(before)) {
        yield looked('native-transport', 'No client is served', { resource: port });
        return;
      }
      if (context.notes.length === 0) await context.note({ closing: running.pid });
      const withinMs = input.limits.clientsMs ?? CLIENTS_TIMEOUT_S * 1_000;
      const { left, isLate } = await letGo(context, node, isServing, withinMs);
      const clientsMs = host.nowMs() - startedMs;
      const there = counted(before.connections, 'connection');
      const [subtype, message] = isLate
        ? [
            'clients-left',
            `Of ${there}, ${counted(left.connections, 'connection')} and ${counted(left.requests, 'request')} are left after ${seconds(withinMs)} (clients-timeout); going on to drain`,
          ]
        : ['native-transport', `Stopped serving clients: ${there} closed in ${seconds(clientsMs)}`];
      yield (isServing ? changed : looked)(subtype, message, {
        resource: port,
        before: { ...before },
        after: {
          'clients-ms': clientsMs,
          'connections-left': left.connections,
          'requests-left': left.requests,
        },
      });
    } catch (error) {
      aborted.throwIfAborted();
      if (error instanceof LeaveLapsed) throw error;
      yield looked('native-transport', 'Could not stop serving clients: the stop itself will', {
        resource: port,
        after: { error: error instanceof Error ? error.message : String(error) },
      });
    } finally {
      node?.close();
    }
  },
};
