// Has the running database node take a snapshot of all its tables, where one was asked for, before an upgrade stops it.
import { StepFailed } from '../../shared/errors.ts';
import { layoutOf } from '../products/index.ts';
import type { Step, StepContext } from './step.ts';
import { looked, milestone } from './telling.ts';
import { dueUpgrade, type Upgrade } from './upgrade-need.ts';
import { ticking } from './waiting.ts';

const JMX_MS = 10_000;
/** Hard links, yet memtables are flushed first. */
const SNAPSHOT_MS = 600_000;

interface Taken extends Upgrade {
  tag: string;
}

/** null: none, or one of another upgrade */
async function takenBefore({ host, input }: StepContext, { from, to }: Upgrade): Promise<Taken | null> {
  const text = await host.readText(layoutOf(input).snapshot);
  const taken = text === null ? null : (JSON.parse(text) as Taken); // replaced whole, by rename
  return taken?.from === from && taken.to === to ? taken : null;
}

export const takeSnapshot: Step = {
  name: 'take-snapshot',
  async *run(context) {
    const { host, input, stopping, aborted } = context;
    const resource = input.node.name;
    stopping.throwIfAborted();
    yield looked('snapshot', 'Checking if a snapshot is wanted', { resource });
    const upgrade = dueUpgrade(context);
    if (upgrade === null || input.snapshot !== true) return;
    const layout = layoutOf(input);
    if ((await host.findCassandra(layout.directory)) === null) {
      const taken = await takenBefore(context, upgrade); // by a try that stopped the node
      if (taken !== null) {
        yield looked(
          'snapshot',
          `The database node is not running; an earlier try of this upgrade took the snapshot ${taken.tag}, which stands`,
          { resource, after: { tag: taken.tag } },
        );
        return;
      }
      throw new StepFailed(
        'snapshot-failed',
        'The database node is not running and can take no snapshot: start it first, or upgrade without take-snapshot',
        {
          resource,
        },
      );
    }
    // With the time: one that an earlier try left may lack tables, and another costs a few links.
    const tag = `upgrade-${upgrade.from}-${upgrade.to}-${host.nowMs()}`;
    const startedMs = host.nowMs();
    const node = await host.jmx(input.ports.jmx, JMX_MS, aborted);
    try {
      await ticking(context, node.takeSnapshot(tag, SNAPSHOT_MS));
    } catch (cause) {
      aborted.throwIfAborted();
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new StepFailed('snapshot-failed', `No snapshot could be taken, and nothing was stopped: ${why}`, {
        resource,
        cause,
      });
    } finally {
      node.close();
    }
    await host.replaceText(layout.snapshot, `${JSON.stringify({ ...upgrade, tag } satisfies Taken)}\n`);
    yield milestone('snapshot-taken', `Took the snapshot ${tag}`, true, {
      resource,
      after: { tag, 'snapshot-ms': host.nowMs() - startedMs },
    });
  },
};
