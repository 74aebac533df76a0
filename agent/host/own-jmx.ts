// The database node on this machine over JMX: where it was said to listen, or else where it says so itself.
import type { OwnNode } from './host.ts';
import { connectJmx, type JmxNode } from './jmx/cassandra-mbeans.ts';
import { commandLineOf } from './proc.ts';
import { findCassandra } from './processes.ts';

/** Of these Cassandra goes by the first that is given (CassandraDaemon.maybeInitJmx), and of one that is given twice by the last. */
const PROPERTIES = [
  'com.sun.management.jmxremote.port',
  'cassandra.jmx.remote.port',
  'cassandra.jmx.local.port',
] as const;

/** @returns null where it says nothing of that */
export function jmxPortIn(commandLine: readonly string[]): number | null {
  for (const property of PROPERTIES) {
    const given = commandLine.findLast((word) => word.startsWith(`-D${property}=`));
    const port = /=(\d{1,5})$/.exec(given ?? '')?.[1];
    if (port !== undefined) return Number(port);
  }
  return null;
}

/**
 * Anybody may start a program whose command line says what he likes, so that it is asked only where nobody answers on the port that was
 * told; that one anybody could have taken as well.
 * @see Host.jmx
 */
export async function jmxOf(node: OwnNode, withinMs: number, signal?: AbortSignal): Promise<JmxNode> {
  try {
    return await connectJmx(node.jmxPort, withinMs, signal);
  } catch (error) {
    const running = await findCassandra(node.directory);
    const port = jmxPortIn((running && (await commandLineOf(running.pid))) ?? []);
    if (port === null || port === node.jmxPort) throw error;
    return await connectJmx(port, withinMs, signal);
  }
}
