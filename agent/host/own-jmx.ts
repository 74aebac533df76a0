// The database node on this machine over JMX, where it listens by its own command line.

import type { OwnNode } from './host.ts';
import { connectJmx, type JmxNode } from './jmx/cassandra-mbeans.ts';
import { commandLineOf } from './proc.ts';
import { findCassandra } from './processes.ts';

/** As cassandra-env.sh has them: the one for this machine alone, or those for others too. */
const PORT = /^-D(?:cassandra\.jmx\.(?:local|remote)\.port|com\.sun\.management\.jmxremote\.port)=(\d{1,5})$/;

/** @returns null where it says nothing of that; of several the last counts, as for the JVM */
export function jmxPortIn(commandLine: readonly string[]): number | null {
  const given = commandLine.flatMap((word) => PORT.exec(word)?.[1] ?? []).at(-1);
  return given === undefined ? null : Number(given);
}

/** @see Host.jmx */
export async function jmxOf(node: OwnNode, withinMs: number, signal?: AbortSignal): Promise<JmxNode> {
  const running = await findCassandra(node.directory);
  const commandLine = running === null ? null : await commandLineOf(running.pid);
  return await connectJmx(jmxPortIn(commandLine ?? []) ?? node.jmxPort, withinMs, signal);
}
