// Has the running database node rewrite its sstables of earlier formats, where an upgrade was asked for that; for terabytes this takes days.
import { StepFailed } from '../../shared/errors.ts';
import type { JmxNode } from '../host/jmx/cassandra-mbeans.ts';
import { JmxError } from '../host/jmx/jmx-error.ts';
import { ownNodeOf } from '../products/index.ts';
import type { Step, StepContext } from './step.ts';
import { looked, milestone } from './telling.ts';
import { ticking } from './waiting.ts';

const JMX_MS = 10_000;
/** Of one keyspace. */
const KEYSPACE_MS = 14 * 86_400_000;

const AGAIN =
  'While the node runs it serves as it is; the same upgrade with upgrade-sstables goes on with what is left';

/** @throws StepFailed `sstables-not-upgraded` */
async function upgradeKeyspace(context: StepContext, node: JmxNode, keyspace: string): Promise<void> {
  const { stopping, aborted } = context;
  const end = (): void => void node.stopUpgradingSstables().catch(() => {}); // told by the question under way
  stopping.addEventListener('abort', end, { once: true });
  try {
    if (await ticking(context, node.upgradeSstables(keyspace, KEYSPACE_MS))) return;
  } catch (cause) {
    aborted.throwIfAborted();
    throw failed(cause instanceof Error ? cause.message : String(cause), keyspace, cause);
  } finally {
    stopping.removeEventListener('abort', end);
  }
  stopping.throwIfAborted();
  throw failed('it was ended, or something else that compacts could not be', keyspace);
}

const failed = (why: string, resource: string, cause?: unknown): StepFailed =>
  new StepFailed(
    'sstables-not-upgraded',
    `Not all sstables of ${resource} were rewritten: ${why}. ${AGAIN}`,
    {
      resource,
      cause,
    },
  );

export const upgradeSstables: Step = {
  name: 'upgrade-sstables',
  async *run(context) {
    const { host, input, stopping, aborted } = context;
    const resource = input.node.name;
    yield looked('sstables', 'Checking if sstables are to be rewritten', { resource });
    if (input.sstables !== true) return;
    stopping.throwIfAborted();
    const node = await host.jmx(ownNodeOf(input), JMX_MS, aborted).catch((cause: unknown) => {
      aborted.throwIfAborted();
      throw failed('the database node does not answer over JMX', resource, cause);
    });
    try {
      const older = await node.olderSstables();
      if (older === 0) {
        yield looked('sstables', `All sstables are in the format that ${input.version} writes`, { resource });
        return;
      }
      const startedMs = host.nowMs();
      for (const keyspace of await node.keyspaces()) {
        stopping.throwIfAborted();
        yield looked('sstables', `Rewriting sstables of earlier formats in ${keyspace}`, {
          resource: keyspace,
        });
        await upgradeKeyspace(context, node, keyspace);
      }
      const count = older === null ? 'the' : String(older);
      yield milestone('sstables-upgraded', `Rewrote ${count} sstables of earlier formats`, true, {
        resource,
        before: { 'older-sstables': older },
        after: { 'older-sstables': await node.olderSstables(), 'sstables-ms': host.nowMs() - startedMs },
      });
    } catch (error) {
      aborted.throwIfAborted();
      throw error instanceof JmxError ? failed(error.message, resource, error) : error;
    } finally {
      node.close();
    }
  },
};
