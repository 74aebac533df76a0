// Has the running database node take a snapshot of all its tables, where one was asked for, before an upgrade stops it.
import { StepFailed } from '../../shared/errors.ts';
import { layoutOf } from '../products/index.ts';
import type { Step } from './step.ts';
import { looked, milestone } from './telling.ts';
import { dueUpgrade } from './upgrade-need.ts';
import { ticking } from './waiting.ts';

const JMX_MS = 10_000;
/** Hard links, yet memtables are flushed first. */
const SNAPSHOT_MS = 600_000;

export const takeSnapshot: Step = {
  name: 'take-snapshot',
  async *run(context) {
    const { host, input, stopping, aborted } = context;
    const resource = input.node.name;
    stopping.throwIfAborted();
    yield looked('snapshot', 'Checking if a snapshot is wanted', { resource });
    const upgrade = dueUpgrade(context);
    if (upgrade === null || input.snapshot !== true) return;
    if ((await host.findCassandra(layoutOf(input).directory)) === null) {
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
    yield milestone('snapshot-taken', `Took the snapshot ${tag}`, true, {
      resource,
      after: { tag, 'snapshot-ms': host.nowMs() - startedMs },
    });
  },
};
