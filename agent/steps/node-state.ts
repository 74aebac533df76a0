// What the steps around a restart share: whether it has to be, and how the node is asked.
import type { RunInput } from '../../shared/run-input.ts';
import type { JmxNode } from '../host/jmx/cassandra-mbeans.ts';
import { layoutOf } from '../products/index.ts';
import type { StepContext } from './step.ts';

const ASK_MS = 10_000;

/** The digest of the configuration as this run wrote it; null in a run that writes none. */
export function writtenDigest(context: Pick<StepContext, 'resultOf'>): string | null {
  const result = context.resultOf('write-config-files') as { digest?: string } | undefined;
  return result?.digest ?? null;
}

/**
 * Restart and configure always restart (seed, "Configure"). An install restarts a running node only when it does not run
 * with the configuration as written: a second install changes nothing.
 */
export async function mustRestart(context: StepContext): Promise<boolean> {
  const { host, input } = context;
  if (input.recipe !== 'install') return true;
  const startedWith = (await host.readText(layoutOf(input).startedWith))?.trim() ?? null;
  return startedWith !== writtenDigest(context);
}

/** Asks the node over JMX; null when it does not answer (it may be starting, hung or gone). */
export async function askNode<T>(
  context: StepContext,
  input: RunInput,
  ask: (node: JmxNode) => Promise<T>,
): Promise<T | null> {
  let node: JmxNode | null = null;
  try {
    node = await context.host.jmx(input.ports.jmx, ASK_MS, context.aborted);
    return await ask(node);
  } catch (error) {
    if (context.aborted.aborted) throw error;
    return null;
  } finally {
    node?.close();
  }
}
